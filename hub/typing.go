package hub

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"leerkring/internal/limits"
)

// typingTable remembers when it was last said that somebody types, and by which
// node, so that it is not said too often.
type typingTable struct {
	mu   sync.Mutex
	last map[typist]told
}

type typist struct{ stream, person int64 }

type told struct {
	at time.Time
	by uuid.UUID
}

func (t *typingTable) init() { t.last = map[typist]told{} }

// mayTell reports whether it is time to say so again: every so often for one
// person, and in a crowd as often for all of them together.
func (t *typingTable) mayTell(who typist, crowded bool, now told) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	anybody := typist{stream: who.stream}
	if now.at.Sub(t.last[who].at) < limits.TypingEvery || crowded && now.at.Sub(t.last[anybody].at) < limits.TypingCrowd {
		return false
	}
	if crowded {
		t.last[anybody] = now
	}
	t.note(who, now)
	return true
}

// mayPassOn reports whether to pass on that another node says so. Each node
// keeps the pace by itself; only what two of them say of one person is too much.
func (t *typingTable) mayPassOn(who typist, now told) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last := t.last[who]; last.by != now.by && now.at.Sub(last.at) < limits.TypingEvery {
		return false
	}
	t.note(who, now)
	return true
}

func (t *typingTable) note(who typist, now told) {
	if len(t.last) > 10_000 {
		for w, last := range t.last {
			if now.at.Sub(last.at) >= limits.TypingEvery {
				delete(t.last, w)
			}
		}
	}
	t.last[who] = now
}

// typing tells the others in a stream that this person is writing something.
func (c *connection) typing(ctx context.Context, id int64, message []byte) error {
	stream, err := c.streamToHear(ctx, message)
	if err != nil {
		return err
	}
	if c.hub.typing.mayTell(typist{stream, c.person}, c.hub.here.crowded(stream), told{time.Now(), c.hub.node}) {
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
