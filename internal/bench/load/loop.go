//go:build linux

package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"leerkring/internal/bench/order"
)

// generator is everything the process holds. Nothing in it is shared: there is
// one thread.
type generator struct {
	server *unix.SockaddrInet4
	host   string
	rooms  []*room
	conns  []*conn // room after room

	poll    int
	timer   int
	armed   time.Duration // when the timer goes off, 0 when it does not
	events  []unix.EpollEvent
	buffer  []byte
	orders  []byte // what came in of the next order
	started time.Time

	entry entry
	score score
	plan  plan

	publishers []*publisher
	why        string // why the first connection was lost
}

// room is a stream and who sits in it.
type room struct {
	stream int64
	conns  []*conn
}

// What epoll says something about, beside the connections, which are named by
// their place.
const (
	aboutTimer = -1 - iota
	aboutOrders
)

const (
	ordersFD = 0 // standard input
	// bufferSize holds the longest frame a server may send and a rest before it.
	bufferSize = 3 << 20
)

func newGenerator(address string, seats order.Seats) (*generator, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Is4() {
		return nil, fmt.Errorf("-address must be an IPv4 address and a port, not %q", address)
	}
	g := &generator{
		server: &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}, host: address,
		events: make([]unix.EpollEvent, 512), buffer: make([]byte, bufferSize), started: time.Now(),
	}
	for _, r := range seats.Rooms {
		here := &room{stream: r.Stream}
		for seat, token := range r.Tokens {
			c := &conn{index: len(g.conns), fd: -1, room: here, seat: seat, token: token}
			here.conns = append(here.conns, c)
			g.conns = append(g.conns, c)
		}
		g.rooms = append(g.rooms, here)
	}
	return g, g.open()
}

// open makes what the loop waits with.
func (g *generator) open() (err error) {
	if g.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	if g.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return fmt.Errorf("timer: %w", err)
	}
	if err := g.listen(unix.EPOLL_CTL_ADD, g.timer, aboutTimer, unix.EPOLLIN); err != nil {
		return err
	}
	if err := g.listen(unix.EPOLL_CTL_ADD, ordersFD, aboutOrders, unix.EPOLLIN); err != nil {
		return fmt.Errorf("orders must come through a pipe: %w", err)
	}
	return nil
}

func (g *generator) listen(operation, fd, about int, to uint32) error {
	return unix.EpollCtl(g.poll, operation, fd, &unix.EpollEvent{Events: to, Fd: int32(about)})
}

// now is the time since the process started.
func (g *generator) now() time.Duration { return time.Since(g.started) }

// nextOrder goes on with the connections until an order comes, or io.EOF when
// there are no more.
func (g *generator) nextOrder() (o order.Order, err error) {
	for {
		if line, rest, ok := bytes.Cut(g.orders, []byte("\n")); ok {
			err := json.Unmarshal(line, &o)
			g.orders = rest
			return o, err
		}
		if err := g.turn(); err != nil {
			return o, err
		}
	}
}

// until turns the loop until done says so.
func (g *generator) until(done func() bool) error {
	for !done() {
		if err := g.turn(); err != nil {
			return err
		}
	}
	return nil
}

// turn waits for something to happen and lets it.
func (g *generator) turn() error {
	n, err := unix.EpollWait(g.poll, g.events, -1)
	if err == unix.EINTR {
		return nil
	}
	if err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	for _, e := range g.events[:n] {
		switch e.Fd {
		case aboutTimer:
			var count [8]byte
			unix.Read(g.timer, count[:])
			g.armed = 0
		case aboutOrders:
			if err := g.readOrders(); err != nil {
				return err
			}
		default:
			g.ready(g.conns[e.Fd], e.Events)
		}
		g.sendDue()
	}
	return nil
}

func (g *generator) readOrders() error {
	var chunk [4096]byte
	n, err := unix.Read(ordersFD, chunk[:])
	if n <= 0 {
		if err == unix.EAGAIN || err == unix.EINTR {
			return nil
		}
		return io.EOF
	}
	g.orders = append(g.orders, chunk[:n]...)
	return nil
}

// wakeAt makes the loop turn at a moment, unless it will before.
func (g *generator) wakeAt(at time.Duration) {
	if g.armed != 0 && g.armed <= at {
		return
	}
	g.armed = at
	wait := unix.NsecToTimespec(int64(max(at-g.now(), time.Microsecond)))
	unix.TimerfdSettime(g.timer, 0, &unix.ItimerSpec{Value: wait}, nil)
}

func (g *generator) closeAll() {
	for _, c := range g.conns {
		c.close()
	}
}
