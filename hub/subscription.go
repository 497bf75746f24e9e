package hub

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// subscribe lets the connection hear a stream. Asking again answers again, and
// doubles nothing.
func (c *connection) subscribe(ctx context.Context, id int64, message []byte) error {
	in, err := read[struct {
		Stream *int64 `json:"stream"`
		Since  *int64 `json:"since"`
	}](message)
	if err != nil {
		return err
	}
	stream, err := onStream{in.Stream}.id()
	if err != nil {
		return err
	}
	if in.Since != nil && *in.Since < 0 {
		return fault.InvalidField("since", "too_low", "Min", 0)
	}
	if l := c.listenerTo(stream); l != nil {
		return c.answerAgain(ctx, id, l, in.Since)
	}
	t := c.hub.beginTopic(stream)
	l := &listener{conn: c, topic: t}
	err = c.note(l) // before access is asked for, so that a revocation finds it
	switch {
	case err == nil:
		err = c.join(ctx, id, l, in.Since)
	case fault.Is(err, fault.TooLarge): // what they may not see is not there, full or not
		if missing := c.hub.o.Gate.MayListen(ctx, c.identity(), stream); missing != nil {
			err = missing
		}
	}
	t.endJoin()
	if err != nil {
		c.hub.stopListening(l, false)
		c.hub.endTopic(t)
	}
	return err
}

// join asks where the stream stands, answers, and makes l a listener.
func (c *connection) join(ctx context.Context, id int64, l *listener, since *int64) error {
	for {
		answer, rev, err := c.open(ctx, id, l.topic.stream, since)
		if err != nil {
			return err
		}
		c.arrive(l) // before the answer: who comes after it is news
		switch l.topic.complete(l, rev, answer) {
		case joined:
			return nil
		case refused:
			return fault.Missing() // access ended while we asked
		}
	}
}

// answerAgain answers a connection that listens already. Without since it is
// told the last number it was given, so nothing falls between.
func (c *connection) answerAgain(ctx context.Context, id int64, l *listener, since *int64) error {
	o := c.out
	if since == nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		answer, err := answerOK(id, map[string]any{"rev": l.rev})
		if err == nil && o.sendLocked(answer) {
			c.hub.start(c.tooSlow)
		}
		return err
	}
	answer, rev, err := c.open(ctx, id, l.topic.stream, since)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if l.gone {
		return fault.Missing()
	}
	if o.sendLocked(answer) {
		c.hub.start(c.tooSlow)
	}
	l.rev = max(l.rev, rev)
	return nil
}

// open asks the Source and writes the answer down.
func (c *connection) open(ctx context.Context, id, stream int64, since *int64) (answer []byte, rev int64, err error) {
	o, err := c.ask(ctx, stream, since)
	if err != nil {
		return nil, 0, err
	}
	ok := map[string]any{"rev": o.Rev}
	for name, value := range o.Extra {
		ok[name] = value
	}
	if since != nil && !o.Reset {
		posts, fragments, size, err := c.written(o.Changes)
		if err != nil {
			return nil, 0, err
		}
		if size > limits.CatchUpBytes {
			o.Reset = true
		} else {
			ok["posts"] = posts
			if c.form&asHTML != 0 {
				ok["fragments"] = fragments
			}
		}
	}
	if o.Reset {
		ok = map[string]any{"rev": o.Rev, "reset": true}
	}
	answer, err = answerOK(id, ok)
	if err == nil && len(answer) > limits.Batch { // with fragments a page may be better off loading anew
		answer, err = answerOK(id, map[string]any{"rev": o.Rev, "reset": true})
	}
	if err == nil && c.form&asDeflated != 0 {
		answer = deflated(answer)
	}
	return answer, o.Rev, err
}

// ask asks the Source, when it is this connection's turn.
func (c *connection) ask(ctx context.Context, stream int64, since *int64) (Opening, error) {
	if !c.hub.readers.take(ctx) {
		return Opening{}, fault.Down(ctx.Err())
	}
	defer c.hub.readers.giveBack()
	return c.hub.o.Source.Open(ctx, c.identity(), stream, since)
}

func (c *connection) written(changes []Change) (posts []jsontext.Value, fragments []string, size int, err error) {
	posts, fragments = []jsontext.Value{}, []string{}
	for _, change := range changes {
		data, err := c.hub.o.Presenter.JSON(change)
		if err != nil {
			return nil, nil, 0, err
		}
		posts = append(posts, data)
		if size += len(data); size > limits.CatchUpBytes {
			return nil, nil, size, nil
		}
		if c.form&asHTML == 0 {
			continue
		}
		fragment, err := c.hub.o.Presenter.Fragment(change)
		if err != nil {
			return nil, nil, 0, err
		}
		fragments = append(fragments, fragment)
	}
	return posts, fragments, size, nil
}

// note puts a listener on the connection's list, if there is room.
func (c *connection) note(l *listener) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return fault.Missing()
	}
	if len(c.listeners) >= maxSubscriptions {
		return fault.New(fault.TooLarge, "fault.too_large", "Max", maxSubscriptions)
	}
	if c.listeners == nil {
		c.listeners = map[int64]*listener{}
	}
	c.listeners[l.topic.stream] = l
	c.hub.stats.subscriptions.Add(1)
	return nil
}

// forget takes a listener off the connection's list, and reports whether it was
// on it.
func (c *connection) forget(l *listener) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners[l.topic.stream] != l {
		return false
	}
	delete(c.listeners, l.topic.stream)
	c.hub.stats.subscriptions.Add(-1)
	return true
}

func (c *connection) listenerTo(stream int64) *listener {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listeners[stream]
}

// arrive makes the person present in the stream, unless the listener has been
// dropped meanwhile.
func (c *connection) arrive(l *listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners[l.topic.stream] == l && !l.present {
		l.present = true
		c.hub.here.enter(l.topic.stream, c.person)
	}
}

func (c *connection) unsubscribe(_ context.Context, id int64, message []byte) error {
	in, err := read[onStream](message)
	if err != nil {
		return err
	}
	stream, err := in.id()
	if err != nil {
		return err
	}
	if l := c.listenerTo(stream); l != nil {
		c.hub.stopListening(l, false)
	}
	return c.answer(id, struct{}{})
}

// stopListening ends a subscription: nothing of that stream follows. With
// revoked the connection is told why.
func (h *Hub) stopListening(l *listener, revoked bool) {
	if !l.conn.forget(l) {
		return
	}
	h.silence(l, revoked)
}

// silence does what stopListening does, for a listener that is on no list any
// more.
func (h *Hub) silence(l *listener, revoked bool) {
	o := l.conn.out
	o.mu.Lock()
	if !l.gone && revoked {
		o.sayRevokedLocked(l.topic.stream)
	}
	l.gone = true
	o.mu.Unlock()
	if l.topic.remove(l) {
		h.endTopic(l.topic)
	}
	l.conn.mu.Lock()
	present := l.present
	l.present = false
	l.conn.mu.Unlock()
	if present {
		h.here.leave(l.topic.stream, l.conn.person)
	}
}
