package hub

import (
	"context"
	"sync"
	"time"
)

// Publish gives out a change that has just been committed, here and to the
// other nodes. It may be called in any order.
func (h *Hub) Publish(c Change) {
	t := h.topics.find(c.Stream)
	if t == nil && !h.o.Broker.Remote() {
		return // nobody listens
	}
	e, err := h.encode(c)
	if err != nil {
		h.o.Log.Error("a change cannot be written down", "stream", c.Stream, "rev", c.Rev, "error", err)
		return
	}
	if h.o.Broker.Remote() {
		h.publish(streamChannel(c.Stream), changeMessage(e.rev, e.json, h.frameOf(e, asHTML)))
	}
	if t != nil {
		t.offer(e)
	}
}

// encode writes a change down, once, for everyone.
func (h *Hub) encode(c Change) (*encoded, error) {
	data, err := h.o.Presenter.JSON(c)
	if err != nil {
		return nil, err
	}
	event, err := changeEvent(c, data, nil)
	if err != nil {
		return nil, err
	}
	return &encoded{rev: c.Rev, json: textFrame(event), change: c, data: data}, nil
}

// frameOf returns the frame for listeners of one form, made when the first one
// wants it.
func (h *Hub) frameOf(e *encoded, f form) []byte {
	plain := e.json
	if f&asHTML != 0 {
		plain = h.htmlOf(e)
	}
	if f&asDeflated == 0 {
		return plain
	}
	small := &e.deflated[f&asHTML]
	small.once.Do(func() { small.frame = deflated(plain) })
	return small.frame
}

// htmlOf returns the frame with the fragment.
func (h *Hub) htmlOf(e *encoded) []byte {
	e.once.Do(func() {
		if e.html != nil {
			return // another node made it
		}
		e.html = e.json // a page that gets no fragment fetches the post itself
		fragment, err := h.o.Presenter.Fragment(e.change)
		if err != nil {
			h.o.Log.Error("a fragment cannot be made", "stream", e.change.Stream, "error", err)
			return
		}
		if event, err := changeEvent(e.change, e.data, &fragment); err == nil {
			e.html = textFrame(event)
		}
	})
	return e.html
}

// fromBroker takes a message of another node.
func (h *Hub) fromBroker(channel string, message []byte) {
	m, ok := readMessage(message)
	if !ok || m.node == h.node {
		return
	}
	switch m.kind {
	case kindRecheck:
		h.changed(m.number)
		return
	case kindTold:
		h.o.Heard(string(m.second), m.first)
		return
	}
	if !h.accessIsKnown() {
		return // held back: it will be looked up
	}
	switch m.kind {
	case kindChange:
		if t := h.topics.find(streamOf(channel)); t != nil {
			t.offer(&encoded{rev: m.number, json: m.first, html: m.second})
		}
	case kindSignal:
		stream := streamOf(channel)
		if h.typing.mayPassOn(typist{stream, m.number}, told{time.Now(), m.node}) {
			h.toTopic(stream, m.number, m.first)
		}
	case kindJoined, kindLeft:
		h.here.hear(m.node, PresenceStep{Stream: streamOf(channel), Person: m.number, Left: m.kind == kindLeft})
	case kindPerson:
		h.fromElsewhere(m)
	case kindSpace:
		h.start(func() { h.toLocalSpace(m.number, m.first) })
	}
}

// Broadcast tells something to every other node: their Options.Heard gets it.
// It may be lost.
func (h *Hub) Broadcast(kind string, payload []byte) {
	h.publish(controlChannel, toldMessage(kind, payload))
}

// publish hands a message to the broker, in the name of this node.
func (h *Hub) publish(channel string, m message) {
	if h.o.Broker.Remote() {
		m.node = h.node
		h.o.Broker.Publish(channel, m.bytes())
	}
}

// signal sends a passing event to a stream's listeners on all nodes, but not to
// the person it is about.
func (h *Hub) signal(stream int64, event string, person int64) {
	f := signalEvent(stream, event, person)
	h.toTopic(stream, person, f)
	h.publish(streamChannel(stream), signalMessage(person, f))
}

// toTopic writes a passing frame to the listeners here, except those of one
// person.
func (h *Hub) toTopic(stream, except int64, frame []byte) {
	t := h.topics.find(stream)
	if t == nil {
		return
	}
	t.mu.Lock()
	listeners := t.listeners
	t.mu.Unlock()
	for _, l := range listeners {
		if l.conn.person == except {
			continue
		}
		o := l.conn.out
		o.mu.Lock()
		full := !l.gone && o.sendLocked(frame)
		o.mu.Unlock()
		if full {
			l.conn.tooSlow()
		}
	}
}

// compare asks where the streams that are listened to here stand, in one
// query, and fetches what was not given out: whatever the broker lost.
func (h *Hub) compare() {
	topics := h.topics.all()
	ids := make([]int64, len(topics))
	for i, t := range topics {
		ids[i] = t.stream
	}
	h.compareThese(ids)
}

func (h *Hub) compareThese(streams []int64) {
	if len(streams) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(h.life, sourceTime)
	defer cancel()
	revs, err := h.o.Source.Revs(ctx, streams)
	if err != nil {
		if h.life.Err() == nil {
			h.o.Log.Warn("where the streams stand cannot be read", "error", err)
		}
		return
	}
	var fills inParallel
	for stream, rev := range revs {
		if t := h.topics.find(stream); t != nil && t.isBehind(rev) {
			fills.do(func() { t.fillTo(rev) })
		}
	}
	fills.wait()
}

// sourceTime is how long one question to the Source may take.
const sourceTime = 5 * time.Second

// inParallel does a few things at a time.
type inParallel struct {
	places chan struct{}
	work   sync.WaitGroup
}

// parallelMax is how many of them: enough not to wait for one that is slow, and
// few enough to leave the database to others.
const parallelMax = 4

func (p *inParallel) do(fn func()) {
	if p.places == nil {
		p.places = make(chan struct{}, parallelMax)
	}
	p.places <- struct{}{}
	p.work.Go(func() {
		defer func() { <-p.places }()
		fn()
	})
}

func (p *inParallel) wait() { p.work.Wait() }

// comparePause gathers subscriptions that begin together into one query.
const comparePause = 20 * time.Millisecond

// resumed compares what may have been missed: a stream whose subscription has
// only now begun, or, with no channel, everything.
func (h *Hub) resumed(channel string) {
	stream := streamOf(channel)
	if channel == "" || stream != 0 {
		h.here.missed(stream)
	}
	if channel == "" {
		h.after(comparePause, h.compare)
		return
	}
	if stream == 0 {
		return
	}
	h.resumedMu.Lock()
	defer h.resumedMu.Unlock()
	h.resumedStreams = append(h.resumedStreams, stream)
	if len(h.resumedStreams) > 1 {
		return // the first one's turn takes the others along
	}
	h.after(comparePause, func() {
		h.resumedMu.Lock()
		streams := h.resumedStreams
		h.resumedStreams = nil
		h.resumedMu.Unlock()
		h.compareThese(streams)
	})
}
