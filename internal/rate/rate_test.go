package rate

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"leerkring/internal/clock"
	"leerkring/internal/limits"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func TestWritersAtTheBurst(t *testing.T) {
	c := clock.At(start)
	w := NewWriters(c)
	for i := range limits.WritesBurst {
		if _, ok := w.Allow(7); !ok {
			t.Fatalf("write %d is refused", i+1)
		}
		c.Advance(100 * time.Millisecond)
	}
	wait, ok := w.Allow(7)
	if want := 7 * time.Second; ok || wait != want { // the first was 3 s ago
		t.Fatalf("write %d: %v, wait %v, want %v", limits.WritesBurst+1, ok, wait, want)
	}
	if _, ok := w.Allow(8); !ok {
		t.Error("somebody else pays for it")
	}
	c.Advance(wait - time.Millisecond)
	if _, ok := w.Allow(7); ok {
		t.Error("allowed a millisecond too early")
	}
	c.Advance(time.Millisecond)
	if _, ok := w.Allow(7); !ok {
		t.Error("refused after the wait it was told")
	}
}

func TestWritersOverTenMinutes(t *testing.T) {
	c := clock.At(start)
	w := NewWriters(c)
	done := 0
	for range 20 * 60 { // twice a second for ten minutes
		if _, ok := w.Allow(7); ok {
			done++
		}
		c.Advance(500 * time.Millisecond)
	}
	if done != limits.WritesSteady {
		t.Errorf("%d writes in ten minutes, want %d", done, limits.WritesSteady)
	}
	if n := len(w.recent[7]); n > limits.WritesSteady {
		t.Errorf("%d moments are kept", n)
	}
}

// In no ten seconds and no ten minutes are there more than the limits say,
// however the writes fall.
func TestWritersNeverMore(t *testing.T) {
	c := clock.At(start)
	w := NewWriters(c)
	var kept []time.Time
	for i := range 40_000 {
		if _, ok := w.Allow(1); ok {
			kept = append(kept, c.Now())
		}
		c.Advance(time.Duration(i*7919%173) * time.Millisecond)
	}
	for i := range kept {
		if j := i + limits.WritesBurst; j < len(kept) && kept[j].Sub(kept[i]) < limits.WritesBurstTime {
			t.Fatalf("%d writes within %v", limits.WritesBurst+1, kept[j].Sub(kept[i]))
		}
		if j := i + limits.WritesSteady; j < len(kept) && kept[j].Sub(kept[i]) < limits.WritesSteadyTime {
			t.Fatalf("%d writes within %v", limits.WritesSteady+1, kept[j].Sub(kept[i]))
		}
	}
}

func TestWritersForgetIdlePeople(t *testing.T) {
	c := clock.At(start)
	w := NewWriters(c)
	for person := range int64(1000) {
		w.Allow(person)
	}
	c.Advance(limits.WritesSteadyTime)
	w.Allow(1)
	if len(w.recent) != 1 {
		t.Errorf("%d people are remembered", len(w.recent))
	}
}

func TestWritersWhenTheClockIsPutBack(t *testing.T) {
	c := clock.At(start)
	w := NewWriters(c)
	for range limits.WritesBurst {
		w.Allow(7)
	}
	c.Advance(-time.Hour)
	if wait, ok := w.Allow(7); !ok {
		t.Errorf("must wait %v", wait)
	}
}

func TestOffBoundsNobody(t *testing.T) {
	for range 10 * limits.WritesSteady {
		if _, ok := Off().Allow(7); !ok {
			t.Fatal("refused")
		}
	}
}

func TestWritersAtOnce(t *testing.T) {
	w := NewWriters(clock.At(start))
	var group sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 100 {
		group.Go(func() {
			if _, ok := w.Allow(7); ok {
				mu.Lock()
				allowed++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if allowed != limits.WritesBurst {
		t.Errorf("%d at once, want %d", allowed, limits.WritesBurst)
	}
}

func TestKeys(t *testing.T) {
	c := clock.At(start)
	k := NewKeys(c, 6, time.Hour)
	for i := range 6 {
		if _, ok := k.Allow("a"); !ok {
			t.Fatalf("visit %d is refused", i+1)
		}
	}
	wait, ok := k.Allow("a")
	if ok || wait != 10*time.Minute {
		t.Fatalf("visit 7: %v, wait %v", ok, wait)
	}
	if _, ok := k.Allow("b"); !ok {
		t.Error("another key pays for it")
	}
	c.Advance(wait - time.Millisecond)
	if _, ok := k.Allow("a"); ok {
		t.Error("allowed too early")
	}
	c.Advance(time.Millisecond)
	if _, ok := k.Allow("a"); !ok {
		t.Error("refused after the wait it was told")
	}
	c.Advance(-5 * time.Hour)
	if _, ok := k.Allow("a"); !ok {
		t.Error("refused because the clock was put back")
	}
}

func TestKeysAreBounded(t *testing.T) {
	k := NewKeys(clock.At(start), 2, time.Hour)
	for i := range keysKept + 10_000 {
		if _, ok := k.Allow(strconv.Itoa(i)); !ok {
			t.Fatalf("key %d is refused at its first visit", i)
		}
	}
	if n := len(k.busyUntil); n > keysKept {
		t.Errorf("%d keys are kept", n)
	}
	k.clock.Advance(2 * time.Hour)
	k.Allow("later")
	if n := len(k.busyUntil); n != 1 {
		t.Errorf("%d keys are kept after they paid off", n)
	}
}

func BenchmarkWriters(b *testing.B) {
	w := NewWriters(clock.System())
	for i := 0; b.Loop(); i++ {
		w.Allow(int64(i % 1000))
	}
}
