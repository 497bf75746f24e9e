package hub

import (
	"bytes"
	"compress/flate"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// Compression (RFC 7692), when it is switched on and a client offers it: each
// message on its own, so that nothing is kept for a connection, and a change is
// compressed once for everybody.

const (
	// deflateLeast is how long a message must be to be worth it.
	deflateLeast = 256
	// finTextDeflated is a whole text frame that is compressed (RSV1).
	finTextDeflated = finText | 0x40
)

// form is in what form a connection gets changes.
type form uint8

const (
	asHTML form = 1 << iota
	asDeflated
	forms
)

// offersDeflate reports whether a client offers compression in a way that we can
// do: not with a smaller window than ours.
func offersDeflate(r *http.Request) bool {
	for _, header := range r.Header.Values("Sec-Websocket-Extensions") {
		for offer := range strings.SplitSeq(header, ",") {
			name, parameters, _ := strings.Cut(offer, ";")
			if strings.TrimSpace(name) == "permessage-deflate" {
				return !strings.Contains(parameters, "server_max_window_bits")
			}
		}
	}
	return false
}

// deflating is the upgrader for those who offer compression.
var deflating = func() websocket.Upgrader {
	u := upgrader
	u.EnableCompression = true
	return u
}()

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // fails only for a level that does not exist
	return w
}}

// deflated returns a text frame with its payload compressed, or as it is when it
// is too short for that to help.
func deflated(plain []byte) []byte {
	payload := plain[headLength(plain):]
	if len(payload) < deflateLeast {
		return plain
	}
	var b bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	w.Write(payload)
	w.Flush()
	small := bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff}) // the other side puts it back
	if len(small) >= len(payload) {
		return plain
	}
	return frame(finTextDeflated, small)
}

// headLength is how long the head of one of our own frames is.
func headLength(frame []byte) int {
	switch frame[1] {
	case 126:
		return 4
	case 127:
		return 10
	}
	return 2
}
