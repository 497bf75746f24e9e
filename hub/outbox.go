package hub

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"leerkring/internal/limits"
)

// outbox writes to one connection. Nobody who sends ever waits: while nothing
// is queued a frame goes straight to the kernel, without a goroutine; what the
// kernel does not take at once is queued, bounded in bytes, and a goroutine
// exists only until the queue is empty. Whatever has queued up goes out in as
// few writes as possible.
type outbox struct {
	tcp   net.Conn
	raw   syscall.RawConn
	max   int
	start func(func()) // runs a goroutine its owner waits for

	mu       sync.Mutex
	queue    [][]byte // frames, the first perhaps written in part
	offset   int      // how much of the first is written
	waiting  int      // bytes in the queue
	flying   int      // bytes that are being written
	queued   uint64   // bytes that ever stood in the queue
	flushing bool
	sealed   bool // nothing is taken any more
	lastWord bool // the queue ends with a close frame
	dead     bool
	// revoked are the streams of which it was said that nothing more follows.
	revoked map[int64]bool

	// The arguments and result of one attempt, here so that it allocates nothing.
	attempt struct {
		write func(fd uintptr) bool
		data  []byte
		n     int
		err   error
	}
}

const (
	// flushChunk is how much is handed to the kernel at a time while behind.
	flushChunk = 16 << 10
	// patience is how long a connection may take nothing before it is cut.
	patience = 25 * time.Second
	// lastPatience is how long it gets to take a close frame.
	lastPatience = limits.WriteTime
)

func newOutbox(tcp net.Conn, max int, start func(func())) *outbox {
	o := &outbox{tcp: tcp, max: max, start: start}
	if c, ok := tcp.(syscall.Conn); ok {
		o.raw, _ = c.SyscallConn()
	}
	o.attempt.write = func(fd uintptr) bool {
		o.attempt.n, o.attempt.err = syscall.Write(int(fd), o.attempt.data)
		return true // once: never wait for room
	}
	return o
}

// send takes a frame. full reports that it did not fit any more.
func (o *outbox) send(frame []byte) (full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sendLocked(frame)
}

// sendAbout takes a frame that tells of a stream, unless it was said that nothing
// more of that stream follows.
func (o *outbox) sendAbout(frame []byte, stream int64) (revoked, full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.revoked[stream] {
		return true, false
	}
	return false, o.sendLocked(frame)
}

// sayRevokedLocked says that nothing more of a stream follows.
func (o *outbox) sayRevokedLocked(stream int64) {
	o.sendLocked(revokedEvent(stream))
	if o.revoked == nil {
		o.revoked = map[int64]bool{}
	}
	o.revoked[stream] = true
}

func (o *outbox) sendLocked(frame []byte) (full bool) {
	if o.sealed || o.dead {
		return false
	}
	if o.flushing {
		// The frame that goes out now may be as long as it is; what is bounded is
		// what waits behind it.
		if len(o.queue) > 0 && o.waiting-(len(o.queue[0])-o.offset)+len(frame) > o.max {
			return true
		}
		o.push(frame, 0)
		return false
	}
	n := o.try(frame)
	if !o.dead && n < len(frame) {
		o.push(frame, n) // what is begun is ended
	}
	return false
}

// seal takes a last frame after what is queued, and nothing from then on. With
// drop, what has not begun to be written is forgotten. It reports whether this
// was the first to say so.
func (o *outbox) seal(last []byte, drop bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sealed || o.dead {
		return false
	}
	o.sealed, o.lastWord = true, true
	if drop {
		o.dropUnbegun()
	}
	if o.flushing {
		o.push(last, 0)
		o.tcp.SetWriteDeadline(time.Now().Add(lastPatience))
		return true
	}
	n := o.try(last)
	switch {
	case o.dead:
	case n == len(last):
		o.sayGoodbye()
	default:
		o.push(last, n)
	}
	return true
}

// mark says how far the queue reaches now, for [outbox.behind].
func (o *outbox) mark() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queued
}

// behind reports whether something that was queued at a mark is still here.
func (o *outbox) behind(mark uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queued-uint64(o.waiting+o.flying) < mark
}

// try writes what the kernel takes at once.
func (o *outbox) try(frame []byte) int {
	if o.raw == nil {
		return 0
	}
	o.attempt.data, o.attempt.n, o.attempt.err = frame, 0, nil
	if err := o.raw.Write(o.attempt.write); err != nil {
		o.die()
		return 0
	}
	o.attempt.data = nil
	if o.attempt.err != nil && !errors.Is(o.attempt.err, syscall.EAGAIN) && !errors.Is(o.attempt.err, syscall.EINTR) {
		o.die()
	}
	return max(o.attempt.n, 0)
}

// push queues a frame; written of its bytes have gone out, which can only be
// when the queue is empty.
func (o *outbox) push(frame []byte, written int) {
	if written > 0 {
		o.offset = written
	}
	o.queue = append(o.queue, frame)
	o.waiting += len(frame) - written
	o.queued += uint64(len(frame) - written)
	if !o.flushing {
		o.flushing = true
		o.start(o.flush)
	}
}

// dropUnbegun forgets all but the frame that is written in part: cutting that
// one short would make nonsense of what follows.
func (o *outbox) dropUnbegun() {
	keep := 0
	if len(o.queue) > 0 && o.offset > 0 {
		keep = 1
	}
	clear(o.queue[keep:])
	o.queue = o.queue[:keep]
	o.waiting = 0
	if keep == 1 {
		o.waiting = len(o.queue[0]) - o.offset
	}
}

// flush writes until the queue is empty.
func (o *outbox) flush() {
	chunk := make([]byte, 0, flushChunk)
	for {
		o.mu.Lock()
		chunk = o.take(chunk[:0])
		o.flying = len(chunk)
		if len(chunk) == 0 || o.dead {
			o.flushing = false
			o.queue, o.offset = nil, 0
			if o.sealed && !o.dead {
				o.sayGoodbye()
			}
			if !o.dead {
				o.tcp.SetWriteDeadline(time.Time{})
			}
			o.mu.Unlock()
			return
		}
		wait := patience
		if o.sealed {
			wait = lastPatience
		}
		o.tcp.SetWriteDeadline(time.Now().Add(wait))
		o.mu.Unlock()
		if _, err := o.tcp.Write(chunk); err != nil {
			o.mu.Lock()
			o.die()
			o.flushing = false
			o.mu.Unlock()
			return
		}
	}
}

// take moves queued bytes into chunk, up to its capacity.
func (o *outbox) take(chunk []byte) []byte {
	for len(o.queue) > 0 && len(chunk) < cap(chunk) {
		rest := o.queue[0][o.offset:]
		n := min(len(rest), cap(chunk)-len(chunk))
		chunk = append(chunk, rest[:n]...)
		o.waiting -= n
		if n < len(rest) {
			o.offset += n
			break
		}
		o.queue[0] = nil
		o.queue, o.offset = o.queue[1:], 0
	}
	return chunk
}

// sayGoodbye ends our half of the connection and gives the other side a moment
// to read the close frame: closing at once, with its bytes unread, would reset
// the connection and lose that frame.
func (o *outbox) sayGoodbye() {
	if c, ok := o.tcp.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
	o.tcp.SetReadDeadline(time.Now().Add(goodbyeTime))
}

const goodbyeTime = 2 * time.Second

// cut ends the connection without a word.
func (o *outbox) cut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.die()
}

func (o *outbox) die() {
	if !o.dead {
		o.dead, o.sealed = true, true
		o.queue, o.waiting = nil, 0
		o.tcp.Close()
	}
}
