package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// Handler does one job. It may run more than once for one job. When its context
// ends, its time is over or the program stops: it must return.
type Handler func(ctx context.Context, payload json.RawMessage) error

// ErrGiveUp, wrapped in a handler's error, makes the job dead at once: trying
// again cannot help.
var ErrGiveUp = errors.New("jobs: not to be tried again")

const (
	// workers is how many jobs of one kind run at once. Every kind has its own, so
	// a mail server that hangs holds up that mail and nothing else.
	workers = 4
	// lease is how long a claimed job is ours; its handler gets less.
	lease = 2 * time.Minute
	// patience is how long a handler may take.
	patience = 90 * time.Second
	// goodbye is how long a running handler may go on when the program stops.
	goodbye = 5 * time.Second
	// poll is how often the queue looks when nobody wakes it: for jobs whose
	// time has come, and for those of other nodes.
	poll = 500 * time.Millisecond
	// lull is how long a look waits for more to come: in a busy moment one look
	// is for many.
	lull = 20 * time.Millisecond
	// maxAttempts is how often a job is tried: over most of a day.
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

// Run does jobs until ctx ends; then it lets the running ones finish, for a few
// seconds, and returns.
func (q *Queue) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	calls := make(map[string]chan struct{}, len(q.kinds))
	for _, kind := range q.kinds {
		call := make(chan struct{}, workers)
		calls[kind] = call
		for range workers {
			wg.Go(func() { q.work(ctx, kind, call) })
		}
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		due, err := q.due(ctx)
		if err != nil && ctx.Err() == nil {
			q.log.Warn("the queue cannot be read", "error", err)
		}
		for _, d := range due {
			for range d.N {
				select {
				case calls[d.Kind] <- struct{}{}:
				default: // all are called already
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-q.wake:
			select {
			case <-ctx.Done():
				return
			case <-time.After(lull):
			}
		}
	}
}

// work is one worker of one kind: when called, it does jobs until none is due.
func (q *Queue) work(ctx context.Context, kind string, call <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-call:
			if _, err := q.drain(ctx, kind); err != nil && ctx.Err() == nil {
				q.log.Warn("the queue cannot be read", "error", err)
			}
		}
	}
}

// Once does the jobs that are due now, and returns how many it did.
func (q *Queue) Once(ctx context.Context) (int, error) {
	due, err := q.due(ctx)
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	var done atomic.Int64
	failures := make(chan error, workers*len(due))
	for _, d := range due {
		for range d.N {
			wg.Go(func() {
				n, err := q.drain(ctx, d.Kind)
				done.Add(int64(n))
				failures <- err
			})
		}
	}
	wg.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	return int(done.Load()), err
}

// dueKind is a kind of which jobs are due, and how many workers have use for it.
type dueKind struct {
	Kind string
	N    int
}

// due looks without taking the right to write, and no further than there are
// workers: how much more waits makes no difference, however much that is.
func (q *Queue) due(ctx context.Context) (kinds []dueKind, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		kinds = nil
		now := q.clock.Now()
		for _, kind := range q.kinds {
			d := dueKind{Kind: kind}
			if err := tx.Get(&d.N, `SELECT count(*) FROM (SELECT 1 FROM jobs WHERE kind = ? AND dead_at IS NULL AND run_at <= ?
				AND (leased_until IS NULL OR leased_until <= ?) LIMIT ?) AS due`, kind, now, now, workers); err != nil {
				return err
			}
			if d.N > 0 {
				kinds = append(kinds, d)
			}
		}
		return nil
	})
	return kinds, err
}

// claimed is a job that is ours for the time of the lease.
type claimed struct {
	ID       int64
	Kind     string
	Payload  string
	Attempts int
}

// drain does jobs of a kind until none is due or the program stops. What one
// did is written down in the transaction that takes the next.
func (q *Queue) drain(ctx context.Context, kind string) (done int, err error) {
	job, err := q.claim(ctx, kind, nil, nil)
	for job != nil && err == nil {
		failure := q.handle(ctx, job)
		done++
		next := kind
		if ctx.Err() != nil {
			next = "" // stopping: write down, and take no more
		}
		job, err = q.claim(context.WithoutCancel(ctx), next, job, failure)
	}
	return done, err
}

// claim writes down how a job ended (finished, if there is one) and takes the
// next that is due. Jobs whose lease has run out are due again.
func (q *Queue) claim(ctx context.Context, kind string, finished *claimed, failure error) (next *claimed, err error) {
	err = q.db.Write(ctx, func(tx *database.Tx) error {
		next = nil
		now := q.clock.Now()
		if finished != nil {
			if err := q.settle(tx, now, finished, failure); err != nil {
				return err
			}
		}
		if kind == "" {
			return nil
		}
		var job claimed
		err := tx.Get(&job, `UPDATE jobs SET leased_by = ?, leased_until = ?, attempts = attempts + 1
			WHERE id = (SELECT id FROM jobs WHERE kind = ? AND dead_at IS NULL AND run_at <= ?
				AND (leased_until IS NULL OR leased_until <= ?) ORDER BY run_at, id LIMIT 1 `+skipLocked(tx)+`)
			RETURNING id, kind, payload, attempts`, q.holder, now.Add(lease), kind, now, now)
		if err == database.ErrNoRows {
			return nil
		}
		next = &job
		return err
	})
	if err != nil {
		return nil, err
	}
	if failure != nil {
		q.log.Warn("a job failed", "kind", finished.Kind, "job", finished.ID, "attempt", finished.Attempts,
			"dead", isDead(finished, failure), "error", failure)
	}
	return next, nil
}

func (q *Queue) handle(ctx context.Context, j *claimed) (err error) {
	if j.Attempts > maxAttempts {
		// Nobody wrote down how it ended, so often: it takes the program with it.
		return fmt.Errorf("%w: its handler never came back", ErrGiveUp)
	}
	handling, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(goodbye):
			cancel()
		case <-handling.Done():
		}
	})
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return q.handlers[j.Kind](handling, json.RawMessage(j.Payload))
}

// settle deletes a job that was done and plans another try of one that was not.
// A job that is no longer ours, because it took longer than the lease, is left
// to whoever has it now.
func (q *Queue) settle(tx *database.Tx, now time.Time, j *claimed, failure error) error {
	if failure == nil {
		_, err := tx.Exec(`DELETE FROM jobs WHERE id = ? AND leased_by = ? AND attempts = ?`, j.ID, q.holder, j.Attempts)
		return err
	}
	reason := reasonOf(failure)
	if isDead(j, failure) {
		// Without its key, so that a new job can try the same.
		_, err := tx.Exec(`UPDATE jobs SET unique_key = NULL, leased_by = NULL, leased_until = NULL, last_error = ?, dead_at = ?
			WHERE id = ? AND leased_by = ? AND attempts = ?`, reason, now, j.ID, q.holder, j.Attempts)
		return err
	}
	_, err := tx.Exec(`UPDATE jobs SET run_at = ?, leased_by = NULL, leased_until = NULL, last_error = ?
		WHERE id = ? AND leased_by = ? AND attempts = ?`, now.Add(Backoff(j.Attempts)), reason, j.ID, q.holder, j.Attempts)
	return err
}

// reasonOf is the failure as it is kept: as much of it as is of use, and nothing
// that a database does not take for text.
func reasonOf(failure error) string {
	reason := strings.ReplaceAll(failure.Error(), "\x00", "")
	return strings.ToValidUTF8(reason[:min(len(reason), 2000)], "")
}

func isDead(j *claimed, failure error) bool {
	return j.Attempts >= maxAttempts || errors.Is(failure, ErrGiveUp)
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
			WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id DESC LIMIT ?`, limit)
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
