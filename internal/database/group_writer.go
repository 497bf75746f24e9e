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
// commits all that wait together: one transaction, one wait for the disk, and
// only then the answers.
//
// It has no goroutine of its own. Whoever finds nobody writing takes the lead
// and runs the functions of all who wait; whoever came while the leader was
// busy is led next. A lone writer runs its function where it stands, with no
// change of goroutine.
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

// commit runs the group's functions in one transaction and sets their results.
//
// A function that fails before it has written anything leaves nothing to undo,
// and that is how nearly all fail: they may not, or it is not there. So at first
// there are no savepoints, which cost a copy of every page. When a function does
// fail after it wrote, the group begins anew with them.
func (w *groupWriter) commit(group []*pendingWrite) {
	err := w.transact(group, false)
	if err == errMustUndo {
		err = w.transact(group, true)
	}
	if err != nil {
		failAll(group, err)
	}
}

// errMustUndo says that a function failed that has written.
var errMustUndo = errors.New("database: a part of the group must be undone")

// transact runs the functions and commits. An error means that nothing of the
// group was written, or, when the commit itself failed, that this is in doubt.
func (w *groupWriter) transact(group []*pendingWrite, savepoints bool) (err error) {
	if err := w.conn.begin(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.conn.rollback()
		}
	}()
	for _, p := range group {
		if err := w.include(p, savepoints); err != nil {
			return err
		}
	}
	return w.conn.commit()
}

// include runs one function as a part of the transaction, and undoes what it
// did when it fails.
func (w *groupWriter) include(p *pendingWrite, savepoint bool) error {
	if savepoint {
		if err := w.conn.run(`SAVEPOINT one`); err != nil {
			return err
		}
	}
	before := w.conn.writes
	w.attempt(p)
	if err := w.conn.check(); err != nil {
		return err
	}
	switch {
	case p.err == nil || w.conn.writes == before:
	case !savepoint:
		return errMustUndo
	default:
		if err := w.conn.run(`ROLLBACK TO one`); err != nil {
			return err
		}
	}
	if savepoint {
		return w.conn.run(`RELEASE one`)
	}
	return nil
}

// attempt runs one function. A panic is its owner's to have, not the leader's.
func (w *groupWriter) attempt(p *pendingWrite) {
	p.panic = nil
	defer func() {
		if r := recover(); r != nil {
			p.panic = fmt.Sprintf("%v\n\nin a database write:\n%s", r, debug.Stack())
			p.err = errPanicked
		}
	}()
	p.err = p.fn(&Tx{Dialect: SQLite, ctx: p.ctx, session: w.conn})
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
