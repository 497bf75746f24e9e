package hub

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
)

// topic is one stream with listeners on this node. It puts changes in their
// place by number and gives them out, each number once and none before the one
// it follows.
//
// Whoever publishes a change delivers it, unless somebody is delivering already;
// then it waits its turn in pending and goes out with the others that came
// meanwhile, in one write for each listener. So a quiet topic answers at once,
// and a busy one needs fewer writes the busier it is.
type topic struct {
	hub    *Hub
	stream int64

	mu sync.Mutex
	// rev is the last number given out; -1 until the first listener told where
	// the stream stands.
	rev     int64
	pending []*encoded // sorted by rev, all above rev
	// listeners only grows, until it is replaced by a shorter one, so that a
	// delivery walks what it had without the lock. absent is how many in it no
	// longer listen.
	listeners  []*listener
	absent     int
	delivering bool
	// joining counts listeners that have asked where the stream stands and not
	// yet been told; while there are any, recent keeps what is given out.
	joining    int
	recent     []*encoded
	recentFrom int64 // recent has everything given out after this number
	// filling: the Source is being asked, or will be when the timer ends.
	filling bool
	// pause is how long to wait before it is asked again.
	pause  time.Duration
	closed bool
}

// listener is one connection's subscription to a topic. Its fields are guarded
// by the connection's outbox.
type listener struct {
	conn  *connection
	topic *topic
	rev   int64 // the last number it was given
	gone  bool  // nothing more is given

	present bool // counted as present; guarded by the connection
	listed  bool // in the topic's list, and to stay; guarded by the topic
}

// encoded is a change ready to go out.
type encoded struct {
	rev  int64
	json []byte // a frame
	html []byte // a frame with the fragment, made when the first one wants it
	// What html is made of; empty for what came from another node.
	change Change
	data   []byte
	once   sync.Once
	// deflated are both, compressed.
	deflated [2]struct {
		once  sync.Once
		frame []byte
	}
}

// maxPending bounds what waits for a number that is missing; the Source has it all.
const maxPending = 1024

// offer takes changes that happened. It may be called in any order and twice.
func (t *topic) offer(changes ...*encoded) {
	t.mu.Lock()
	for _, e := range changes {
		t.insert(e)
	}
	lead := !t.delivering && t.nextIsThere()
	if lead {
		t.delivering = true
	} else if !t.delivering {
		t.fillLater()
	}
	t.mu.Unlock()
	if !lead {
		return
	}
	// Let others that have just committed put theirs in as well: on one
	// processor they would otherwise each be written out alone.
	runtime.Gosched()
	if t.deliver() {
		t.hub.start(func() {
			for t.deliver() {
			}
		})
	}
}

// insert puts a change in its place among those that wait.
func (t *topic) insert(e *encoded) {
	if e.rev <= t.rev || t.closed {
		return
	}
	i, found := slices.BinarySearchFunc(t.pending, e.rev, func(p *encoded, rev int64) int { return cmp.Compare(p.rev, rev) })
	if found || len(t.pending) >= maxPending {
		return
	}
	t.pending = slices.Insert(t.pending, i, e)
}

func (t *topic) nextIsThere() bool {
	return t.rev >= 0 && len(t.pending) > 0 && t.pending[0].rev == t.rev+1
}

// deliver gives out what is next, once, and reports whether there is more. Only
// one goroutine delivers at a time.
func (t *topic) deliver() (more bool) {
	t.mu.Lock()
	n := 0
	for n < len(t.pending) && t.pending[n].rev == t.rev+1 {
		t.rev = t.pending[n].rev
		n++
	}
	batch := slices.Clone(t.pending[:n])
	t.pending = slices.Delete(t.pending, 0, n)
	if t.joining > 0 {
		t.recent = append(t.recent, batch...)
	}
	listeners := t.listeners
	t.mu.Unlock()

	t.giveOut(batch, listeners)

	t.mu.Lock()
	defer t.mu.Unlock()
	if t.nextIsThere() {
		return true
	}
	t.delivering = false
	t.fillLater()
	return false
}

// runBytes is how much goes out in one write, unless a single change is longer.
const runBytes = 256 << 10

// giveOut writes changes to every listener, a run of them at a time.
func (t *topic) giveOut(batch []*encoded, listeners []*listener) {
	for len(batch) > 0 && len(listeners) > 0 {
		n, size := 1, len(batch[0].json)
		for n < len(batch) && size+len(batch[n].json) <= runBytes {
			size += len(batch[n].json)
			n++
		}
		t.giveRun(batch[:n], listeners)
		batch = batch[n:]
	}
}

// giveRun writes a run of changes to every listener: one frame each, all
// frames of the run in one write.
func (t *topic) giveRun(batch []*encoded, listeners []*listener) {
	var whole [forms][]byte
	for _, l := range listeners {
		f := l.conn.form
		if whole[f] == nil {
			whole[f] = t.join(batch, f)
		}
		l.take(t, batch, whole[f])
	}
	t.hub.stats.frames.Add(int64(len(batch) * len(listeners)))
}

func (t *topic) join(batch []*encoded, f form) []byte {
	if len(batch) == 1 {
		return t.hub.frameOf(batch[0], f)
	}
	var all []byte
	for _, e := range batch {
		all = append(all, t.hub.frameOf(e, f)...)
	}
	return all
}

// take gives a listener a run of changes; whole is all of it as one piece.
func (l *listener) take(t *topic, batch []*encoded, whole []byte) {
	o := l.conn.out
	o.mu.Lock()
	full := false
	switch {
	case l.gone || l.rev >= batch[len(batch)-1].rev:
	case l.rev < batch[0].rev:
		full = o.sendLocked(whole)
	default: // it knew more than the topic when it came
		for _, e := range batch {
			if e.rev > l.rev && !full {
				full = o.sendLocked(t.hub.frameOf(e, l.conn.form))
			}
		}
	}
	l.rev = max(l.rev, batch[len(batch)-1].rev)
	o.mu.Unlock()
	if full {
		l.conn.tooSlow()
	}
}

// begin announces a listener: from now on the topic keeps what it gives out,
// until the listener has been told where the stream stands.
func (t *topic) begin() (ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	if t.joining++; t.joining == 1 {
		t.recentFrom = t.rev
	}
	return true
}

// complete lets a listener in that was told that the stream stands at rev:
// answer goes out first, then what was given out meanwhile, then it is one of
// the listeners. It returns false, and does nothing, when rev is from before
// what the topic remembers: then the Source must be asked again.
func (t *topic) complete(l *listener, rev int64, answer []byte) outcome {
	t.mu.Lock()
	if rev < t.recentFrom {
		t.mu.Unlock()
		return stale
	}
	o := l.conn.out
	o.mu.Lock()
	if l.gone {
		o.mu.Unlock()
		t.mu.Unlock()
		return refused
	}
	full := o.sendLocked(answer)
	delete(o.revoked, t.stream)
	l.rev = rev
	for _, e := range t.recent {
		if e.rev > l.rev && !full {
			full = o.sendLocked(t.hub.frameOf(e, l.conn.form))
			l.rev = e.rev
		}
	}
	o.mu.Unlock()
	l.listed = true
	t.listeners = append(t.listeners, l)
	if t.rev < rev {
		// The Source is ahead of what was published here: what is missing in
		// between is on its way, or will be found by the next comparison. A first
		// listener starts the count.
		if t.rev < 0 {
			t.rev, t.recentFrom = rev, rev
		} else {
			t.fillLater()
		}
	}
	t.dropOld()
	lead := !t.delivering && t.nextIsThere()
	if lead {
		t.delivering = true
	}
	t.mu.Unlock()
	if full {
		l.conn.tooSlow()
	}
	if lead {
		for t.deliver() {
		}
	}
	return joined
}

// outcome is how an attempt to become a listener ended.
type outcome int

const (
	joined  outcome = iota
	stale           // ask the Source again
	refused         // access has ended meanwhile
)

// endJoin ends what begin began, whatever came of it.
func (t *topic) endJoin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.joining--; t.joining == 0 {
		t.recent = nil
	}
}

// dropOld forgets what waits and has been overtaken.
func (t *topic) dropOld() {
	t.pending = slices.DeleteFunc(t.pending, func(e *encoded) bool { return e.rev <= t.rev })
}

// remove takes a listener away, if it is one, and reports whether nobody listens
// any more. That it is gone it knows itself; the list is made shorter now and
// then, so that a whole room may leave at once.
func (t *topic) remove(l *listener) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.listed {
		l.listed = false
		t.absent++
	}
	if t.absent > len(t.listeners)/2 {
		t.listeners = slices.DeleteFunc(slices.Clone(t.listeners), func(x *listener) bool { return !x.listed })
		t.absent = 0
	}
	return t.isIdle()
}

// isIdle reports whether nobody listens or is about to. Called with the lock held.
func (t *topic) isIdle() bool { return len(t.listeners) == t.absent && t.joining == 0 }

// fillLater asks the Source after a moment, if a number is missing still. The
// moment is for those that are only late: two commits are often told in the
// other order. Called with the lock held.
func (t *topic) fillLater() {
	if t.filling || len(t.pending) == 0 || t.rev < 0 || t.closed {
		return
	}
	t.filling = true
	t.hub.after(max(t.pause, t.hub.o.Pace.Gap), func() {
		t.mu.Lock()
		missing := len(t.pending) > 0 && !t.delivering && !t.nextIsThere() && t.rev >= 0
		t.filling = missing
		t.mu.Unlock()
		if missing {
			t.fill()
		}
	})
}

// isBehind reports whether the Source, at rev, has something that was not given
// out.
func (t *topic) isBehind(rev int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rev >= 0 && t.rev < rev
}

// fillTo asks the Source when it is known to be at rev and we are not.
func (t *topic) fillTo(rev int64) {
	t.mu.Lock()
	needed := t.rev >= 0 && t.rev < rev && !t.filling && !t.delivering && !t.closed
	if needed {
		t.filling = true
	}
	t.mu.Unlock()
	if needed {
		t.fill()
	}
}

// fillChunk is how many changes are fetched at a time.
const fillChunk = 200

// fillPauseMax bounds how long a topic waits before it asks a Source again that
// did not help.
const fillPauseMax = 2 * time.Second

// fill asks the Source for everything after the last number given out, and
// gives it out. What stands for several numbers at once (a post that was
// written and then changed) fills the place of all of them.
func (t *topic) fill() {
	h := t.hub
	h.stats.repairs.Add(1)
	helped := false
	defer func() {
		t.mu.Lock()
		t.filling = false
		if helped {
			t.pause = 0
		} else {
			t.pause = min(max(2*t.pause, 2*h.o.Pace.Gap), fillPauseMax)
		}
		t.fillLater()
		t.mu.Unlock()
	}()
	for {
		t.mu.Lock()
		since := t.rev
		t.mu.Unlock()
		found, err := t.missing(since)
		if err != nil {
			if h.life.Err() == nil {
				h.o.Log.Warn("missing changes cannot be fetched; will try again", "stream", t.stream, "error", err)
			}
			return
		}
		if len(found) == 0 || !h.accessIsKnown() || !t.jump(since, found) {
			return
		}
		helped = true
		if len(found) < fillChunk {
			return
		}
	}
}

// missing fetches the next changes after a number.
func (t *topic) missing(since int64) (found []*encoded, err error) {
	ctx, cancel := context.WithTimeout(t.hub.life, sourceTime)
	defer cancel()
	changes, err := t.hub.o.Source.Since(ctx, t.stream, since, fillChunk)
	for _, c := range changes {
		e, err := t.hub.encode(c)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, err
}

// jump gives out what the Source said, with its holes, if nothing else moved
// meanwhile.
func (t *topic) jump(since int64, found []*encoded) bool {
	t.mu.Lock()
	if t.rev != since || t.delivering || t.closed {
		t.mu.Unlock()
		return false
	}
	t.delivering = true
	t.rev = found[len(found)-1].rev
	if t.joining > 0 {
		t.recent = append(t.recent, found...)
	}
	t.dropOld()
	listeners := t.listeners
	t.mu.Unlock()
	t.giveOut(found, listeners)
	for t.deliver() {
	}
	return true
}
