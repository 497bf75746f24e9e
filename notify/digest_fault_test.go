package notify_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leerkring/forum"
	"leerkring/internal/jobs"
	"leerkring/notify"
)

func contextWithStop() (context.Context, context.CancelFunc) { return context.WithCancel(ctx) }

// fragile is a mailer around a real one that breaks: before the mail is taken,
// or after, when nobody knows any more that it was.
type fragile struct {
	notify.Mailer
	before, after func() error
}

func (f fragile) Send(ctx context.Context, m notify.Message) error {
	if err := f.before(); err != nil {
		return err
	}
	if err := f.Mailer.Send(ctx, m); err != nil {
		return err
	}
	return f.after()
}

func fine() error { return nil }

// Two hundred people, a mail server that breaks at random, a program that is
// killed between sending and writing it down: nobody misses their digest, and
// who gets it twice gets it under one Message-ID (F16, in short).
func TestNobodyMissesADigest(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.mayFail = true
		people := r.crowd(200)
		r.Stream(r.manager, r.space, forum.Discussion)
		r.work()
		chance := rand.New(rand.NewPCG(3, 4))
		var mu sync.Mutex
		often := func(p float64) bool {
			mu.Lock()
			defer mu.Unlock()
			return chance.Float64() < p
		}
		mailer, err := notify.OpenMailer("", r.folder, notify.DefaultFrom(base))
		if err != nil {
			t.Fatal(err)
		}
		var lost atomic.Int64
		r.use(fragile{mailer,
			func() error {
				if often(0.3) {
					return errors.New("421 try again later")
				}
				return nil
			},
			func() error {
				if often(0.15) {
					lost.Add(1)
					panic("killed after the mail was taken")
				}
				return nil
			}})
		r.plan()
		for try := 1; r.states()["planned"] > 0 && try <= 12; try++ {
			if _, err := r.queue.Once(ctx); err != nil {
				t.Fatal(err)
			}
			r.Clock.Advance(jobs.Backoff(try))
		}
		got := map[string][]string{}
		for _, l := range r.mails() {
			got[l.to] = append(got[l.to], l.header.Get("Message-Id"))
		}
		doubles := 0
		for i := range people {
			ids := got[fmt.Sprintf("lid.%d@voorbeeldstad.example", i)]
			if len(ids) == 0 {
				t.Errorf("person %d got nothing", i)
			}
			for _, id := range ids {
				if id != ids[0] {
					t.Errorf("person %d got one digest under two names: %v", i, ids)
				}
			}
			doubles += len(ids) - 1
		}
		if int64(doubles) > lost.Load() {
			t.Errorf("%d doubles, but only %d were lost sight of", doubles, lost.Load())
		}
		if states := r.states(); states["planned"] != 0 || states["failed"] != 0 {
			t.Errorf("mails ended as %v", states)
		}
		t.Logf("%d times lost sight of, %d doubles", lost.Load(), doubles)
		r.use(mailer)
		if letters := r.sendNow(); len(letters) != 0 {
			t.Errorf("%d are told the same again", len(letters))
		}
	})
}

// Without faults nobody gets anything twice, with two nodes on one database.
func TestTwoNodesSendEachDigestOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.crowd(100)
		r.Stream(r.manager, r.space, forum.Discussion)
		r.work()
		r.plan()
		one := r.queue
		mailer, err := notify.OpenMailer("", r.folder, notify.DefaultFrom(base))
		if err != nil {
			t.Fatal(err)
		}
		r.use(mailer)
		var wg sync.WaitGroup
		for _, q := range []*jobs.Queue{one, r.queue} {
			wg.Go(func() {
				if _, err := q.Once(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		// And somebody types `leerkring digest send --now` meanwhile.
		wg.Go(func() {
			if _, err := r.notify.SendNow(ctx); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		r.work()
		letters := r.byReader(r.mails()) // fails on two to one address
		if len(letters) != 103 {
			t.Errorf("%d digests", len(letters))
		}
	})
}

// A mail server that is away for long: the digest is given up, leaves a trace,
// and what it held comes in the next.
func TestDigestThatCannotBeSent(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.mayFail = true
		mailer, err := notify.OpenMailer("", r.folder, notify.DefaultFrom(base))
		if err != nil {
			t.Fatal(err)
		}
		for name, broken := range map[string]error{"away": errors.New("connection refused"), "refused": fmt.Errorf("%w: 550", notify.ErrRefused)} {
			var counted atomic.Int64
			r.use(fragile{mailer, func() error { counted.Add(1); return broken }, fine})
			stream := r.Stream(r.bram, r.space, forum.Discussion)
			r.plan()
			for try := range 12 {
				if _, err := r.queue.Once(ctx); err != nil {
					t.Fatal(err)
				}
				r.Clock.Advance(jobs.Backoff(try + 1))
			}
			if states := r.states(); states["planned"] != 0 || states["failed"] == 0 {
				t.Errorf("%s: mails ended as %v", name, states)
			}
			tries := counted.Load()
			if name == "refused" && tries != 3 || name == "away" && (tries < 3*9 || tries > 3*12) { // Mieke, Anna, Anaïs
				t.Errorf("%s: %d tries", name, tries)
			}
			dead, err := jobs.ListDead(ctx, r.DB, 10)
			if err != nil || len(dead) == 0 || !strings.Contains(dead[0].LastError, broken.Error()) {
				t.Errorf("%s: no trace: %+v %v", name, dead, err)
			}
			r.use(mailer)
			r.plan()
			r.work()
			found := 0
			for _, l := range r.mails() {
				if strings.Contains(l.text, forum.StreamPath(stream.ID)) {
					found++
				}
			}
			if found != 3 {
				t.Errorf("%s: the next digest told %d of 3 of it", name, found)
			}
		}
	})
}

// A mail that is refused, or a server that hangs, keeps nobody else waiting.
func TestOneBadAddressHoldsUpNobody(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.mayFail = true
		mailer, err := notify.OpenMailer("", r.folder, notify.DefaultFrom(base))
		if err != nil {
			t.Fatal(err)
		}
		r.crowd(50)
		r.Stream(r.manager, r.space, forum.Discussion)
		r.work()
		var first atomic.Bool
		r.use(fragile{mailer, func() error {
			if first.CompareAndSwap(false, true) {
				return notify.ErrRefused
			}
			return nil
		}, fine})
		sent, err := r.notify.SendNow(ctx)
		if sent != 52 || !errors.Is(err, notify.ErrRefused) {
			t.Errorf("%d sent, %v", sent, err)
		}
		if states := r.states(); states["sent"] != 52 || states["failed"] != 1 {
			t.Errorf("mails ended as %v", states)
		}
		// A server that is away is not asked for everybody in turn; what was begun
		// goes out when it is back, and the rest with the next.
		r.Stream(r.manager, r.space, forum.Discussion)
		r.mails()
		tries := 0
		r.use(fragile{mailer, func() error { tries++; return errors.New("connection refused") }, fine})
		if sent, err := r.notify.SendNow(ctx); sent != 0 || err == nil || tries != 3 {
			t.Errorf("%d sent, %v, after %d tries", sent, err, tries)
		}
		r.use(mailer)
		r.Clock.Advance(3 * time.Minute)
		r.work()
		late := len(r.mails())
		if more := len(r.sendNow()); late != 3 || more != 50 {
			t.Errorf("%d when it was back, %d with the next", late, more)
		}
	})
}
