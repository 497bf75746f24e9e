package rate

import (
	"sync"
	"time"

	"leerkring/internal/clock"
)

// Keys bounds how often each key comes by: up to most at once, and on average
// most per period. It keeps one number per key and at most keysKept keys; when
// there are more at once, it forgets some, which then start afresh. A nil *Keys
// bounds nothing. It is safe for concurrent use.
type Keys struct {
	clock  *clock.Clock
	period time.Duration
	each   time.Duration // what one visit takes of the period

	mu sync.Mutex
	// busyUntil is, per key, when all its visits would be paid off at one per
	// each. A key may be ahead of now by no more than the period.
	busyUntil map[string]time.Time
	swept     time.Time
}

// keysKept bounds the memory to some megabytes.
const keysKept = 100_000

// NewKeys returns keys that may each come by most times per period.
func NewKeys(clock *clock.Clock, most int, period time.Duration) *Keys {
	return &Keys{clock: clock, period: period, each: period / time.Duration(most), busyUntil: map[string]time.Time{}}
}

// Allow counts a visit of key and reports whether it may go on. When not, it
// is not counted, and wait is how long until one would.
func (k *Keys) Allow(key string) (wait time.Duration, ok bool) {
	if k == nil {
		return 0, true
	}
	now := k.clock.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(now)
	until := k.busyUntil[key]
	if until.Before(now) || until.Sub(now) > k.period { // idle, or the clock was put back
		until = now
	}
	until = until.Add(k.each)
	if wait := until.Sub(now) - k.period; wait > 0 {
		return wait, false
	}
	k.busyUntil[key] = until
	return 0, true
}

// forget drops the keys that have paid off, once in a while; and any, when
// there are too many.
func (k *Keys) forget(now time.Time) {
	full := len(k.busyUntil) >= keysKept
	if age := now.Sub(k.swept); !full && age >= 0 && age < k.period {
		return
	}
	k.swept = now
	for key, until := range k.busyUntil {
		if until.Before(now) || until.Sub(now) > k.period {
			delete(k.busyUntil, key)
		}
	}
	for key := range k.busyUntil { // in no order
		if len(k.busyUntil) < keysKept*9/10 {
			return
		}
		delete(k.busyUntil, key)
	}
}
