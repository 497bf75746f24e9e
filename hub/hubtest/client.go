// Package hubtest speaks the protocol from the outside, for tests.
package hubtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Patience is how long a test waits for something that must come.
const Patience = 10 * time.Second

// Message is anything the server says.
type Message struct {
	ID       *int64          `json:"id"`
	OK       json.RawMessage `json:"ok"`
	Error    *Error          `json:"error"`
	Stream   int64           `json:"stream"`
	Rev      int64           `json:"rev"`
	Event    string          `json:"event"`
	Data     json.RawMessage `json:"data"`
	Fragment string          `json:"fragment"`
	// At is when it came, Line the whole of it.
	At   time.Time `json:"-"`
	Line string    `json:"-"`
}

func (m Message) String() string { return fmt.Sprintf("%.200s", m.Line) }

// Error is a refusal.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field"`
}

// Client is one open socket. What it hears is kept in order.
type Client struct {
	t  testing.TB
	ws *websocket.Conn

	mu     sync.Mutex
	cond   *sync.Cond
	heard  []Message
	next   int // the first message Wait has not passed
	closed error
	lastID int64
	writes sync.Mutex
}

// Dial connects and must succeed.
func Dial(t testing.TB, address string, header http.Header) *Client {
	t.Helper()
	c, response, err := TryDial(t, address, header)
	if err != nil {
		status := 0
		if response != nil {
			status = response.StatusCode
		}
		t.Fatalf("connecting to %s: %v (status %d)", address, err, status)
	}
	return c
}

// TryDial connects, or returns the server's answer.
func TryDial(t testing.TB, address string, header http.Header) (*Client, *http.Response, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"leerkring.v1"}, HandshakeTimeout: Patience, EnableCompression: header.Get(Compressed) != ""}
	ws, response, err := dialer.Dial("ws"+strings.TrimPrefix(address, "http"), header)
	if err != nil {
		return nil, response, err
	}
	c := &Client{t: t, ws: ws}
	c.cond = sync.NewCond(&c.mu)
	done := make(chan struct{})
	go func() { defer close(done); c.listen() }()
	t.Cleanup(func() { ws.Close(); <-done })
	return c, response, nil
}

// Compressed is a header that makes a client offer compression.
const Compressed = "X-Offer-Compression"

// Token is the header of somebody with a personal token.
func Token(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

func (c *Client) listen() {
	for {
		_, frame, err := c.ws.ReadMessage()
		c.mu.Lock()
		if err != nil {
			c.closed = err
			c.cond.Broadcast()
			c.mu.Unlock()
			return
		}
		for _, line := range bytes.Split(frame, []byte("\n")) {
			var m Message
			if err := json.Unmarshal(line, &m); err != nil {
				m.Event = "not JSON: " + string(line)
			}
			m.At, m.Line = time.Now(), string(line)
			c.heard = append(c.heard, m)
		}
		c.cond.Broadcast()
		c.mu.Unlock()
	}
}

// Send sends a command without waiting for the answer, and returns its number.
func (c *Client) Send(command map[string]any) int64 {
	c.t.Helper()
	c.mu.Lock()
	c.lastID++
	id := c.lastID
	c.mu.Unlock()
	full := map[string]any{"id": id}
	for k, v := range command {
		full[k] = v
	}
	b, err := json.Marshal(full)
	if err != nil {
		c.t.Fatal(err)
	}
	c.Raw(websocket.TextMessage, b)
	return id
}

// Raw sends a frame as it is.
func (c *Client) Raw(kind int, payload []byte) {
	c.writes.Lock()
	defer c.writes.Unlock()
	c.ws.WriteMessage(kind, payload) // a closed connection shows when reading
}

// Do sends a command and returns its answer.
func (c *Client) Do(command map[string]any) Message {
	c.t.Helper()
	id := c.Send(command)
	answer, ok := c.find(func(m Message) bool { return m.ID != nil && *m.ID == id })
	if !ok {
		c.t.Fatalf("no answer to %v; heard %v", command, c.Heard())
	}
	return answer
}

// OK sends a command that must be done, and reads the answer into result.
func (c *Client) OK(command map[string]any, result any) {
	c.t.Helper()
	answer := c.Do(command)
	if answer.Error != nil {
		c.t.Fatalf("%v was refused: %+v", command, *answer.Error)
	}
	if result != nil {
		if err := json.Unmarshal(answer.OK, result); err != nil {
			c.t.Fatal(err)
		}
	}
}

// Refused sends a command that must not be done, and returns why.
func (c *Client) Refused(command map[string]any) Error {
	c.t.Helper()
	answer := c.Do(command)
	if answer.Error == nil {
		c.t.Fatalf("%v was done: %s", command, answer.OK)
	}
	return *answer.Error
}

// TryPost posts, and reports whether it was acknowledged, with which id.
func (c *Client) TryPost(stream int64, body, nonce string) (id int64, ok bool) {
	number := c.Send(map[string]any{"cmd": "post", "stream": stream, "body": body, "nonce": nonce})
	answer, ok := c.find(func(m Message) bool { return m.ID != nil && *m.ID == number })
	if !ok || answer.Error != nil {
		return 0, false
	}
	var made struct{ Post struct{ ID int64 } }
	if json.Unmarshal(answer.OK, &made) != nil {
		return 0, false
	}
	return made.Post.ID, true
}

// find waits for a message anywhere in what was heard.
func (c *Client) find(fits func(Message) bool) (Message, bool) {
	return c.await(func() (Message, bool) {
		for _, m := range c.heard {
			if fits(m) {
				return m, true
			}
		}
		return Message{}, false
	})
}

// Wait waits for the next event that fits, after the last one Wait returned.
func (c *Client) Wait(event string, fits func(Message) bool) Message {
	c.t.Helper()
	m, ok := c.await(func() (Message, bool) {
		for i := c.next; i < len(c.heard); i++ {
			if m := c.heard[i]; m.Event == event && (fits == nil || fits(m)) {
				c.next = i + 1
				return m, true
			}
		}
		return Message{}, false
	})
	if !ok {
		c.t.Fatalf("no event %s came; heard %v", event, c.Heard())
	}
	return m
}

// WaitFor waits for a message that fits, anywhere in what was heard, and reports
// whether it came in time.
func (c *Client) WaitFor(within time.Duration, fits func(Message) bool) bool {
	_, ok := c.awaitFor(within, func() (Message, bool) {
		for i := len(c.heard) - 1; i >= 0; i-- {
			if fits(c.heard[i]) {
				return c.heard[i], true
			}
		}
		return Message{}, false
	})
	return ok
}

// Present asks who is in a stream until it is these.
func (c *Client) Present(stream int64, want ...int64) {
	c.t.Helper()
	deadline := time.Now().Add(Patience)
	for {
		var there struct{ People []int64 }
		c.OK(map[string]any{"cmd": "presence", "stream": stream}, &there)
		if slices.Equal(there.People, want) {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("present are %v, want %v", there.People, want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Closed waits for the end of the connection and returns its code, 1006 when
// there was none.
func (c *Client) Closed() int {
	c.t.Helper()
	if _, ok := c.await(func() (Message, bool) { return Message{}, c.closed != nil }); !ok {
		c.t.Fatal("the connection stayed open")
	}
	var e *websocket.CloseError
	if errors.As(c.closed, &e) {
		return e.Code
	}
	return websocket.CloseAbnormalClosure
}

func (c *Client) await(there func() (Message, bool)) (Message, bool) {
	return c.awaitFor(Patience, there)
}

func (c *Client) awaitFor(within time.Duration, there func() (Message, bool)) (Message, bool) {
	deadline := time.Now().Add(within)
	timer := time.AfterFunc(within, func() {
		c.mu.Lock() // or it may come just before the Wait that it must end
		defer c.mu.Unlock()
		c.cond.Broadcast()
	})
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if m, ok := there(); ok {
			return m, true
		}
		if c.closed != nil || time.Now().After(deadline) {
			return Message{}, false
		}
		c.cond.Wait()
	}
}

// Heard returns everything the server said so far.
func (c *Client) Heard() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Message(nil), c.heard...)
}

// Revs returns the numbers of the durable events of a stream, in the order in
// which they came.
func (c *Client) Revs(stream int64) (revs []int64) {
	for _, m := range c.Heard() {
		if m.Stream == stream && m.Rev > 0 && m.ID == nil {
			revs = append(revs, m.Rev)
		}
	}
	return revs
}

// Hang closes the connection without a word.
func (c *Client) Hang() { c.ws.NetConn().Close() }
