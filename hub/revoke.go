package hub

import (
	"leerkring/internal/fault"
)

// Recheck asks again, on every node, what a person may hear: something about
// their access has changed. 0 is everybody.
func (h *Hub) Recheck(person int64) {
	h.start(func() { h.recheck(person) })
	h.publish(controlChannel, recheckMessage(person))
}

// recheckChanged asks whose access changed lately. It finds what other
// processes did, and what the broker lost.
func (h *Hub) recheckChanged() {
	people, err := h.o.Gate.AccessChanges(h.life)
	if err != nil {
		if h.life.Err() == nil {
			h.o.Log.Warn("whose access changed cannot be read", "error", err)
		}
		return
	}
	for _, person := range people {
		h.recheck(person)
	}
}

func (h *Hub) recheck(person int64) {
	conns := h.people.of(person)
	if person == 0 {
		conns = h.people.all()
	}
	for _, c := range conns {
		c.recheck()
	}
}

// recheck asks the gate who this is now, and for each stream whether they may
// still listen. What has ended, ends here; when the gate cannot say, the
// connection does.
func (c *connection) recheck() {
	h := c.hub
	who, err := h.o.Gate.Again(h.life, c.identity())
	if fault.Is(err, fault.Unidentified) {
		c.leave(closeEnded, "signed out")
		return
	}
	if err != nil {
		c.leave(closeGoingAway, "")
		return
	}
	c.mu.Lock()
	c.who = who
	listeners := make([]*listener, 0, len(c.listeners))
	for _, l := range c.listeners {
		listeners = append(listeners, l)
	}
	c.mu.Unlock()
	for _, l := range listeners {
		switch err := h.o.Gate.MayListen(h.life, who, l.topic.stream); {
		case err == nil:
		case fault.Is(err, fault.NotFound):
			h.stopListening(l, revokedEvent(l.topic.stream))
		default:
			c.leave(closeGoingAway, "")
			return
		}
	}
}
