package hubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Follower follows one stream as the protocol says a client should: it puts each
// post in its place by its id, remembers the last rev, and when the line breaks
// it comes back, to any node, and asks what it missed. It notes everything that
// the protocol promises not to happen.
type Follower struct {
	o FollowerOptions

	mu      sync.Mutex
	changed *sync.Cond
	posts   map[int64]Post
	rev     int64 // -1 before the first answer
	wrong   []string
	ends    map[int]int
	refused int
	last    error
	others  []Message
	answers map[int64]json.RawMessage
	asked   int64
	ws      *websocket.Conn
	saying  sync.Mutex
}

// FollowerOptions is what a follower is made from.
type FollowerOptions struct {
	// Addresses of the nodes; it takes any, anew each time.
	Addresses func() []string
	Header    http.Header
	Stream    int64
	// Load reads the stream anew, when it is told to.
	Load func() (rev int64, posts []Post, err error)
	// Back is the longest it waits before it comes back; the wait is random. Zero
	// is 200 ms.
	Back time.Duration
	// Keep keeps the messages that are no posts of the stream, for [Follower.Others].
	Keep bool
	// Dial makes the connection; nil for a plain one.
	Dial func(network, address string) (net.Conn, error)
}

// NewFollower returns one that does nothing yet.
func NewFollower(o FollowerOptions) *Follower {
	if o.Back == 0 {
		o.Back = 200 * time.Millisecond
	}
	f := &Follower{o: o, posts: map[int64]Post{}, rev: -1, ends: map[int]int{}, answers: map[int64]json.RawMessage{}}
	f.changed = sync.NewCond(&f.mu)
	return f
}

// Run follows until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.once(ctx)
		if ctx.Err() != nil {
			return
		}
		f.note(err)
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(f.o.Back)):
		}
	}
}

// errNotIn is a line that was not even opened.
var errNotIn = errors.New("not let in")

// note counts how a connection ended.
func (f *Follower) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = err
	code := websocket.CloseAbnormalClosure
	var closed *websocket.CloseError
	switch {
	case errors.Is(err, errNotIn):
		f.refused++
		return
	case errors.As(err, &closed):
		code = closed.Code
	}
	f.ends[code]++
}

// once follows over one connection, to its end.
func (f *Follower) once(ctx context.Context) error {
	addresses := f.o.Addresses()
	address := addresses[rand.IntN(len(addresses))]
	dialer := websocket.Dialer{
		Subprotocols: []string{"leerkring.v1"}, HandshakeTimeout: Patience, NetDial: f.o.Dial, ReadBufferSize: 4096, WriteBufferSize: 512,
	}
	ws, _, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(address, "http")+"/ws", f.o.Header)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotIn, err)
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	f.mu.Lock()
	f.ws = ws
	since := max(f.rev, 0)
	f.mu.Unlock()
	if err := f.say(ws, map[string]any{"id": 1, "cmd": "subscribe", "stream": f.o.Stream, "since": since}); err != nil {
		return err
	}
	answered := false
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		for _, line := range bytes.Split(frame, []byte("\n")) {
			var m Message
			if err := json.Unmarshal(line, &m); err != nil {
				f.fault("not JSON: %s", line)
				continue
			}
			if err := f.take(m, &answered); err != nil {
				return err
			}
		}
	}
}

func (f *Follower) say(ws *websocket.Conn, command any) error {
	f.saying.Lock()
	defer f.saying.Unlock()
	return ws.WriteJSON(command)
}

// take takes one message.
func (f *Follower) take(m Message, answered *bool) error {
	switch {
	case m.ID != nil && m.Error != nil:
		f.keep(m)
		return fmt.Errorf("refused: %s", m.Error.Code)
	case m.ID != nil && *m.ID >= 1000:
		f.mu.Lock()
		defer f.mu.Unlock()
		f.answers[*m.ID] = m.OK
		f.changed.Broadcast()
	case m.ID != nil:
		*answered = true
		return f.answered(m.OK)
	case m.Stream == f.o.Stream && m.Rev > 0:
		f.mu.Lock()
		defer f.mu.Unlock()
		if !*answered {
			f.wrong = append(f.wrong, fmt.Sprintf("rev %d before the answer", m.Rev))
		}
		if m.Rev <= f.rev {
			f.wrong = append(f.wrong, fmt.Sprintf("rev %d after %d", m.Rev, f.rev))
		}
		f.rev = m.Rev
		if strings.HasPrefix(m.Event, "post.") {
			f.put(m.Data)
		}
		f.changed.Broadcast()
	default:
		f.keep(m)
	}
	return nil
}

func (f *Follower) answered(ok json.RawMessage) error {
	var answer struct {
		Rev   int64
		Reset bool
		Posts []json.RawMessage
	}
	if err := json.Unmarshal(ok, &answer); err != nil {
		return err
	}
	var loaded []Post
	if answer.Reset {
		rev, posts, err := f.o.Load()
		if err != nil {
			return err
		}
		if rev < answer.Rev {
			return fmt.Errorf("the page is at %d, the answer was at %d", rev, answer.Rev)
		}
		loaded = posts
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer.Rev < f.rev {
		f.wrong = append(f.wrong, fmt.Sprintf("the answer says %d after %d", answer.Rev, f.rev))
	}
	if answer.Reset {
		clear(f.posts)
		for _, p := range loaded {
			f.posts[p.ID] = p
		}
	}
	for _, p := range answer.Posts {
		f.put(p)
	}
	f.rev = answer.Rev
	f.changed.Broadcast()
	return nil
}

// put puts a post in its place. What is older than what stands there is not.
func (f *Follower) put(data []byte) {
	var p Post
	if err := json.Unmarshal(data, &p); err != nil {
		f.wrong = append(f.wrong, "not a post: "+string(data))
		return
	}
	if f.posts[p.ID].Rev <= p.Rev {
		f.posts[p.ID] = p
	}
}

func (f *Follower) keep(m Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.o.Keep {
		f.others = append(f.others, m)
	}
	f.changed.Broadcast()
}

func (f *Follower) fault(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
}

// Reach waits until the follower is at a rev, and reports whether it came there
// in time.
func (f *Follower) Reach(rev int64, within time.Duration) bool {
	return f.await(within, func() bool { return f.rev >= rev })
}

// Has waits until the follower has a post that fits, and reports whether it came
// in time.
func (f *Follower) Has(within time.Duration, fits func(Post) bool) bool {
	return f.await(within, func() bool {
		for _, p := range f.posts {
			if fits(p) {
				return true
			}
		}
		return false
	})
}

// Present asks the node who is in the stream, and reports whether the answer
// came in time.
func (f *Follower) Present(within time.Duration) (people []int64, ok bool) {
	f.mu.Lock()
	f.asked++
	id := 1000 + f.asked
	ws := f.ws
	f.mu.Unlock()
	if ws == nil || f.say(ws, map[string]any{"id": id, "cmd": "presence", "stream": f.o.Stream}) != nil {
		return nil, false
	}
	ok = f.await(within, func() bool {
		answer, there := f.answers[id]
		if !there {
			return false
		}
		delete(f.answers, id)
		var present struct{ People []int64 }
		json.Unmarshal(answer, &present)
		people = present.People
		return true
	})
	return people, ok
}

// Other waits for a message that is no post of the stream.
func (f *Follower) Other(within time.Duration, fits func(Message) bool) bool {
	return f.await(within, func() bool {
		for _, m := range f.others {
			if fits(m) {
				return true
			}
		}
		return false
	})
}

func (f *Follower) await(within time.Duration, there func() bool) bool {
	deadline := time.Now().Add(within)
	timer := time.AfterFunc(within, func() {
		f.mu.Lock() // or it may come just before the Wait that it must end
		defer f.mu.Unlock()
		f.changed.Broadcast()
	})
	defer timer.Stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	for !there() {
		if !time.Now().Before(deadline) {
			return false
		}
		f.changed.Wait()
	}
	return true
}

// Others returns the messages that were no posts of the stream.
func (f *Follower) Others() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Message(nil), f.others...)
}

// Compare returns what the follower saw that was promised not to happen, and how
// what it has differs from what the database has.
func (f *Follower) Compare(stored []Post) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append(append([]string(nil), f.wrong...), difference(f.posts, stored)...)
}

// Ends returns how often its connections ended with which close code, 1006 for
// those that ended without one, and how often it was not let in at all.
func (f *Follower) Ends() (codes map[int]int, refused int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	codes = map[int]int{}
	for code, n := range f.ends {
		codes[code] = n
	}
	return codes, f.refused
}

// LastError is why the last connection ended.
func (f *Follower) LastError() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// Hang closes the line without a word; the follower comes back.
func (f *Follower) Hang() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ws != nil {
		f.ws.NetConn().Close()
	}
}
