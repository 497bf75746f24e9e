package testkit

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is a line to somewhere that can fail as lines do: fall silent, be cut,
// refuse, be slow, or change what goes over it. It is safe for concurrent use.
type Proxy struct {
	target   string
	listener net.Listener
	work     sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	closed  bool
	silent  bool
	refuses bool
	delay   time.Duration
	rewrite func(b []byte) []byte
	conns   map[net.Conn]bool
}

// NewProxy returns a line to target (HOST:PORT) that works.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{target: target, listener: listener, conns: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.work.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Address is where to connect (HOST:PORT).
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Hole makes the line open and silent: connections stay and new ones are taken,
// and nothing arrives. What was sent meanwhile arrives after [Proxy.Heal], as it
// would when the cable is put back.
func (p *Proxy) Hole() { p.set(func() { p.silent = true }) }

// Refuse ends all connections and takes no new ones.
func (p *Proxy) Refuse() {
	p.set(func() { p.refuses = true })
	p.Cut()
}

// Heal makes the line work again.
func (p *Proxy) Heal() {
	p.set(func() { p.silent, p.refuses, p.delay, p.rewrite = false, false, 0, nil })
}

// Delay makes everything take this much longer, in each direction.
func (p *Proxy) Delay(d time.Duration) { p.set(func() { p.delay = d }) }

// Rewrite changes what goes to the target, piece by piece as it comes.
func (p *Proxy) Rewrite(rewrite func(b []byte) []byte) { p.set(func() { p.rewrite = rewrite }) }

// Cut ends the connections there are.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

func (p *Proxy) close() {
	p.listener.Close()
	p.set(func() { p.closed = true })
	p.Cut()
	p.work.Wait()
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.join(near) })
	}
}

// join passes on what goes over one connection, until either end closes.
func (p *Proxy) join(near net.Conn) {
	defer p.drop(near)
	if !p.keep(near) || !p.pass(nil) {
		return
	}
	far, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer p.drop(far)
	if !p.keep(far) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		p.copy(near, far, false)
		near.Close()
	})
	p.copy(far, near, true)
	if c, ok := far.(*net.TCPConn); ok {
		c.CloseWrite()
	}
	back.Wait()
}

func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.refuses {
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *Proxy) copy(to io.Writer, from io.Reader, outward bool) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		piece := b[:n]
		if n > 0 && !p.pass(func(rewrite func([]byte) []byte) {
			if outward && rewrite != nil {
				piece = rewrite(piece)
			}
		}) {
			return
		}
		if _, failed := to.Write(piece); failed != nil || err != nil {
			return
		}
	}
}

// pass waits until something may go over the line, and reports whether it still
// exists.
func (p *Proxy) pass(look func(rewrite func([]byte) []byte)) bool {
	p.mu.Lock()
	delay := p.delay
	p.mu.Unlock()
	time.Sleep(delay)
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.silent && !p.closed {
		p.changed.Wait()
	}
	if look != nil {
		look(p.rewrite)
	}
	return !p.closed
}
