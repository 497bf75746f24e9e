package hub

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"leerkring/internal/fault"
)

// What somebody may hear is asked again when something about it has changed:
// this node's rooms say so, another node does through the broker, or the
// journal that the Gate reads, which is never lost. What has ended, ends here
// within a second or two; when the Gate cannot say, the connection closes; and
// while it cannot even say whose access changed, nothing of what other nodes
// say is passed on.

// rechecks is whose access is to be asked again.
type rechecks struct {
	mu   sync.Mutex
	due  map[int64]bool
	wake chan struct{}
	// said counts what came in, so that a newcomer knows whether anything
	// changed while they were let in.
	said atomic.Int64
	// known is when the Gate last said whose access changed, in nanoseconds
	// since the hub began.
	known atomic.Int64
	began time.Time
}

func (r *rechecks) init() {
	r.due, r.wake, r.began = map[int64]bool{}, make(chan struct{}, 1), time.Now()
}

func (r *rechecks) add(people ...int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, person := range people {
		r.due[person] = true
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *rechecks) take() (people []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for person := range r.due {
		people = append(people, person)
	}
	everybody := r.due[0]
	clear(r.due)
	if everybody {
		return []int64{0}
	}
	return people
}

// Recheck asks again, on every node, what a person may hear: something about
// their access has changed. 0 is everybody.
func (h *Hub) Recheck(person int64) {
	h.changed(person)
	h.publish(controlChannel, recheckMessage(person))
}

// changed notes that access has changed.
func (h *Hub) changed(people ...int64) {
	h.rechecks.said.Add(1)
	h.rechecks.add(people...)
}

// readJournal asks whose access changed lately. It finds what other processes
// did, and what the broker lost.
func (h *Hub) readJournal() {
	began := time.Now()
	ctx, cancel := context.WithTimeout(h.life, gateTime)
	defer cancel()
	people, err := h.o.Gate.AccessChanges(ctx)
	if err != nil {
		if h.life.Err() == nil {
			h.o.Log.Warn("whose access changed cannot be read", "error", err)
		}
		return
	}
	if len(people) > 0 {
		h.changed(people...)
	}
	if !h.accessIsKnown() {
		h.o.Log.Info("whose access changed can be read again")
		defer h.resumed("") // what was held back meanwhile
	}
	h.rechecks.known.Store(int64(began.Sub(h.rechecks.began)))
}

// accessIsKnown reports whether the journal was read lately. While it is not,
// a revocation may have passed us by.
func (h *Hub) accessIsKnown() bool {
	return time.Since(h.rechecks.began)-time.Duration(h.rechecks.known.Load()) < h.o.Pace.Hold
}

// gateTime is how long one question to the Gate may take.
const gateTime = 1500 * time.Millisecond

// recheckDue asks again for those who are due, as they come.
func (h *Hub) recheckDue() {
	for {
		select {
		case <-h.life.Done():
			return
		case <-h.rechecks.wake:
		}
		var people inParallel
		for _, person := range h.rechecks.take() {
			if person == 0 {
				h.recheckEverybody()
				continue
			}
			if conns := h.people.of(person); len(conns) > 0 {
				people.do(func() { h.recheck(conns) })
			}
		}
		people.wait()
	}
}

// recheck asks the Gate who one person's connections are now, and to which of
// their streams they may still listen.
func (h *Hub) recheck(conns []*connection) {
	ctx, cancel := context.WithTimeout(h.life, gateTime)
	defer cancel()
	streams := map[int64]bool{}
	var staying []*connection
	for _, c := range conns {
		who, err := h.o.Gate.Again(ctx, c.identity())
		switch {
		case fault.Is(err, fault.Unidentified):
			c.drop(closeEnded, "signed out")
			continue
		case err != nil:
			c.drop(closeGoingAway, "")
			continue
		}
		c.mu.Lock()
		c.who = who
		for stream := range c.listeners {
			streams[stream] = true
		}
		c.mu.Unlock()
		h.watchEnd(c)
		staying = append(staying, c)
	}
	if len(streams) == 0 {
		return
	}
	h.silenceUnless(ctx, []int64{conns[0].person}, keys(streams), staying)
}

// recheckEverybody asks for all connections whether what let them in still
// stands, and for each stream which of its listeners may stay.
func (h *Hub) recheckEverybody() {
	conns := h.people.all()
	ended, err := h.ended(conns)
	if err != nil {
		h.o.Log.Warn("who is signed in cannot be known; closing the sockets", "error", err)
	}
	listeners := map[int64][]*connection{}
	for i, c := range conns {
		switch {
		case err != nil:
			c.drop(closeGoingAway, "")
		case ended[i]:
			c.drop(closeEnded, "signed out")
		default:
			c.mu.Lock()
			for stream := range c.listeners {
				listeners[stream] = append(listeners[stream], c)
			}
			c.mu.Unlock()
		}
	}
	var streams inParallel
	for stream, conns := range listeners {
		streams.do(func() {
			ctx, cancel := context.WithTimeout(h.life, gateTime)
			defer cancel()
			people := map[int64]bool{}
			for _, c := range conns {
				people[c.person] = true
			}
			h.silenceUnless(ctx, keys(people), []int64{stream}, conns)
		})
	}
	streams.wait()
}

func (h *Hub) ended(conns []*connection) ([]bool, error) {
	who := make([]Identity, len(conns))
	for i, c := range conns {
		who[i] = c.identity()
	}
	ctx, cancel := context.WithTimeout(h.life, gateTime)
	defer cancel()
	return h.o.Gate.Ended(ctx, who)
}

// silenceUnless ends what these connections of these people hear of these
// streams, unless the Gate says that they may.
func (h *Hub) silenceUnless(ctx context.Context, people, streams []int64, conns []*connection) {
	may, err := h.o.Gate.Listeners(ctx, people, streams)
	for _, c := range conns {
		if err != nil {
			c.drop(closeGoingAway, "")
			continue
		}
		for _, stream := range streams {
			if l := c.listenerTo(stream); l != nil && !may[Listening{c.person, stream}] {
				h.revoke(l)
			}
		}
	}
}

// queueGrace is how long what was queued before a revocation may take to go out.
const queueGrace = time.Second

// revoke ends a subscription and says so. A connection that is so far behind
// that it would go on to hear what was queued is sent away, to come back
// without it.
func (h *Hub) revoke(l *listener) {
	h.stopListening(l, true)
	out := l.conn.out
	mark := out.mark()
	if !out.behind(mark) {
		return
	}
	h.after(queueGrace, func() {
		if out.behind(mark) {
			l.conn.drop(closeGoingAway, "")
		}
	})
}

// watchEnd asks again at the moment at which what let a connection in will end,
// if that is before the next ping.
func (h *Hub) watchEnd(c *connection) {
	until := c.identity().Until
	if until.IsZero() {
		return
	}
	if left := time.Until(until); left < h.o.Pace.Ping {
		h.after(max(left, 0)+endMargin, func() { h.rechecks.add(c.person) })
	}
}

// endMargin is for clocks that do not quite agree.
const endMargin = 50 * time.Millisecond

func keys(set map[int64]bool) []int64 {
	all := make([]int64, 0, len(set))
	for k := range set {
		all = append(all, k)
	}
	return all
}
