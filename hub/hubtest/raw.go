package hubtest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Raw is a socket that says exactly the bytes it is told to, also those that no
// websocket library would send.
type Raw struct {
	Conn net.Conn
	// Handshake is the server's answer to the request that opened it.
	Handshake *http.Response
	t         testing.TB
	r         *bufio.Reader
}

// DialRaw connects and does the handshake.
func DialRaw(t testing.TB, address string, header http.Header) *Raw {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(Patience))
	request, _ := http.NewRequest("GET", address, nil)
	for name, values := range header {
		request.Header[name] = values
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "leerkring.v1",
	} {
		request.Header.Set(name, value)
	}
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, request)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v, %+v", err, response)
	}
	return &Raw{Conn: conn, Handshake: response, t: t, r: r}
}

// Say writes bytes as they are. That the other side has gone shows when reading.
func (c *Raw) Say(b []byte) { c.Conn.Write(b) }

// Frame is a frame to send, right or wrong.
type Frame struct {
	Head    byte // FIN, the reserved bits, the opcode
	Payload []byte
	// NoMask leaves the mask out.
	NoMask bool
	// Wide writes the length in 16 (126) or 64 bits (127) however short it is.
	Wide byte
	// Length, when not nil, stands in the head instead of the true one.
	Length *uint64
}

// Opcodes and the bit that says that a frame is whole (RFC 6455, section 5.2).
const (
	Fin          = 0x80
	Continuation = 0x0
	Text         = 0x1
	Binary       = 0x2
	Close        = 0x8
	Ping         = 0x9
	Pong         = 0xA
)

var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// Bytes is how the frame goes over the line.
func (f Frame) Bytes() []byte {
	length := uint64(len(f.Payload))
	if f.Length != nil {
		length = *f.Length
	}
	wide := f.Wide
	if wide == 0 {
		switch {
		case length < 126:
		case length < 1<<16:
			wide = 126
		default:
			wide = 127
		}
	}
	masked := byte(0x80)
	if f.NoMask {
		masked = 0
	}
	b := []byte{f.Head}
	switch wide {
	case 0:
		b = append(b, masked|byte(length))
	case 126:
		b = binary.BigEndian.AppendUint16(append(b, masked|126), uint16(length))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|127), length)
	}
	if f.NoMask {
		return append(b, f.Payload...)
	}
	b = append(b, mask[:]...)
	for i, p := range f.Payload {
		b = append(b, p^mask[i%4])
	}
	return b
}

// Heard is a frame of the server.
type Heard struct {
	Opcode  byte
	Payload []byte
}

// errServerFrame is a frame that a server must not send.
var errServerFrame = errors.New("the server broke RFC 6455")

// Read reads the next frame.
func (c *Raw) Read() (h Heard, err error) { return ReadFrame(c.r) }

// ReadFrame reads one frame of a server, strictly: whole, without mask or
// reserved bits, its length in the shortest form.
func ReadFrame(r io.Reader) (h Heard, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return h, err
	}
	if head[0]&0xf0 != Fin || head[1]&0x80 != 0 {
		return h, fmt.Errorf("%w: head %x", errServerFrame, head)
	}
	h.Opcode = head[0] & 0xf
	length := uint64(head[1])
	least := uint64(0)
	switch length {
	case 126:
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return h, err
		}
		length, least = uint64(binary.BigEndian.Uint16(long[:])), 126
	case 127:
		var long [8]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return h, err
		}
		length, least = binary.BigEndian.Uint64(long[:]), 1<<16
	}
	if length < least || length > 1<<20 || h.Opcode >= Close && length > 125 {
		return h, fmt.Errorf("%w: length %d", errServerFrame, length)
	}
	h.Payload = make([]byte, length)
	_, err = io.ReadFull(r, h.Payload)
	return h, err
}

// Rest reads to the end and returns what came before the close frame, but pings,
// and the code in it: 0 when it has none, -1 when there was no close frame. Anything
// after a close frame is an error.
func (c *Raw) Rest() (before []Heard, code int, err error) {
	for {
		h, err := c.Read()
		switch {
		case err != nil:
			var network net.Error
			if errors.Is(err, errServerFrame) || errors.As(err, &network) && network.Timeout() {
				return before, -1, err
			}
			return before, -1, nil
		case h.Opcode == Ping: // whether one falls within is chance
			continue
		case h.Opcode != Close:
			before = append(before, h)
			continue
		}
		if len(h.Payload) >= 2 {
			code = int(binary.BigEndian.Uint16(h.Payload))
		}
		c.Conn.(*net.TCPConn).CloseWrite() // the other side waits for that
		if extra, err := io.ReadAll(c.r); err == nil && len(extra) > 0 {
			return before, code, fmt.Errorf("%w: %x after the close frame", errServerFrame, extra)
		}
		return before, code, nil
	}
}
