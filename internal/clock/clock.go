// Package clock is where the product reads the time. Nothing else calls
// time.Now for a moment that is stored, compared or shown, and no SQL text asks
// the database for the time: so a test can move it, and two databases agree.
package clock

import (
	"sync"
	"time"
)

// Precision is the grain of every stored moment: what the JSON API shows.
const Precision = time.Millisecond

// Clock tells the time in UTC at [Precision]. The zero value and a nil Clock
// tell the system's time.
type Clock struct {
	mu     sync.Mutex
	frozen bool
	at     time.Time
	offset time.Duration
}

// System returns a clock that follows the machine.
func System() *Clock { return &Clock{} }

// At returns a clock that stands still at t until it is moved.
func At(t time.Time) *Clock { return &Clock{frozen: true, at: t} }

// Now returns the current moment in UTC.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Now().UTC().Truncate(Precision)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return c.at.UTC().Truncate(Precision)
	}
	return time.Now().Add(c.offset).UTC().Truncate(Precision)
}

// Set makes the clock stand still at t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen, c.at = true, t
}

// Advance moves the clock, forward or back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		c.at = c.at.Add(d)
		return
	}
	c.offset += d
}
