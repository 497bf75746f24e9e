package hub

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"leerkring/internal/limits"
)

// connection is one open socket. One goroutine reads from it and does its
// commands one after the other; nobody else belongs to it.
type connection struct {
	hub  *Hub
	ws   *websocket.Conn
	wire *wire
	out  *outbox
	html bool
	rate *rate.Limiter

	// unanswered counts pings; slot is its place on the wheel.
	unanswered atomic.Int32
	slot       int

	mu        sync.Mutex
	who       Identity
	listeners map[int64]*listener
	gone      bool
}

// welcome takes a connection in and starts to read from it.
func (h *Hub) welcome(ws *websocket.Conn, w *wire, who Identity, html bool) {
	c := &connection{hub: h, ws: ws, wire: w, who: who, html: html}
	c.out = newOutbox(w.Conn, h.o.QueueBytes, h.start)
	w.out = c.out
	if !h.o.Unlimited {
		c.rate = rate.NewLimiter(limits.CommandsPerSecond, limits.CommandsBurst)
	}
	ws.SetReadLimit(maxClientFrame)
	ws.SetPingHandler(func(data string) error { c.send(frame(finPong, []byte(data))); return nil })
	ws.SetPongHandler(func(string) error { c.unanswered.Store(0); return nil })
	ws.SetCloseHandler(func(code int, _ string) error { c.answerClose(code); return nil })
	h.stats.connections.Add(1)
	h.people.add(c)
	h.wheel.add(c)
	if h.draining.Load() { // between the check and here
		c.leave(closeGoingAway, "")
	}
	h.start(c.read)
}

// read does what the client asks until the connection ends.
func (c *connection) read() {
	defer c.depart()
	buffer := make([]byte, 0, 512)
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			c.linger(err)
			return
		}
		if kind != websocket.TextMessage {
			c.leave(closeUnsupported, "text only")
			c.linger(nil)
			return
		}
		buffer, err = readAll(buffer[:0], r)
		if err != nil {
			c.linger(err)
			return
		}
		if !utf8.Valid(buffer) {
			c.leave(closeBadText, "not UTF-8")
			c.linger(nil)
			return
		}
		if c.rate != nil && !c.rate.Allow() {
			c.leave(closeTooMany, "too many commands")
			c.linger(nil)
			return
		}
		c.do(buffer)
		if cap(buffer) > 16<<10 {
			buffer = make([]byte, 0, 512) // an idle connection holds no large buffer
		}
	}
}

func readAll(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// linger waits, a moment, for the other side to have read our close frame: it
// reads what still comes and forgets it. After a frame that breaks the rules
// the library has said so, and this adds nothing.
func (c *connection) linger(err error) {
	if isBroken(err) {
		return
	}
	c.out.seal(closeFrame(closeProtocol, ""), false)
	c.wire.Conn.SetReadDeadline(time.Now().Add(goodbyeTime))
	io.CopyN(io.Discard, c.wire.Conn, 1<<20)
}

// isBroken reports whether there is nobody to say goodbye to.
func isBroken(err error) bool {
	var network net.Error
	return websocket.IsCloseError(err, websocket.CloseAbnormalClosure) || errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// depart takes the connection out of everything.
func (c *connection) depart() {
	if p := recover(); p != nil {
		c.hub.o.Log.Error("a connection's reader panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
	c.quit()
	c.out.cut()
	c.hub.people.free(c.identity().Person)
	c.hub.stats.connections.Add(-1)
}

// quit ends all subscriptions and forgets the connection; it may be called
// twice. The socket itself may still be saying goodbye.
func (c *connection) quit() {
	c.mu.Lock()
	if c.gone {
		c.mu.Unlock()
		return
	}
	c.gone = true
	listeners := c.listeners
	c.listeners = nil
	c.mu.Unlock()
	c.hub.wheel.remove(c)
	c.hub.people.remove(c)
	for _, l := range listeners {
		c.hub.stats.subscriptions.Add(-1)
		c.hub.silence(l, nil)
	}
}

// send hands a frame to the connection; it never waits.
func (c *connection) send(frame []byte) {
	if c.out.send(frame) {
		c.tooSlow()
	}
}

// leave closes the connection from our side, after what waits has gone out.
func (c *connection) leave(code int, reason string) {
	c.out.seal(closeFrame(code, reason), false)
	c.hub.start(c.quit)
}

// tooSlow closes a connection whose queue is full. What waits for it is
// forgotten: it will come back and ask what it missed.
func (c *connection) tooSlow() {
	c.hub.stats.slow.Add(1)
	c.out.seal(closeFrame(closeSlow, "too slow"), true)
	c.hub.start(c.quit)
}

// answerClose echoes the other side's close frame (RFC 6455, section 5.5.1).
func (c *connection) answerClose(code int) {
	if code == websocket.CloseNoStatusReceived {
		c.out.seal(frame(finClose, nil), false)
		return
	}
	c.out.seal(closeFrame(code, ""), false)
}

// identity returns who is at the other end, as of the last time it was asked.
func (c *connection) identity() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who
}
