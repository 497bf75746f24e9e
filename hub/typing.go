package hub

import (
	"context"
	"sync"
	"time"

	"leerkring/internal/limits"
)

// typingTable remembers when it was last said that somebody types, so that it
// is not said too often.
type typingTable struct {
	mu   sync.Mutex
	last map[typist]time.Time
}

type typist struct{ stream, person int64 }

func (t *typingTable) init() { t.last = map[typist]time.Time{} }

// mayTell reports whether it is time to say so again: every so often for one
// person, and in a crowd as often for all of them together.
func (t *typingTable) mayTell(who typist, crowded bool, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	anybody := typist{stream: who.stream}
	if now.Sub(t.last[who]) < limits.TypingEvery || crowded && now.Sub(t.last[anybody]) < limits.TypingCrowd {
		return false
	}
	if crowded {
		t.last[anybody] = now
	}
	if len(t.last) > 10_000 {
		for w, at := range t.last {
			if now.Sub(at) >= limits.TypingEvery {
				delete(t.last, w)
			}
		}
	}
	t.last[who] = now
	return true
}

// typing tells the others in a stream that this person is writing something.
func (c *connection) typing(ctx context.Context, id int64, message []byte) error {
	stream, err := c.streamToHear(ctx, message)
	if err != nil {
		return err
	}
	if c.hub.typing.mayTell(typist{stream, c.person}, c.hub.here.crowded(stream), time.Now()) {
		c.hub.signal(stream, "typing", c.person)
	}
	return c.answer(id, struct{}{})
}

// streamToHear reads a command about a stream that the caller must be able to
// hear. Who listens to it has been let in already.
func (c *connection) streamToHear(ctx context.Context, message []byte) (int64, error) {
	in, err := read[onStream](message)
	if err != nil {
		return 0, err
	}
	stream, err := in.id()
	if err != nil {
		return 0, err
	}
	if c.listenerTo(stream) != nil {
		return stream, nil
	}
	return stream, c.hub.o.Gate.MayListen(ctx, c.identity(), stream)
}
