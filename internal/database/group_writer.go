package database

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// groupWriter runs write functions on SQLite's one writing connection and
// commits all that wait together: one transaction, a savepoint for each, one
// wait for the disk, and only then the answers.
//
// It has no goroutine of its own. Whoever finds nobody writing takes the lead
// and runs the functions of all who wait; whoever came while the leader was
// busy is led next. A lone writer runs its function where it stands, with no
// savepoint and no change of goroutine.
type groupWriter struct {
	conn *sqliteConn

	mu      sync.Mutex
	waiting []*pendingWrite
	leading bool
	closed  bool
	idle    sync.Cond // signalled when nobody leads any more
}

type pendingWrite struct {
	ctx context.Context
	fn  func(*Tx) error
	// verdict gets one message: the result, or the lead.
	verdict chan verdict
	err     error
	panic   any
}

type verdict struct {
	lead bool
}

// maxGroup bounds how long the first of a group waits for the last.
const maxGroup = 256

func newGroupWriter(c *sqliteConn) *groupWriter {
	w := &groupWriter{conn: c}
	w.idle.L = &w.mu
	return w
}

func (w *groupWriter) write(ctx context.Context, fn func(*Tx) error) error {
	p := &pendingWrite{ctx: ctx, fn: fn, verdict: make(chan verdict, 1)}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	w.waiting = append(w.waiting, p)
	lead := !w.leading
	w.leading = true
	w.mu.Unlock()

	if !lead {
		select {
		case v := <-p.verdict:
			lead = v.lead
		case <-ctx.Done():
			if w.withdraw(p) {
				return ctx.Err()
			}
			v := <-p.verdict // too late: it is being written, or it leads
			lead = v.lead
		}
	}
	if lead {
		w.lead()
	}
	if p.panic != nil {
		panic(p.panic)
	}
	return p.err
}

// lead commits the group that waits now, hands the lead on, and answers. The
// leader is the first of its own group.
func (w *groupWriter) lead() {
	// Let others that are ready to run come and wait too. Without this, on one
	// processor, the leader commits one by one while everybody else starves.
	runtime.Gosched()

	w.mu.Lock()
	n := min(len(w.waiting), maxGroup)
	group := w.waiting[:n:n]
	w.waiting = w.waiting[n:]
	w.mu.Unlock()

	w.commit(group)

	w.mu.Lock()
	if len(w.waiting) > 0 {
		w.waiting[0].verdict <- verdict{lead: true}
	} else {
		w.waiting = nil
		w.leading = false
		w.idle.Broadcast()
	}
	w.mu.Unlock()
	for _, p := range group[1:] {
		p.verdict <- verdict{}
	}
}

// withdraw takes p out of the queue if it has not been taken up.
func (w *groupWriter) withdraw(p *pendingWrite) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, q := range w.waiting {
		if q != p {
			continue
		}
		if i == 0 && len(p.verdict) > 0 {
			return false // the lead has just been handed to it
		}
		w.waiting = append(w.waiting[:i:i], w.waiting[i+1:]...)
		return true
	}
	return false
}

// commit runs the group's functions and sets their results.
func (w *groupWriter) commit(group []*pendingWrite) {
	if err := w.conn.run(`BEGIN IMMEDIATE`); err != nil {
		failAll(group, err)
		return
	}
	var last []func(*Tx) error
	if len(group) == 1 {
		w.attempt(group[0], &last)
		if group[0].err != nil {
			w.conn.run(`ROLLBACK`)
			return
		}
	} else {
		for _, p := range group {
			if err := w.attemptInSavepoint(p, &last); err != nil {
				// The whole transaction is gone or in doubt: nobody was written.
				w.conn.run(`ROLLBACK`)
				failAll(group, err)
				return
			}
		}
	}
	if err := w.finish(last); err != nil {
		w.conn.run(`ROLLBACK`)
		failAll(group, err)
	}
}

// finish does what was put off, and commits.
func (w *groupWriter) finish(last []func(*Tx) error) error {
	for _, fn := range last {
		if err := fn(&Tx{Dialect: SQLite, ctx: context.Background(), session: w.conn}); err != nil {
			return err
		}
	}
	return w.conn.run(`COMMIT`)
}

// attemptInSavepoint runs one function so that its failure undoes only its own
// work. An error means that the transaction itself is broken.
func (w *groupWriter) attemptInSavepoint(p *pendingWrite, last *[]func(*Tx) error) error {
	if err := w.conn.run(`SAVEPOINT one`); err != nil {
		return err
	}
	before := len(*last)
	w.attempt(p, last)
	if p.err != nil {
		*last = (*last)[:before]
		if err := w.conn.run(`ROLLBACK TO one`); err != nil {
			return err
		}
	}
	return w.conn.run(`RELEASE one`)
}

// attempt runs one function. A panic is its owner's to have, not the leader's.
func (w *groupWriter) attempt(p *pendingWrite, last *[]func(*Tx) error) {
	defer func() {
		if r := recover(); r != nil {
			p.panic = fmt.Sprintf("%v\n\nin a database write:\n%s", r, debug.Stack())
			p.err = errPanicked
		}
	}()
	p.err = p.fn(&Tx{Dialect: SQLite, ctx: p.ctx, session: w.conn, last: last})
}

var errPanicked = errors.New("database: the write function panicked")

// failAll answers the group after a failure of the transaction itself. Those
// whose own function had failed keep their own reason.
func failAll(group []*pendingWrite, err error) {
	for _, p := range group {
		if p.err == nil {
			p.err = err
		}
	}
}

// close lets the waiting writes finish and refuses new ones.
func (w *groupWriter) close() {
	w.mu.Lock()
	w.closed = true
	for w.leading {
		w.idle.Wait()
	}
	w.mu.Unlock()
	w.conn.close()
}
