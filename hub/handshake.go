package hub

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// upgrader does the handshake (RFC 6455, section 4.2). Its buffers are small:
// there is one to read with for each idle connection, and none to write with
// (a pool keeps it from making one), since we write ourselves.
var upgrader = websocket.Upgrader{
	ReadBufferSize:  1 << 10,
	WriteBufferSize: 1 << 10,
	WriteBufferPool: &sync.Pool{},
	Subprotocols:    []string{Subprotocol},
	CheckOrigin:     func(*http.Request) bool { return true }, // checked before, with our own answer
}

// ServeHTTP takes a connection. It checks who it is, where their page is from,
// and what they speak, in that order; then it leaves the HTTP server, whose
// buffers and stack would otherwise stay for as long as the connection.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "a socket is asked for with GET", http.StatusMethodNotAllowed)
		return
	}
	if h.draining.Load() {
		comeBack(w, "going down, come back in a moment")
		return
	}
	said := h.rechecks.said.Load()
	who, err := h.identify(r)
	if err != nil {
		refuse(w, err)
		return
	}
	if !h.originFits(r, who.ByCookie) {
		http.Error(w, "this page may not connect", http.StatusForbidden)
		return
	}
	if !slices.Contains(websocket.Subprotocols(r), Subprotocol) {
		http.Error(w, "the subprotocol must be "+Subprotocol, http.StatusBadRequest)
		return
	}
	format := r.URL.Query().Get("format")
	if format != "" && format != "json" && format != "html" {
		http.Error(w, "format must be json or html", http.StatusBadRequest)
		return
	}
	if !h.people.reserve(who.Person, limits.SocketsPerPerson) {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many connections of one person", http.StatusTooManyRequests)
		return
	}
	hijack, up, f := &hijacker{ResponseWriter: w}, &upgrader, form(0)
	if format == "html" {
		f |= asHTML
	}
	if h.o.Compression && offersDeflate(r) {
		up, f = &deflating, f|asDeflated
	}
	ws, err := up.Upgrade(hijack, r, nil)
	if err != nil {
		h.people.free(who.Person)
		return // it has answered
	}
	c := h.welcome(ws, hijack.wire, who, f)
	if said != h.rechecks.said.Load() { // access changed while they came in, perhaps theirs
		h.rechecks.add(c.person)
	}
}

// identify asks who this is, a few at a time.
func (h *Hub) identify(r *http.Request) (Identity, error) {
	ctx, cancel := context.WithTimeout(r.Context(), doorsTime)
	defer cancel()
	if !h.doors.take(ctx) {
		return Identity{}, fault.Down(errors.New("too many at the door"))
	}
	defer h.doors.giveBack()
	return h.o.Gate.Identify(r)
}

// comeBack refuses somebody for now. When they are told to come back differs,
// so that they do not all come back at once.
func comeBack(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", strconv.Itoa(1+rand.IntN(5)))
	http.Error(w, why, http.StatusServiceUnavailable)
}

// originFits compares the page's origin with where it was asked for. A browser
// sends one always, so a cookie without one is not a browser's page.
func (h *Hub) originFits(r *http.Request, byCookie bool) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return !byCookie
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	from := hostAndPort(u.Host, u.Scheme)
	return from == hostAndPort(r.Host, u.Scheme) || from == hostAndPort(h.origin, u.Scheme)
}

// hostAndPort spells a host in one way: in small letters, without the port that
// goes without saying (RFC 6454, section 4).
func hostAndPort(host, scheme string) string {
	host = strings.ToLower(host)
	switch strings.ToLower(scheme) {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

func refuse(w http.ResponseWriter, err error) {
	if fault.Is(err, fault.Unidentified) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="leerkring"`)
		http.Error(w, "sign in first", http.StatusUnauthorized)
		return
	}
	if fault.Is(err, fault.Forbidden) {
		http.Error(w, "this token may not listen", http.StatusForbidden)
		return
	}
	comeBack(w, "not now, try again in a moment")
}

// wire is the network connection as the websocket library sees it. What it
// reads has passed the guard. What it writes of its own accord (a close frame
// after a bad one) goes through our outbox, so that it cannot fall into the
// middle of another frame.
type wire struct {
	net.Conn
	guard guard
	out   *outbox // nil during the handshake
}

func (w *wire) Read(b []byte) (int, error) {
	if w.guard.broken != nil {
		return 0, w.guard.broken
	}
	n, err := w.Conn.Read(b)
	allowed := w.guard.pass(b[:n])
	if allowed < n && allowed == 0 {
		return 0, w.guard.broken
	}
	return allowed, err
}

func (w *wire) Write(b []byte) (int, error) {
	if w.out == nil {
		return w.Conn.Write(b)
	}
	if len(b) > 0 && b[0] == finClose {
		w.out.seal(bytes.Clone(b), false)
	} else {
		w.out.send(bytes.Clone(b))
	}
	return len(b), nil
}

// kernelQueue is how much the kernel may hold for a connection that does not
// read. By itself it would take megabytes, beyond what we can count or take back.
const kernelQueue = 128 << 10

// hijacker hands the library a wire instead of the bare connection.
type hijacker struct {
	http.ResponseWriter
	wire *wire
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if c, ok := conn.(interface{ SetWriteBuffer(int) error }); ok {
		c.SetWriteBuffer(kernelQueue)
	}
	h.wire = &wire{Conn: conn}
	return h.wire, buffers, nil
}
