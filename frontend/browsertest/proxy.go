package browsertest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Proxy stands between the browsers and a site, and does to the sockets what bad
// lines and bad proxies do. Pages and forms always come through.
type Proxy struct {
	listener net.Listener
	target   string
	work     sync.WaitGroup

	mu     sync.Mutex
	closed bool
	lines  map[*line]bool
	held   chan struct{} // closed when new sockets may go on; nil when they may
	opens  int

	mangle atomic.Pointer[func(frame []byte) [][]byte]
}

// line is one connection of a browser, with ours to the site.
type line struct {
	browser  net.Conn
	site     net.Conn // nil until it is known what the browser wants
	isSocket bool
	silent   atomic.Bool
}

func (l *line) close() {
	l.browser.Close()
	if l.site != nil {
		l.site.Close()
	}
}

// Behind puts the site behind a proxy: pages that are opened from now on come
// through it.
func (s *Site) Behind() *Proxy {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: s.settings.Addr, lines: map[*line]bool{}}
	s.URL = "http://" + listener.Addr().String()
	p.work.Go(p.serve)
	s.t.Cleanup(p.close)
	return p
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.listener.Close()
	p.Let()
	p.end(func(*line) bool { return true })
	p.work.Wait()
}

// Cut ends all sockets that are open, without a goodbye, and returns how many.
func (p *Proxy) Cut() int { return p.end(func(l *line) bool { return l.isSocket }) }

func (p *Proxy) end(which func(*line) bool) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		if which(l) {
			l.close()
			n++
		}
	}
	return n
}

// Silence makes the sockets that are open swallow what is said, both ways, and
// say nothing of it. Those that are opened later work.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		l.silent.Store(l.isSocket)
	}
}

// Hold lets sockets that want to open wait, until [Proxy.Let].
func (p *Proxy) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = make(chan struct{})
	}
}

// Let lets sockets go on that were held.
func (p *Proxy) Let() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

// Asked returns how many sockets browsers have wanted to open so far.
func (p *Proxy) Asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opens
}

// Mangle gives every frame of text that the site sends over a socket to fn, and
// sends on what it makes of it: nothing, the frame twice, another order. It is
// called by one goroutine for each socket.
func (p *Proxy) Mangle(fn func(frame []byte) [][]byte) {
	if fn == nil {
		p.mangle.Store(nil)
		return
	}
	p.mangle.Store(&fn)
}

func (p *Proxy) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.carry(conn) })
	}
}

// carry copies both ways until one side ends.
func (p *Proxy) carry(browser net.Conn) {
	l := &line{browser: browser}
	defer p.forget(l)
	if !p.note(l, nil, false) {
		return
	}
	asks := bufio.NewReader(browser)
	const socket = "GET /ws"
	start, err := asks.Peek(len(socket))
	if err != nil {
		return
	}
	isSocket := string(start) == socket
	if isSocket {
		p.wait()
	}
	site, err := net.DialTimeout("tcp", p.target, patience)
	if err != nil || !p.note(l, site, isSocket) {
		return
	}
	p.work.Go(func() {
		defer l.close()
		if isSocket {
			p.answers(l)
		} else {
			io.Copy(browser, site)
		}
	})
	l.copy(site, asks)
}

// wait notes that somebody wants a socket, and waits until they may.
func (p *Proxy) wait() {
	p.mu.Lock()
	p.opens++
	held := p.held
	p.mu.Unlock()
	if held != nil {
		<-held
	}
}

// note keeps what is known of a line, and reports whether it may go on.
func (p *Proxy) note(l *line, site net.Conn, isSocket bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.site, l.isSocket = site, isSocket
	p.lines[l] = true
	return !p.closed
}

func (p *Proxy) forget(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, l)
	l.close()
}

// copy passes on what is said, unless the line is silent.
func (l *line) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if l.silent.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// answers passes on what the site says over a socket, frame by frame (RFC 6455,
// section 5.2).
func (p *Proxy) answers(l *line) {
	from := bufio.NewReaderSize(l.site, 64<<10)
	for {
		header, err := from.ReadBytes('\n')
		if err != nil {
			return
		}
		l.browser.Write(header)
		if len(bytes.TrimSpace(header)) == 0 {
			break
		}
	}
	for {
		frame, err := readFrame(from)
		if err != nil {
			return
		}
		if l.silent.Load() {
			continue
		}
		frames := [][]byte{frame}
		const text = 0x81
		if fn := p.mangle.Load(); fn != nil && frame[0] == text {
			frames = (*fn)(frame)
		}
		l.browser.SetWriteDeadline(time.Now().Add(patience))
		for _, f := range frames {
			if _, err := l.browser.Write(f); err != nil {
				return
			}
		}
	}
}

// readFrame reads one frame as a server sends it, without a mask.
func readFrame(from *bufio.Reader) ([]byte, error) {
	head, err := from.Peek(2)
	if err != nil {
		return nil, err
	}
	start, size := 2, int(head[1]&0x7f)
	switch size {
	case 126:
		if head, err = from.Peek(4); err != nil {
			return nil, err
		}
		start, size = 4, int(binary.BigEndian.Uint16(head[2:]))
	case 127:
		if head, err = from.Peek(10); err != nil {
			return nil, err
		}
		start, size = 10, int(binary.BigEndian.Uint64(head[2:]))
	}
	frame := make([]byte, start+size)
	_, err = io.ReadFull(from, frame)
	return frame, err
}
