//go:build linux

package load

import (
	"golang.org/x/sys/unix"
)

// conn is one seat: a socket, once it is open.
type conn struct {
	index int
	fd    int // -1 while closed
	room  *room
	seat  int // place in the room
	token string
	phase phase
	tries int

	rest      []byte // the beginning of a frame whose end has not come yet
	unsent    []byte // what the kernel did not take yet
	publisher *publisher
}

// phase is how far a connection is.
type phase uint8

const (
	closed    phase = iota
	dialing         // until the kernel has connected
	upgrading       // until the server has answered the handshake
	joining         // until it has answered the subscription
	open
	lost // the server ended it
)

// ready does what can be done with a connection.
func (g *generator) ready(c *conn, what uint32) {
	if c.fd < 0 {
		return // closed by an event before this one
	}
	if c.phase == dialing {
		g.dialed(c)
		return
	}
	if what&unix.EPOLLOUT != 0 {
		g.flush(c)
	}
	if what&(unix.EPOLLIN|unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		g.read(c)
	}
}

func (g *generator) read(c *conn) {
	if c.fd < 0 {
		return
	}
	kept := copy(g.buffer, c.rest)
	n, err := unix.Read(c.fd, g.buffer[kept:])
	if err == unix.EAGAIN || err == unix.EINTR {
		return
	}
	if n <= 0 {
		g.ended(c, "the connection broke")
		return
	}
	data := g.buffer[:kept+n]
	if c.phase == upgrading {
		if data = g.upgraded(c, data); data == nil {
			return
		}
	}
	data = g.frames(c, data)
	c.rest = append(c.rest[:0], data...)
	if len(c.rest) == 0 && cap(c.rest) > 16<<10 {
		c.rest = nil
	}
}

// send writes a frame now, or as soon as the kernel takes it.
func (g *generator) send(c *conn, frame []byte) {
	if c.fd < 0 {
		return
	}
	if len(c.unsent) > 0 {
		c.unsent = append(c.unsent, frame...)
		return
	}
	n, err := unix.Write(c.fd, frame)
	if err != nil && err != unix.EAGAIN && err != unix.EINTR {
		g.ended(c, "writing: "+err.Error())
		return
	}
	if n = max(n, 0); n < len(frame) {
		c.unsent = append(c.unsent, frame[n:]...)
		g.listen(unix.EPOLL_CTL_MOD, c.fd, c.index, unix.EPOLLIN|unix.EPOLLOUT)
	}
}

func (g *generator) flush(c *conn) {
	n, err := unix.Write(c.fd, c.unsent)
	if err != nil && err != unix.EAGAIN && err != unix.EINTR {
		g.ended(c, "writing: "+err.Error())
		return
	}
	c.unsent = c.unsent[max(n, 0):]
	if len(c.unsent) == 0 {
		c.unsent = nil
		g.listen(unix.EPOLL_CTL_MOD, c.fd, c.index, unix.EPOLLIN)
	}
}

// ended takes note that the server, or the network, ended a connection.
func (g *generator) ended(c *conn, why string) {
	was := c.phase
	c.close()
	c.phase = lost
	if was != open {
		g.entry.failed(why)
	} else if g.why == "" {
		g.why = why
	}
}

// close drops the connection without a goodbye (RST), so that no port stays
// behind waiting.
func (c *conn) close() {
	if c.fd < 0 {
		return
	}
	unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	unix.Close(c.fd)
	c.fd, c.phase = -1, closed
	c.rest, c.unsent = nil, nil
}
