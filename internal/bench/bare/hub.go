package bare

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// hub is all rooms, by the number of the stream. Two goroutines serve each
// connection, with a channel between them; there is one PreparedMessage for all
// in a room, and one write for each delivery.
//
// It takes the generator's commands for the product, but reads of them only what
// it needs, and delivers the bare text of a message. Its answers have the
// product's form, so the generator does the same work for both.
type hub struct {
	mu    sync.Mutex
	rooms map[string]*room
}

type room struct {
	mu      sync.RWMutex
	members map[*client]struct{}
}

// client is one connection. Whoever has something for it puts it into out, and
// waits when it is full: nothing is lost, the sender slows down.
type client struct {
	ws   *websocket.Conn
	out  chan *websocket.PreparedMessage
	gone chan struct{}
	room *room
}

const (
	queue    = 256
	pingTime = 25 * time.Second
)

var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, Subprotocols: []string{"leerkring.v1"}}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &client{ws: ws, out: make(chan *websocket.PreparedMessage, queue), gone: make(chan struct{})}
	go c.write()
	h.read(c)
	close(c.gone)
	if c.room != nil {
		c.room.leave(c)
	}
	ws.Close()
}

// read does what a connection asks until it ends.
func (h *hub) read(c *client) {
	for {
		_, frame, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		switch {
		case bytes.Contains(frame, []byte(`"cmd":"subscribe"`)) && c.room == nil:
			c.room = h.room(string(between(frame, `"stream":`, ",}")))
			c.room.enter(c)
			c.give(prepare(answerTo(frame)))
		case bytes.Contains(frame, []byte(`"cmd":"post"`)) && c.room != nil:
			c.room.broadcast(prepare(between(frame, `"body":"`, `"`)))
			c.give(prepare(answerTo(frame)))
		default:
			return
		}
	}
}

func (c *client) write() {
	ping := time.NewTicker(pingTime)
	defer ping.Stop()
	for {
		var err error
		select {
		case m := <-c.out:
			err = c.ws.WritePreparedMessage(m)
		case <-ping.C:
			err = c.ws.WriteMessage(websocket.PingMessage, nil)
		case <-c.gone:
			return
		}
		if err != nil {
			c.ws.Close() // ends the reader
			return
		}
	}
}

func (c *client) give(m *websocket.PreparedMessage) {
	select {
	case c.out <- m:
	case <-c.gone:
	}
}

func (h *hub) room(stream string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[stream] == nil {
		h.rooms[stream] = &room{members: map[*client]struct{}{}}
	}
	return h.rooms[stream]
}

func (r *room) enter(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[c] = struct{}{}
}

func (r *room) leave(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, c)
}

func (r *room) broadcast(m *websocket.PreparedMessage) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for c := range r.members {
		c.give(m)
	}
}

func prepare(text []byte) *websocket.PreparedMessage {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		panic(err) // it is no close frame
	}
	return m
}

// answerTo is an ok to the command in a frame.
func answerTo(frame []byte) []byte {
	return fmt.Appendf(nil, `{"id":%s,"ok":{}}`, between(frame, `"id":`, ","))
}

// between returns what stands after a word, up to one of the bytes of end.
func between(frame []byte, word, end string) []byte {
	i := bytes.Index(frame, []byte(word))
	if i < 0 {
		return nil
	}
	rest := frame[i+len(word):]
	if j := bytes.IndexAny(rest, end); j >= 0 {
		return rest[:j]
	}
	return rest
}
