// Package rate says when somebody is going too fast. It counts in memory, per
// node: [Writers] what one person writes, exactly; [Keys] what comes from one
// network address or one mail address, in a few bytes each.
package rate

import (
	"sync"
	"time"

	"leerkring/internal/clock"
	"leerkring/internal/limits"
)

// Writers bounds how fast each person writes, behind every door: never more
// than [limits.WritesBurst] in any [limits.WritesBurstTime], nor more than
// [limits.WritesSteady] in any [limits.WritesSteadyTime]. A nil *Writers bounds
// nobody. It is safe for concurrent use.
type Writers struct {
	clock *clock.Clock

	mu     sync.Mutex
	recent map[int64][]int64 // per person the moments of their last writes, in milliseconds, oldest first
	swept  int64
}

// NewWriters returns writers who have written nothing yet.
func NewWriters(clock *clock.Clock) *Writers {
	return &Writers{clock: clock, recent: map[int64][]int64{}}
}

// Off returns the Writers that bound nobody.
func Off() *Writers { return nil }

// Allow counts a write of person and reports whether it may go on. When not,
// it is not counted, and wait is how long until one would.
func (w *Writers) Allow(person int64) (wait time.Duration, ok bool) {
	if w == nil {
		return 0, true
	}
	now := w.clock.Now().UnixMilli()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forgetIdle(now)
	recent := w.recent[person]
	if n := len(recent); n > 0 && recent[n-1] > now {
		recent = recent[:0] // the clock was put back: what was counted says nothing
	}
	wait = max(untilFree(recent, now, limits.WritesBurst, limits.WritesBurstTime),
		untilFree(recent, now, limits.WritesSteady, limits.WritesSteadyTime))
	if wait > 0 {
		return wait, false
	}
	if len(recent) >= limits.WritesSteady {
		recent = recent[:copy(recent, recent[len(recent)-limits.WritesSteady+1:])]
	}
	w.recent[person] = append(recent, now)
	return 0, true
}

// untilFree returns how long until there are fewer than most moments within
// the period before now.
func untilFree(recent []int64, now int64, most int, period time.Duration) time.Duration {
	if len(recent) < most {
		return 0
	}
	free := recent[len(recent)-most] + period.Milliseconds()
	return time.Duration(max(0, free-now)) * time.Millisecond
}

// forgetIdle drops, once in a while, the people whose last write bounds
// nothing any more, so that memory follows who is writing and not who ever did.
func (w *Writers) forgetIdle(now int64) {
	period := limits.WritesSteadyTime.Milliseconds()
	if since := now - w.swept; since >= 0 && since < period {
		return
	}
	w.swept = now
	for person, recent := range w.recent {
		if age := now - recent[len(recent)-1]; age < 0 || age >= period {
			delete(w.recent, person)
		}
	}
}
