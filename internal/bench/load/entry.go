//go:build linux

package load

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"leerkring/internal/bench/order"
)

// entry is the state of taking all seats.
type entry struct {
	next   int     // the first seat that has not been tried
	again  []*conn // asked to come back
	resume time.Duration
	active int // on their way in
	joined int
	lastIn time.Duration
	err    error
}

func (e *entry) failed(why string) {
	if e.err == nil {
		e.err = errors.New(why)
	}
}

const (
	// entering is how many are on their way in at a time.
	entering = 64
	// sources is over how many addresses of this machine the connections are
	// spread: one has ports for 28,000 only, those that others use included.
	sources = 8
	// maxTries and comeBack are for a server that is too busy to let someone in.
	maxTries = 50
	comeBack = 100 * time.Millisecond
	// settled is how long nothing may come until the joining is over: those who
	// are in already hear of each newcomer.
	settled    = 100 * time.Millisecond
	settleTime = 60 * time.Second
	enterTime  = 5 * time.Minute
)

// connectAll takes all seats. Figures are taken until everybody has heard of
// everybody.
func (g *generator) connectAll() (order.Report, error) {
	began := g.now()
	g.score = score{}
	g.entry = entry{}
	g.beginFigures()
	if err := g.until(func() bool { return g.letIn(began) }); err != nil {
		return order.Report{}, err
	}
	g.entry.lastIn = g.now()
	if g.entry.err == nil {
		if err := g.settle(); err != nil {
			return order.Report{}, err
		}
	}
	report := g.endFigures()
	report.Seconds = (g.entry.lastIn - began).Seconds()
	return report, g.entry.err
}

// letIn starts as many as may be on their way, and reports whether all are in,
// or one failed for good.
func (g *generator) letIn(began time.Duration) (done bool) {
	e := &g.entry
	now := g.now()
	if now-began > enterTime {
		e.failed(fmt.Sprintf("after %v only %d of %d connections are in", enterTime, e.joined, len(g.conns)))
	}
	for e.err == nil && e.active < entering {
		switch {
		case len(e.again) > 0 && now >= e.resume:
			c := e.again[0]
			e.again = e.again[1:]
			g.dial(c)
		case e.next < len(g.conns):
			e.next++
			g.dial(g.conns[e.next-1])
		default:
			if len(e.again) > 0 {
				g.wakeAt(e.resume)
			}
			return e.joined == len(g.conns)
		}
	}
	return e.err != nil
}

// settle waits until nothing has come for a moment.
func (g *generator) settle() error {
	deadline := g.now() + settleTime
	return g.until(func() bool {
		now := g.now()
		quiet := max(g.score.lastFrame, g.entry.lastIn) + settled
		if now >= quiet || now >= deadline {
			return true
		}
		g.wakeAt(quiet)
		return false
	})
}

// dial begins a connection, from one of several addresses of this machine.
func (g *generator) dial(c *conn) {
	g.entry.active++
	c.tries++
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		g.entry.failed("a socket cannot be made: " + err.Error())
		return
	}
	c.fd, c.phase = fd, dialing
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if g.server.Addr[0] == 127 {
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
		from := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(2 + c.index%sources)}}
		if err := unix.Bind(fd, from); err != nil {
			g.entry.failed("an address of this machine cannot be used: " + err.Error())
			return
		}
	}
	if err := unix.Connect(fd, g.server); err != nil && err != unix.EINPROGRESS {
		g.entry.failed("connecting: " + err.Error())
		return
	}
	if err := g.listen(unix.EPOLL_CTL_ADD, fd, c.index, unix.EPOLLIN|unix.EPOLLOUT); err != nil {
		g.entry.failed("epoll: " + err.Error())
	}
}

// dialed sends the handshake once the kernel has connected.
func (g *generator) dialed(c *conn) {
	if code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
		g.ended(c, "connecting: "+unix.Errno(code).Error())
		return
	}
	g.listen(unix.EPOLL_CTL_MOD, c.fd, c.index, unix.EPOLLIN)
	c.phase = upgrading
	g.send(c, g.handshake(c))
}

// handshake is a request to change to the protocol (RFC 6455, section 4.1).
func (g *generator) handshake(c *conn) []byte {
	var key [16]byte
	copy(key[:], strconv.Itoa(c.index))
	return fmt.Appendf(nil, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: leerkring.v1\r\n"+
		"Authorization: Bearer %s\r\n\r\n", g.host, base64.StdEncoding.EncodeToString(key[:]), c.token)
}

// upgraded reads the answer to the handshake, subscribes, and returns what came
// after it; nil while the answer is not whole, or when it is a refusal.
func (g *generator) upgraded(c *conn, data []byte) (after []byte) {
	head, after, whole := bytes.Cut(data, []byte("\r\n\r\n"))
	if !whole {
		c.rest = append(c.rest[:0], data...)
		return nil
	}
	c.rest = c.rest[:0]
	status, _, _ := strings.Cut(string(head), "\r\n")
	switch {
	case strings.HasPrefix(status, "HTTP/1.1 101 "):
		c.phase = joining
		g.send(c, clientFrame(fmt.Appendf(nil, `{"id":1,"cmd":"subscribe","stream":%d}`, c.room.stream)))
		return after
	case c.tries < maxTries && (strings.HasPrefix(status, "HTTP/1.1 503 ") || strings.HasPrefix(status, "HTTP/1.1 429 ")):
		c.close()
		g.entry.active--
		g.entry.again = append(g.entry.again, c)
		g.entry.resume = g.now() + comeBack
		g.score.retries++
	default:
		c.close()
		g.entry.failed("the server refused a connection: " + status)
	}
	return nil
}

// joined takes the answer to the subscription.
func (g *generator) joined(c *conn, answer []byte) {
	if isRefusal(answer) {
		c.close()
		g.entry.failed("the server refused a subscription: " + string(answer))
		return
	}
	c.phase = open
	g.entry.active--
	g.entry.joined++
}
