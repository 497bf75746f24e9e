package hub

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/gorilla/websocket"

	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// upgrader does the handshake (RFC 6455, section 4.2). Its buffers are small:
// there is one to read with for each idle connection, and we write ourselves.
var upgrader = websocket.Upgrader{
	ReadBufferSize:  1 << 10,
	WriteBufferSize: 1 << 10,
	WriteBufferPool: nil,
	Subprotocols:    []string{Subprotocol},
	CheckOrigin:     func(*http.Request) bool { return true }, // checked before, with our own answer
}

// ServeHTTP takes a connection. It checks who it is, where their page is from,
// and what they speak, in that order; then it leaves the HTTP server, whose
// buffers and stack would otherwise stay for as long as the connection.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "going down, come back in a moment", http.StatusServiceUnavailable)
		return
	}
	who, err := h.o.Gate.Identify(r)
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
	hijack := &hijacker{ResponseWriter: w}
	ws, err := upgrader.Upgrade(hijack, r, nil)
	if err != nil {
		h.people.free(who.Person)
		return // it has answered
	}
	h.welcome(ws, hijack.wire, who, format == "html")
}

// originFits compares the page's origin with where it was asked for. A browser
// sends one always, so a cookie without one is not a browser's page.
func (h *Hub) originFits(r *http.Request, byCookie bool) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return !byCookie
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && (u.Host == r.Host || u.Host == h.origin)
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
	w.Header().Set("Retry-After", "2")
	http.Error(w, "not now, try again in a moment", http.StatusServiceUnavailable)
}

// wire is the network connection as the websocket library sees it: what it
// writes of its own accord (a close frame after a bad one) goes through our
// outbox, so that it cannot fall into the middle of another frame.
type wire struct {
	net.Conn
	out *outbox // nil during the handshake
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
	h.wire = &wire{Conn: conn}
	return h.wire, buffers, nil
}
