package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// Handler does one job. It may run more than once for one job. When its context
// ends, the lease is over, or the program stops: it must return.
type Handler func(ctx context.Context, payload json.RawMessage) error

// ErrGiveUp, wrapped in a handler's error, makes the job dead at once: trying
// again cannot help.
var ErrGiveUp = errors.New("jobs: not to be tried again")

const (
	// batch is how many jobs are claimed in one transaction.
	batch = 50
	// workers is how many handlers run at once.
	workers = 4
	// lease is how long a claimed job is ours; its handler gets less.
	lease = 2 * time.Minute
	// patience is how long a handler may take.
	patience = 90 * time.Second
	// poll is how often the queue looks when nobody wakes it: for jobs whose
	// time has come, and for those of other nodes.
	poll = 500 * time.Millisecond
	// maxAttempts is how often a job is tried: over about a day.
	maxAttempts = 12
)

// Queue takes jobs and hands them to handlers.
type Queue struct {
	db       *database.DB
	clock    *clock.Clock
	log      *slog.Logger
	handlers map[string]Handler
	kinds    []string
	holder   string
	wake     chan struct{}
}

// NewQueue returns a queue that does the kinds of jobs for which there is a
// handler, and leaves others to the nodes that know them.
func NewQueue(db *database.DB, clock *clock.Clock, log *slog.Logger, handlers map[string]Handler) *Queue {
	q := &Queue{db: db, clock: clock, log: log, handlers: handlers, holder: uuid.NewString(), wake: make(chan struct{}, 1)}
	for kind := range handlers {
		q.kinds = append(q.kinds, kind)
	}
	slices.Sort(q.kinds)
	return q
}

// Wake makes the queue look now. Call it after the commit that enqueued.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Run does jobs until ctx ends; then it lets the running ones finish, and
// returns.
func (q *Queue) Run(ctx context.Context) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		for ctx.Err() == nil {
			done, err := q.Once(ctx)
			if err != nil {
				q.log.Warn("the queue cannot be read", "error", err)
				break
			}
			if done == 0 {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-q.wake:
		}
	}
}

// claimed is a job that is ours for the time of the lease.
type claimed struct {
	ID       int64
	Kind     string
	Payload  string
	Attempts int
	err      error
}

// Once does the jobs that are due, one batch of them, and returns how many.
func (q *Queue) Once(ctx context.Context) (int, error) {
	mine, err := q.claim(ctx)
	if err != nil || len(mine) == 0 {
		return 0, err
	}
	var wg sync.WaitGroup
	next := make(chan *claimed)
	for range min(workers, len(mine)) {
		wg.Go(func() {
			for j := range next {
				j.err = q.handle(ctx, j)
			}
		})
	}
	for i := range mine {
		next <- &mine[i]
	}
	close(next)
	wg.Wait()
	// Even when the program is stopping: what was done must not be done again.
	return len(mine), q.settle(context.WithoutCancel(ctx), mine)
}

// claim takes a batch of due jobs. Jobs whose lease has run out are due again.
func (q *Queue) claim(ctx context.Context) (mine []claimed, err error) {
	due, err := q.anythingDue(ctx)
	if err != nil || !due {
		return nil, err
	}
	err = q.db.Write(ctx, func(tx *database.Tx) error {
		mine = nil
		now := q.clock.Now()
		return tx.Select(&mine, `UPDATE jobs SET leased_by = ?, leased_until = ?, attempts = attempts + 1
			WHERE id IN (SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= ? AND (leased_until IS NULL OR leased_until < ?)
				AND kind IN (?) ORDER BY run_at LIMIT ? `+skipLocked(tx)+`)
			RETURNING id, kind, payload, attempts`, q.holder, now.Add(lease), now, now, q.kinds, batch)
	})
	slices.SortFunc(mine, func(a, b claimed) int { return int(a.ID - b.ID) })
	return mine, err
}

// anythingDue looks without taking the right to write.
func (q *Queue) anythingDue(ctx context.Context) (due bool, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		now := q.clock.Now()
		due, err = tx.Exists(`SELECT 1 FROM jobs WHERE dead_at IS NULL AND run_at <= ?
			AND (leased_until IS NULL OR leased_until < ?) AND kind IN (?) LIMIT 1`, now, now, q.kinds)
		return err
	})
	return due, err
}

func (q *Queue) handle(ctx context.Context, j *claimed) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return q.handlers[j.Kind](ctx, json.RawMessage(j.Payload))
}

// settle deletes the jobs that were done and plans the others anew.
func (q *Queue) settle(ctx context.Context, mine []claimed) error {
	return q.db.Write(ctx, func(tx *database.Tx) error {
		now := q.clock.Now()
		var done []int64
		for _, j := range mine {
			if j.err == nil {
				done = append(done, j.ID)
				continue
			}
			if err := q.planAgain(tx, now, j); err != nil {
				return err
			}
		}
		if len(done) == 0 {
			return nil
		}
		_, err := tx.Exec(`DELETE FROM jobs WHERE id IN (?) AND leased_by = ?`, done, q.holder)
		return err
	})
}

func (q *Queue) planAgain(tx *database.Tx, now time.Time, j claimed) error {
	dead := j.Attempts >= maxAttempts || errors.Is(j.err, ErrGiveUp)
	q.log.Warn("a job failed", "kind", j.Kind, "job", j.ID, "attempt", j.Attempts, "dead", dead, "error", j.err)
	reason := j.err.Error()
	if len(reason) > 2000 {
		reason = reason[:2000]
	}
	var deadAt *time.Time
	if dead {
		deadAt = &now
	}
	_, err := tx.Exec(`UPDATE jobs SET run_at = ?, leased_by = NULL, leased_until = NULL, last_error = ?, dead_at = ?
		WHERE id = ? AND leased_by = ?`, now.Add(Backoff(j.Attempts)), reason, deadAt, j.ID, q.holder)
	return err
}

// Backoff returns how long a job waits after its n-th failure: 5 s, 15 s, 45 s …
// at most four hours.
func Backoff(n int) time.Duration {
	wait := 5 * time.Second
	for range n - 1 {
		if wait *= 3; wait > 4*time.Hour {
			return 4 * time.Hour
		}
	}
	return wait
}

// Dead is a job that failed too often.
type Dead struct {
	ID        int64
	Kind      string
	Attempts  int
	LastError string
	DeadAt    time.Time
}

// ListDead returns the jobs nobody tries any more, the newest first.
func ListDead(ctx context.Context, db *database.DB, limit int) (dead []Dead, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&dead, `SELECT id, kind, attempts, last_error, dead_at FROM jobs
			WHERE dead_at IS NOT NULL ORDER BY dead_at DESC LIMIT ?`, limit)
	})
	return dead, err
}

// skipLocked lets two nodes that claim at once pass over each other's rows.
// SQLite has one writer: nobody else claims meanwhile.
func skipLocked(tx *database.Tx) string {
	if tx.Dialect == database.PostgreSQL {
		return `FOR UPDATE SKIP LOCKED`
	}
	return ``
}
