package hub

import (
	"math/rand/v2"
	"sync"

	"leerkring/internal/limits"
)

// wheelSlots divides the time between two pings of one connection.
const wheelSlots = 50

// wheel spreads the connections over the time between pings, at random, so
// that ten thousand that came at once are not all pinged at once, and none
// needs a timer of its own.
type wheel struct {
	slots [wheelSlots]wheelSlot
	at    int
}

type wheelSlot struct {
	mu    sync.Mutex
	conns map[*connection]struct{}
}

func newWheel() *wheel {
	w := &wheel{}
	for i := range w.slots {
		w.slots[i].conns = map[*connection]struct{}{}
	}
	return w
}

func (w *wheel) add(c *connection) {
	c.slot = rand.IntN(wheelSlots)
	s := &w.slots[c.slot]
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
}

func (w *wheel) remove(c *connection) {
	s := &w.slots[c.slot]
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// turnWheel pings the connections of the next slot, and cuts those that left
// too many pings unanswered: a cable that was pulled says nothing.
func (h *Hub) turnWheel() {
	s := &h.wheel.slots[h.wheel.at]
	h.wheel.at = (h.wheel.at + 1) % wheelSlots
	s.mu.Lock()
	conns := make([]*connection, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		if c.unanswered.Add(1) > limits.PingsMissed {
			c.out.cut()
			continue
		}
		c.send(pingFrame)
		h.watchEnd(c)
	}
}
