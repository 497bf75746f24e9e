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
	form form
	rate *rate.Limiter
	// person never changes, whatever else is learned of who this is.
	person int64
	// over: the last word has been said; what still comes is not done.
	over atomic.Bool

	// unanswered counts pings; slot is its place on the wheel.
	unanswered atomic.Int32
	slot       int

	mu        sync.Mutex
	who       Identity
	listeners map[int64]*listener
	gone      bool
	// busy: a command is being done; finishing: leave after it.
	busy, finishing bool
}

// welcome takes a connection in and starts to read from it.
func (h *Hub) welcome(ws *websocket.Conn, w *wire, who Identity, f form) *connection {
	c := &connection{hub: h, ws: ws, wire: w, who: who, person: who.Person, form: f}
	c.out = newOutbox(w.Conn, h.o.QueueBytes, h.start)
	w.out = c.out
	if !h.o.Unlimited {
		c.rate = rate.NewLimiter(limits.CommandsPerSecond, limits.CommandsBurst)
	}
	ws.SetReadLimit(maxClientFrame)
	ws.SetPingHandler(func(data string) error { c.send(frame(finPong, []byte(data))); return c.count() })
	ws.SetPongHandler(func(string) error { c.unanswered.Store(0); return c.count() })
	ws.SetCloseHandler(func(code int, _ string) error { c.answerClose(code); return nil })
	h.stats.connections.Add(1)
	h.people.add(c)
	h.wheel.add(c)
	h.watchEnd(c)
	if h.draining.Load() { // between the check and here
		c.leave(closeGoingAway, "")
	}
	h.start(c.read)
	return c
}

// read does what the client asks until the connection ends.
func (c *connection) read() {
	defer c.depart()
	buffer := make([]byte, 0, 512)
	for {
		kind, r, err := c.ws.NextReader()
		if err == nil && kind != websocket.TextMessage {
			err = errNotText
		}
		if err == nil {
			buffer, err = readAll(buffer[:0], r)
		}
		if err == nil && !utf8.Valid(buffer) {
			err = errNotUTF8
		}
		if err == nil {
			err = c.count()
		}
		if err != nil {
			c.part(err)
			return
		}
		if !c.begin() {
			c.leave(closeGoingAway, "")
			c.part(nil)
			return
		}
		c.do(buffer)
		c.ready()
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
		if len(b) > maxClientFrame { // compressed it may have been short
			return b, errTooBig
		}
	}
}

var (
	errNotText = &violation{closeUnsupported, "text only"}
	errNotUTF8 = &violation{closeBadText, "not UTF-8"}
	errTooBig  = &violation{closeTooBig, "too large"}
	errTooMany = &violation{closeTooMany, "too many commands"}
)

// count counts what the client asks of us: a command, a ping, a pong.
func (c *connection) count() error {
	if c.rate != nil && !c.rate.Allow() {
		return errTooMany
	}
	return nil
}

// begin reports whether a command may still be done.
func (c *connection) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = !c.over.Load() && !c.finishing
	return c.busy
}

// ready says that the command has been done and answered.
func (c *connection) ready() {
	c.mu.Lock()
	c.busy = false
	finishing := c.finishing
	c.mu.Unlock()
	if finishing {
		c.leave(closeGoingAway, "")
	}
}

// finish sends the connection away because the node goes down: at once, or
// after the answer to the command that is being done.
func (c *connection) finish() {
	c.mu.Lock()
	c.finishing = true
	busy := c.busy
	c.mu.Unlock()
	if !busy {
		c.leave(closeGoingAway, "")
	}
}

// part says why reading ended, if there is somebody to say it to, and waits a
// moment for the other side to have read it: it reads what still comes and
// forgets it. After most frames that break the rules the library has said so,
// and this adds nothing.
func (c *connection) part(err error) {
	if isBroken(err) {
		return
	}
	patience := goodbyeTime
	var closed *websocket.CloseError
	if errors.As(err, &closed) { // both have said goodbye: it will close as soon as it has read ours
		patience = bothGoneTime
	}
	end := &violation{closeProtocol, ""}
	if errors.Is(err, websocket.ErrReadLimit) {
		end = &violation{closeTooBig, ""} // pieces whose lengths add up to more than there are numbers
	}
	errors.As(err, &end)
	c.leave(end.code, end.reason)
	c.wire.Conn.SetReadDeadline(time.Now().Add(patience))
	io.CopyN(io.Discard, c.wire.Conn, 1<<20)
}

// bothGoneTime is for what the other side may have sent after its close frame:
// to close with its bytes unread would take ours away from it.
const bothGoneTime = 100 * time.Millisecond

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
	c.hub.people.free(c.person)
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
		c.hub.silence(l, false)
	}
}

// send hands a frame to the connection; it never waits.
func (c *connection) send(frame []byte) {
	if c.out.send(frame) {
		c.tooSlow()
	}
}

// leave closes the connection from our side, after what waits has gone out.
func (c *connection) leave(code int, reason string) { c.end(closeFrame(code, reason), false) }

// drop closes the connection from our side. What waits for it is forgotten.
func (c *connection) drop(code int, reason string) bool {
	return c.end(closeFrame(code, reason), true)
}

// tooSlow closes a connection whose queue is full. It will come back and ask
// what it missed.
func (c *connection) tooSlow() {
	if c.drop(closeSlow, "too slow") {
		c.hub.stats.slow.Add(1)
	}
}

// end says the last word, if nobody has, and reports whether it did.
func (c *connection) end(last []byte, drop bool) bool {
	said := c.out.seal(last, drop)
	c.over.Store(true)
	c.hub.start(c.quit)
	return said
}

// answerClose echoes the other side's close frame (RFC 6455, section 5.5.1).
func (c *connection) answerClose(code int) {
	last := closeFrame(code, "")
	if code == websocket.CloseNoStatusReceived {
		last = frame(finClose, nil)
	}
	c.out.seal(last, false)
	c.over.Store(true)
}

// identity returns who is at the other end, as of the last time it was asked.
func (c *connection) identity() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who
}
