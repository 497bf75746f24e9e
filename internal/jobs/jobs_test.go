package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leerkring/internal/clock"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
	"leerkring/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// desk is a database with a clock, and what was done on it.
type desk struct {
	t     *testing.T
	db    *database.DB
	clock *clock.Clock

	mu   sync.Mutex
	done map[string]int
}

func eachDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		test(t, &desk{t: t, db: db, clock: clock.At(testkit.Start), done: map[string]int{}})
	})
}

func (d *desk) queue(handlers map[string]jobs.Handler) *jobs.Queue {
	return jobs.NewQueue(d.db, d.clock, slog.New(slog.NewTextHandler(d.t.Output(), nil)), handlers)
}

func (d *desk) enqueue(list ...jobs.Job) {
	d.t.Helper()
	if err := d.db.Write(ctx, func(tx *database.Tx) error {
		for _, j := range list {
			if err := jobs.Enqueue(tx, d.clock.Now(), j); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		d.t.Fatal(err)
	}
}

// note is a handler that counts what it gets.
func (d *desk) note(_ context.Context, payload json.RawMessage) error {
	var what string
	if err := json.Unmarshal(payload, &what); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done[what]++
	return nil
}

func (d *desk) times(what string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.done[what]
}

func (d *desk) once(q *jobs.Queue) int {
	d.t.Helper()
	n, err := q.Once(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *desk) waiting() (n int) {
	d.t.Helper()
	if err := d.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&n, `SELECT count(*) FROM jobs WHERE dead_at IS NULL`)
	}); err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *desk) dead() []jobs.Dead {
	d.t.Helper()
	dead, err := jobs.ListDead(ctx, d.db, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	return dead
}

func TestJobIsDoneOnceAndGone(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		q := d.queue(map[string]jobs.Handler{"note": d.note})
		d.enqueue(jobs.Job{Kind: "note", Payload: "a"}, jobs.Job{Kind: "note", Payload: "b"}, jobs.Job{Kind: "of another node", Payload: "c"})
		if n := d.once(q); n != 2 {
			t.Errorf("did %d", n)
		}
		if n := d.once(q); n != 0 {
			t.Errorf("did %d more", n)
		}
		if d.times("a") != 1 || d.times("b") != 1 || d.waiting() != 1 {
			t.Errorf("done %v, %d wait", d.done, d.waiting())
		}
	})
}

func TestJobGoesWithItsTransaction(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		mine := errors.New("mine")
		err := d.db.Write(ctx, func(tx *database.Tx) error {
			if err := jobs.Enqueue(tx, d.clock.Now(), jobs.Job{Kind: "note", Payload: "a"}); err != nil {
				return err
			}
			return mine
		})
		if err != mine {
			t.Fatal(err)
		}
		if d.waiting() != 0 {
			t.Error("a job stayed whose transaction was undone")
		}
	})
}

func TestJobWaitsForItsTime(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		q := d.queue(map[string]jobs.Handler{"note": d.note})
		d.enqueue(jobs.Job{Kind: "note", Payload: "a", RunAt: testkit.Start.Add(time.Minute)})
		if d.once(q) != 0 {
			t.Error("done before its time")
		}
		d.clock.Advance(time.Minute)
		if d.once(q) != 1 {
			t.Error("not done at its time")
		}
	})
}

func TestKeyMakesTwoJobsOne(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		q := d.queue(map[string]jobs.Handler{"note": d.note, "other": d.note})
		for range 3 {
			d.enqueue(jobs.Job{Kind: "note", Key: "k", Payload: "a"}, jobs.Job{Kind: "other", Key: "k", Payload: "b"})
		}
		d.once(q)
		if d.times("a") != 1 || d.times("b") != 1 {
			t.Errorf("done %v", d.done)
		}
		d.enqueue(jobs.Job{Kind: "note", Key: "k", Payload: "a"}) // the first is done, so this is another
		d.once(q)
		if d.times("a") != 2 {
			t.Errorf("done %v", d.done)
		}
	})
}

// A failing job is tried at growing intervals, and put aside in the end. Its
// key is free again, so that the same can be asked anew.
func TestFailingJobBacksOffAndDies(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		tries := 0
		q := d.queue(map[string]jobs.Handler{"fail": func(context.Context, json.RawMessage) error {
			tries++
			return errors.New("the wall \x00 is \xff high")
		}})
		d.enqueue(jobs.Job{Kind: "fail", Key: "k"})
		for try := 1; try <= 12; try++ {
			if d.once(q); tries != try {
				t.Fatalf("tried %d times, want %d", tries, try)
			}
			d.clock.Advance(jobs.Backoff(try) - time.Second)
			if d.once(q); tries != try {
				t.Fatalf("tried before %v were over", jobs.Backoff(try))
			}
			d.clock.Advance(time.Second)
		}
		if d.once(q); tries != 12 {
			t.Fatalf("tried %d times", tries)
		}
		dead := d.dead()
		if len(dead) != 1 || dead[0].Attempts != 12 || !strings.Contains(dead[0].LastError, "the wall") {
			t.Fatalf("dead: %+v", dead)
		}
		d.enqueue(jobs.Job{Kind: "fail", Key: "k"})
		if d.waiting() != 1 {
			t.Error("a dead job stands in the way of a new one")
		}
	})
}

func TestBackoffGrowsToFourHours(t *testing.T) {
	for n, want := range map[int]time.Duration{1: 5 * time.Second, 2: 15 * time.Second, 4: 135 * time.Second, 9: 4 * time.Hour, 60: 4 * time.Hour} {
		if got := jobs.Backoff(n); got != want {
			t.Errorf("Backoff(%d) = %v, want %v", n, got, want)
		}
	}
}

func TestGivingUpAndPanicking(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		q := d.queue(map[string]jobs.Handler{
			"give up": func(context.Context, json.RawMessage) error { return fmt.Errorf("%w: no such address", jobs.ErrGiveUp) },
			"panic":   func(context.Context, json.RawMessage) error { panic("oh dear") },
			"note":    d.note,
		})
		d.enqueue(jobs.Job{Kind: "give up"}, jobs.Job{Kind: "panic"}, jobs.Job{Kind: "note", Payload: "a"})
		d.once(q)
		if dead := d.dead(); len(dead) != 1 || dead[0].Kind != "give up" || dead[0].Attempts != 1 {
			t.Errorf("dead: %+v", dead)
		}
		if d.waiting() != 1 || d.times("a") != 1 {
			t.Errorf("%d wait, done %v", d.waiting(), d.done)
		}
	})
}

// One job in a thousand that never succeeds holds up nobody (F18).
func TestPoisonHoldsUpNobody(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		q := d.queue(map[string]jobs.Handler{"note": func(ctx context.Context, payload json.RawMessage) error {
			if string(payload) == `"poison"` {
				return errors.New("poison")
			}
			return d.note(ctx, payload)
		}})
		var list []jobs.Job
		for i := range 1000 {
			what := fmt.Sprint(i)
			if i == 500 {
				what = "poison"
			}
			list = append(list, jobs.Job{Kind: "note", Payload: what})
		}
		d.enqueue(list...)
		if n := d.once(q); n != 1000 {
			t.Errorf("did %d", n)
		}
		if len(d.done) != 999 || d.waiting() != 1 {
			t.Errorf("%d done, %d wait", len(d.done), d.waiting())
		}
		for what, times := range d.done {
			if times != 1 {
				t.Errorf("%s was done %d times", what, times)
			}
		}
		for range 12 {
			d.clock.Advance(5 * time.Hour)
			d.once(q)
		}
		if dead := d.dead(); len(dead) != 1 || d.waiting() != 0 {
			t.Errorf("dead: %+v, %d wait", dead, d.waiting())
		}
	})
}

// A node that dies leaves its job to another, when the lease is over and not
// before; what it did after all is not written down over the other's.
func TestLeaseThatRunsOutIsTakenOver(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		started, letGo := make(chan bool), make(chan bool)
		lost := d.queue(map[string]jobs.Handler{"note": func(context.Context, json.RawMessage) error {
			started <- true
			<-letGo
			return errors.New("too late")
		}})
		other := d.queue(map[string]jobs.Handler{"note": d.note})
		d.enqueue(jobs.Job{Kind: "note", Payload: "a"})
		ended := make(chan bool)
		go func() {
			defer close(ended)
			if _, err := lost.Once(ctx); err != nil {
				t.Error(err)
			}
		}()
		<-started
		d.clock.Advance(time.Minute)
		if d.once(other) != 0 {
			t.Error("taken over while it was somebody's")
		}
		d.clock.Advance(2 * time.Minute)
		if d.once(other) != 1 || d.times("a") != 1 {
			t.Errorf("not taken over: %v", d.done)
		}
		close(letGo)
		<-ended
		if d.waiting() != 0 {
			t.Error("who lost the job put it back")
		}
	})
}

// A job that takes the program with it, time and again, is put aside as well.
func TestJobThatNeverComesBackDies(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.enqueue(jobs.Job{Kind: "note", Payload: "a"})
		if err := d.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET attempts = 12, leased_by = 'a node that died', leased_until = ?`, d.clock.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		d.once(d.queue(map[string]jobs.Handler{"note": d.note}))
		if dead := d.dead(); len(dead) != 1 || d.times("a") != 0 {
			t.Errorf("dead: %+v, done %v", dead, d.done)
		}
	})
}

// Two nodes on one database do each job once, and none at the same time.
func TestTwoQueuesShareTheWork(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const all = 400
		var byQueue [2]atomic.Int64
		var left atomic.Int64
		left.Store(all)
		finished := make(chan bool)
		handler := func(mine *atomic.Int64) jobs.Handler {
			return func(ctx context.Context, payload json.RawMessage) error {
				mine.Add(1)
				if err := d.note(ctx, payload); err != nil {
					return err
				}
				if left.Add(-1) == 0 {
					close(finished)
				}
				return nil
			}
		}
		running, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		for i := range byQueue {
			q := d.queue(map[string]jobs.Handler{"note": handler(&byQueue[i])})
			wg.Go(func() { q.Run(running) })
		}
		var list []jobs.Job
		for i := range all {
			list = append(list, jobs.Job{Kind: "note", Payload: fmt.Sprint(i)})
		}
		d.enqueue(list...)
		select {
		case <-finished:
		case <-time.After(time.Minute):
			t.Errorf("%d are left", left.Load())
		}
		stop()
		wg.Wait()
		for what, times := range d.done {
			if times != 1 {
				t.Errorf("%s was done %d times", what, times)
			}
		}
		if len(d.done) != all || d.waiting() != 0 {
			t.Errorf("%d done, %d wait", len(d.done), d.waiting())
		}
		t.Logf("one did %d, the other %d", byQueue[0].Load(), byQueue[1].Load())
	})
}

// What hangs holds up its own kind and no other: a mail server must not keep
// notifications from their people.
func TestKindsDoNotWaitForOneAnother(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		hanging, letGo, done := make(chan bool, 100), make(chan bool), make(chan bool)
		q := d.queue(map[string]jobs.Handler{
			"hang": func(context.Context, json.RawMessage) error { hanging <- true; <-letGo; return nil },
			"note": func(context.Context, json.RawMessage) error { close(done); return nil },
		})
		running, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { q.Run(running) })
		for range 60 {
			d.enqueue(jobs.Job{Kind: "hang"})
		}
		q.Wake()
		for range 4 {
			<-hanging
		}
		d.enqueue(jobs.Job{Kind: "note"})
		q.Wake()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("a job waits for those of another kind")
		}
		close(letGo)
		stop()
		wg.Wait()
	})
}

// When the program stops, a handler may finish what it is doing, and no other
// job is begun.
func TestStoppingLetsTheRunningOneFinish(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		started, letGo := make(chan bool, 100), make(chan bool)
		var cut atomic.Bool
		q := d.queue(map[string]jobs.Handler{"note": func(ctx context.Context, payload json.RawMessage) error {
			started <- true
			<-letGo
			cut.Store(ctx.Err() != nil)
			return d.note(ctx, payload)
		}})
		for range 20 {
			d.enqueue(jobs.Job{Kind: "note", Payload: "a"})
		}
		running, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { q.Run(running) })
		for range 4 {
			<-started
		}
		stop()
		close(letGo)
		wg.Wait()
		if cut.Load() || d.times("a") != 4 || d.waiting() != 16 {
			t.Errorf("cut off: %v, done %v, %d wait", cut.Load(), d.done, d.waiting())
		}
	})
}

func TestOneLeadsAtATime(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		one, two := d.queue(nil), d.queue(nil)
		lead := func(q *jobs.Queue) bool {
			leads, err := q.Lead(ctx, "plan", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			return leads
		}
		if !lead(one) || lead(two) || !lead(one) {
			t.Error("the first must lead, and go on leading")
		}
		d.clock.Advance(time.Minute)
		if !lead(two) || lead(one) {
			t.Error("who did not renew in time has lost it")
		}
		free := jobs.Lease{Name: "plan", Holder: "a third"}
		if err := free.Release(ctx, d.db); err != nil {
			t.Fatal(err)
		}
		if lead(one) {
			t.Error("a lease was given back by who did not have it")
		}
		var wg sync.WaitGroup
		var took atomic.Int64
		for i := range 20 {
			wg.Go(func() {
				taken, err := jobs.Lease{Name: "race", Holder: fmt.Sprint(i)}.Take(ctx, d.db, d.clock.Now(), time.Minute)
				if err != nil {
					t.Error(err)
				}
				if taken {
					took.Add(1)
				}
			})
		}
		wg.Wait()
		if took.Load() != 1 {
			t.Errorf("%d took the lease at once", took.Load())
		}
	})
}
