package notify

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/jobs"
)

// A mail that must go out once has a row in the table mails, with the
// Message-ID that every try has. What this file does with it: plan it, take it
// up so that nobody else does, and write down how it ended.

// mailState is what became of a mail.
type mailState string

const (
	mailPlanned mailState = "planned"
	mailSent    mailState = "sent"
	// mailDropped: at the time of sending there was nothing to tell any more.
	mailDropped mailState = "dropped"
	// mailFailed: the mail server refused it, or could not be reached for half a day.
	mailFailed mailState = "failed"
)

const (
	// mailHold is how long one try may take. It is more than a job has.
	mailHold = 2 * time.Minute
	// mailPatience is how long a mail is tried: a little less than its job is.
	mailPatience = 12 * time.Hour
)

// planned is a mail that is to go out.
type planned struct {
	ID             int64
	PersonID       int64
	Kind           string
	NotificationID *int64
	MessageID      string
	PlannedAt      time.Time
}

// mailJob says which mail to send.
type mailJob struct{ Mail int64 }

// planMail writes a mail and the job that sends it at runAt. Nothing is done
// when there is one for this period already (fresh is false).
func (n *Notify) planMail(tx *database.Tx, now, runAt time.Time, job string, p planned, period string) (id int64, fresh bool, err error) {
	p.MessageID = n.messageID(p.Kind, period, p.PersonID)
	err = tx.Get(&id, `INSERT INTO mails (person_id, kind, period, notification_id, message_id, state, planned_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person_id, kind, period) DO NOTHING RETURNING id`,
		p.PersonID, p.Kind, period, p.NotificationID, p.MessageID, mailPlanned, now)
	if err == database.ErrNoRows {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return id, true, jobs.Enqueue(tx, now, jobs.Job{Kind: job, Payload: mailJob{Mail: id}, RunAt: runAt})
}

// messageID returns a Message-ID that is like no other, and tells whoever reads
// the log of a mail server what it is of.
func (n *Notify) messageID(kind, period string, person int64) string {
	return fmt.Sprintf("%s.%s.%d.%s@%s", kind, period, person, strings.ToLower(rand.Text()[:16]), n.host)
}

// errHeld: somebody else is writing to this person right now.
var errHeld = errors.New("another mail to this person is on its way")

// takeUp runs send for a mail that is still planned, while nobody else writes a
// mail of this kind to the same person: two digests that are made at once would
// tell the same. The mail must have ended, or send return an error.
func (n *Notify) takeUp(ctx context.Context, id int64, send func(planned) error) error {
	var p planned
	load := func(tx *database.Tx) error {
		return tx.Get(&p, `SELECT id, person_id, kind, notification_id, message_id, planned_at FROM mails WHERE id = ? AND state = ?`,
			id, mailPlanned)
	}
	if err := n.db.Read(ctx, load); err != nil {
		return nothingFor(err)
	}
	lease := jobs.Lease{Name: fmt.Sprintf("mail.%s.%d", p.Kind, p.PersonID), Holder: rand.Text()}
	if err := n.await(ctx, lease); err != nil {
		return err
	}
	defer func() {
		if err := lease.Release(context.WithoutCancel(ctx), n.db); err != nil {
			n.log.Warn("a lease stays until it runs out", "lease", lease.Name, "error", err)
		}
	}()
	if err := n.db.Read(ctx, load); err != nil { // who held the lease may have sent it
		return nothingFor(err)
	}
	return n.afterTry(ctx, p, send(p))
}

// await takes a lease, or waits a while for who has it: one mail does not take
// long.
func (n *Notify) await(ctx context.Context, lease jobs.Lease) error {
	for wait := 20 * time.Millisecond; ; wait *= 2 {
		held, err := lease.Take(ctx, n.db, n.clock.Now(), mailHold)
		if err != nil || held {
			return err
		}
		if wait > 5*time.Second {
			return errHeld
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func nothingFor(err error) error {
	if err == database.ErrNoRows {
		return nil // it has ended, or the person has gone
	}
	return err
}

// afterTry writes down a mail that will never go out.
func (n *Notify) afterTry(ctx context.Context, p planned, err error) error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, ErrRefused) && n.clock.Now().Sub(p.PlannedAt) < mailPatience {
		return err
	}
	ending := n.db.Write(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		return n.endMails(tx, mailFailed, p.ID)
	})
	if ending != nil {
		return errors.Join(err, ending)
	}
	return fmt.Errorf("%w: %w", jobs.ErrGiveUp, err)
}

// endMails writes down how planned mails ended.
func (n *Notify) endMails(tx *database.Tx, state mailState, ids ...int64) error {
	_, err := tx.Exec(`UPDATE mails SET state = ?, ended_at = ? WHERE id IN (?) AND state = ?`, state, n.clock.Now(), ids, mailPlanned)
	return err
}

// drop ends a mail that has nothing to tell any more.
func (n *Notify) drop(ctx context.Context, p planned) error {
	return n.db.Write(ctx, func(tx *database.Tx) error { return n.endMails(tx, mailDropped, p.ID) })
}
