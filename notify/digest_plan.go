package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
	"leerkring/internal/limits"
)

const (
	// planEvery is how often somebody looks whose digest is due.
	planEvery = time.Minute
	// planBatch is how many are planned in one transaction.
	planBatch = 100
)

// Run plans digests until ctx ends. Every node runs it; one at a time does it.
func (n *Notify) Run(ctx context.Context) {
	lease := jobs.Lease{Name: "digest.plan", Holder: n.holder}
	defer lease.Release(context.WithoutCancel(ctx), n.db) // it would run out by itself
	ticker := time.NewTicker(planEvery)
	defer ticker.Stop()
	for {
		if err := n.tick(ctx, lease); err != nil && ctx.Err() == nil {
			n.log.Warn("digests cannot be planned", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (n *Notify) tick(ctx context.Context, lease jobs.Lease) error {
	leads, err := lease.Take(ctx, n.db, n.clock.Now(), 2*planEvery+planEvery/2)
	if err != nil || !leads {
		return err
	}
	if _, err := n.PlanDigests(ctx); err != nil {
		return err
	}
	// A lease of a day, which nobody renews, comes free once a day.
	daily := jobs.Lease{Name: "notify.sweep", Holder: rand.Text()}
	if due, err := daily.Take(ctx, n.db, n.clock.Now(), 24*time.Hour); err != nil || !due {
		return err
	}
	return n.Sweep(ctx)
}

// PlanDigests plans the digests that are due, and returns how many. One person
// has one for a day or a week, however often and by how many this is called.
func (n *Notify) PlanDigests(ctx context.Context) (planned int, err error) {
	for {
		looked, fresh, err := n.planSome(ctx)
		planned += fresh
		if err != nil {
			return planned, err
		}
		if fresh > 0 {
			n.tell.WorkWaits()
		}
		if looked < planBatch {
			return planned, nil
		}
	}
}

func (n *Notify) planSome(ctx context.Context) (looked, fresh int, err error) {
	now := n.clock.Now()
	due, err := n.anybodyDue(ctx, now)
	if err != nil || !due {
		return 0, 0, err
	}
	err = n.db.Write(ctx, func(tx *database.Tx) error {
		looked, fresh = 0, 0
		var people []struct {
			ID          int64
			DigestDueAt time.Time
			community.Settings
		}
		if err := tx.Select(&people, `SELECT id, digest_due_at, digest, digest_hour AS hour, digest_weekday AS weekday, time_zone,
				language, mail_mentions, push, theme
			FROM people WHERE digest_due_at <= ? AND disabled_at IS NULL ORDER BY digest_due_at, id LIMIT ? `+passOver(tx),
			now, planBatch); err != nil {
			return err
		}
		looked = len(people)
		for _, p := range people {
			if p.Digest != community.DigestOff {
				_, isNew, err := n.planMail(tx, now, now, jobDigest, planned{PersonID: p.ID, Kind: kindDigest}, period(p.Settings, p.DigestDueAt))
				if err != nil {
					return err
				}
				if isNew {
					fresh++
				}
			}
			if _, err := tx.Exec(`UPDATE people SET digest_due_at = ? WHERE id = ?`, p.NextDigest(now), p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return looked, fresh, err
}

// anybodyDue looks without taking the right to write.
func (n *Notify) anybodyDue(ctx context.Context, now time.Time) (due bool, err error) {
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		due, err = tx.Exists(`SELECT 1 FROM people WHERE digest_due_at <= ? AND disabled_at IS NULL LIMIT 1`, now)
		return err
	})
	return due, err
}

// period names the day or the week, in the person's own time zone, of which
// there is one digest.
func period(s community.Settings, due time.Time) string {
	local := due.In(s.Zone())
	if s.Digest == community.DigestDaily {
		return local.Format(time.DateOnly)
	}
	year, week := local.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// planDigestNow plans a digest outside the person's own rhythm. The queue gets
// it as well, in case we stop before it is sent.
func (n *Notify) planDigestNow(ctx context.Context, person int64) (id int64, err error) {
	err = n.db.Write(ctx, func(tx *database.Tx) error {
		now := n.clock.Now()
		period := now.Format(time.DateOnly) + "-" + strings.ToLower(rand.Text()[:10])
		id, _, err = n.planMail(tx, now, now.Add(mailHold), jobDigest, planned{PersonID: person, Kind: kindDigest}, period)
		return err
	})
	return id, err
}

// digestReaders returns who gets a digest.
func (n *Notify) digestReaders(ctx context.Context) (people []int64, err error) {
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&people, `SELECT id FROM people WHERE digest <> ? AND disabled_at IS NULL ORDER BY id`, community.DigestOff)
	})
	return people, err
}

// Sweep forgets mails that went out long ago, and marks as read what was read
// by reading the stream, so that counting the unread stays cheap.
func (n *Notify) Sweep(ctx context.Context) error {
	now := n.clock.Now()
	if err := n.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM mails WHERE ended_at < ?`, now.Add(-limits.MailsKept))
		return err
	}); err != nil {
		return err
	}
	const some = 2000 // at a time: others want to write as well
	for marked := int64(some); marked == some; {
		if err := n.db.Write(ctx, func(tx *database.Tx) (err error) {
			marked, err = tx.Exec(`UPDATE notifications SET read_at = created_at WHERE id IN (
				SELECT x.id FROM notifications x JOIN stream_people sp ON sp.person_id = x.person_id AND sp.stream_id = x.stream_id
				WHERE x.read_at IS NULL AND sp.seen_rev >= x.rev LIMIT ?)`, some)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// passOver lets two nodes that plan at once pass over each other's rows.
func passOver(tx *database.Tx) string {
	if tx.Dialect == database.PostgreSQL {
		return `FOR UPDATE SKIP LOCKED`
	}
	return ``
}
