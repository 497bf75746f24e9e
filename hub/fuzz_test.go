package hub_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"leerkring/hub"
	"leerkring/hub/hubtest"
)

// Whatever bytes a client sends: the server answers in frames that follow the
// rules, answers each command once and in order, and says goodbye at most once.
// What it should say is worked out by a second reader, written from RFC 6455
// without a look at the first.
func FuzzFrames(f *testing.F) {
	for _, c := range frameCases() {
		if len(c.say) < 1000 {
			f.Add(c.say)
		}
	}
	h := fuzzHub(f)
	f.Fuzz(func(t *testing.T, said []byte) {
		want := judge(said)
		got, code := converse(t, h, said)
		if len(got) != len(want.answers) {
			t.Fatalf("%d answers, want %d: %q", len(got), len(want.answers), got)
		}
		for i, h := range got {
			if h.Opcode != want.answers[i].Opcode || h.Opcode == hubtest.Pong && !bytes.Equal(h.Payload, want.answers[i].Payload) {
				t.Fatalf("answer %d is %+v, want %+v", i, h, want.answers[i])
			}
		}
		if code != want.code && (want.code >= -1 || code != -1 && code != -want.code) {
			t.Fatalf("closed with %d, want %d", code, want.code)
		}
	})
}

// Whatever stands in a message: it is answered once, with its number when that
// could be read, and no answer says that we failed.
func FuzzCommand(f *testing.F) {
	for _, message := range []string{
		pingCommand, `{"id":2,"cmd":"subscribe","stream":1,"since":0}`, `{"id":2,"cmd":"subscribe","stream":1}`,
		`{"id":3,"cmd":"unsubscribe","stream":1}`, `{"id":4,"cmd":"typing","stream":1}`, `{"id":5,"cmd":"presence","stream":1}`,
		`{"id":6,"cmd":"presence","stream":9999999}`, `{"id":1,"id":2,"cmd":"ping"}`, `{"id":1e3,"cmd":"ping"}`, `{"id":-0,"cmd":"ping"}`,
		`{"id":9223372036854775807,"cmd":"ping"}`, `{"id":1,"cmd":"ping","x":[[[[]]]]}`, `{"id":1,"cmd":"\ud800"}`, `{"id":1,"cmd":"p\u0000"}`,
		`{"id":1,"cmd":"subscribe","stream":1e400}`, `{"id":1,"cmd":"subscribe","stream":-1,"since":-9223372036854775808}`, `null`, `[{}]`, ``,
	} {
		f.Add([]byte(message))
	}
	h := fuzzHub(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		if !utf8.Valid(message) || len(message) > 256<<10 {
			return
		}
		// The ping behind it shows that the connection goes on, and in order.
		said := join(text(string(message)), text(`{"id":-77,"cmd":"ping"}`), goodbye)
		heard, code := converse(t, h, said)
		if code != normal || len(heard) < 2 {
			t.Fatalf("closed with %d after %q", code, heard)
		}
		var answers []hubtest.Message
		for _, h := range heard {
			var m hubtest.Message
			if err := json.Unmarshal(h.Payload, &m); err != nil {
				t.Fatalf("%s: %v", h.Payload, err)
			}
			if m.Event == "" {
				answers = append(answers, m)
			}
		}
		if len(answers) != 2 || answers[1].ID == nil || *answers[1].ID != -77 {
			t.Fatalf("answered %q", heard)
		}
		first := answers[0]
		if (first.OK == nil) == (first.Error == nil) || first.OK != nil && first.ID == nil {
			t.Fatalf("answered %q", heard)
		}
		if first.Error != nil && first.Error.Code == "unavailable" {
			t.Fatalf("%s was our fault", message)
		}
	})
}

func fuzzHub(f *testing.F) *hub.Hub {
	o := options(newStore())
	o.Unlimited = true
	o.Log = slog.New(slog.NewTextHandler(failOn{f}, &slog.HandlerOptions{Level: slog.LevelError}))
	h := hub.New(o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	f.Cleanup(func() { stop(); <-done })
	return h
}

// failOn fails at whatever is logged as an error.
type failOn struct{ f *testing.F }

func (l failOn) Write(b []byte) (int, error) {
	panic("logged: " + string(b))
}

// converse says bytes to the hub and then nothing more, and returns what the
// hub says until it ends. The line is a pair of sockets within the process:
// what is written to it can be read after it was closed.
func converse(t *testing.T, h *hub.Hub, said []byte) (heard []hubtest.Heard, code int) {
	ours, theirs := socketPair(t)
	defer ours.Close()
	r, _ := http.NewRequest("GET", "http://localhost/ws", nil)
	r.Header = http.Header{
		"X-Person": {"1"}, "Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {"leerkring.v1"},
	}
	h.ServeHTTP(hijacked{theirs}, r)
	go func() { // ends when either side closes
		ours.Write(said)
		ours.CloseWrite()
	}()
	ours.SetReadDeadline(time.Now().Add(hubtest.Patience))
	all, err := io.ReadAll(ours)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	out := bufio.NewReader(bytes.NewReader(all))
	if response, err := http.ReadResponse(out, r); err != nil || response.StatusCode != 101 {
		t.Fatalf("handshake: %v", err)
	}
	code = -1
	for {
		h, err := hubtest.ReadFrame(out)
		if errors.Is(err, io.EOF) {
			return heard, code
		}
		if err != nil {
			t.Fatal(err)
		}
		if code != -1 {
			t.Fatalf("%+v after the close frame", h)
		}
		if h.Opcode == hubtest.Close {
			code = 0
			if len(h.Payload) >= 2 {
				code = int(binary.BigEndian.Uint16(h.Payload))
			}
			continue
		}
		if h.Opcode != hubtest.Ping { // whether one falls within is chance
			heard = append(heard, h)
		}
	}
}

func socketPair(t *testing.T) (ours, theirs *net.UnixConn) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var conns [2]*net.UnixConn
	for i, fd := range ends {
		file := os.NewFile(uintptr(fd), "")
		conn, err := net.FileConn(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		conns[i] = conn.(*net.UnixConn)
	}
	return conns[0], conns[1]
}

// hijacked answers a request by handing out the connection.
type hijacked struct{ *net.UnixConn }

func (h hijacked) Header() http.Header { return http.Header{} }
func (h hijacked) WriteHeader(int)     {}
func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.UnixConn, bufio.NewReadWriter(bufio.NewReader(h), bufio.NewWriter(h)), nil
}

// verdict is what RFC 6455 and the protocol ask for.
type verdict struct {
	answers []hubtest.Heard
	code    int // of the close frame, -1 when none is due
}

// judge reads what a client said.
func judge(b []byte) (v verdict) {
	v.code = -1
	var message []byte
	within, pieces := false, 0
	for {
		if len(b) < 2 {
			return v
		}
		fin, reserved, opcode, masked, length := b[0]>>7 == 1, b[0]>>4&7, b[0]&0xf, b[1]>>7 == 1, uint64(b[1]&0x7f)
		head, least := 2, uint64(0)
		switch length {
		case 126:
			head, least = 4, 126
		case 127:
			head, least = 10, 1<<16
		}
		if masked {
			head += 4
		}
		// What is wrong may be said as soon as it is seen, but a client that has
		// not said all of the head may also be waited for.
		if len(b) < head {
			wrong := reserved != 0 || opcode > 2 && opcode < 8 || opcode > 10 || !masked || opcode >= 8 && (!fin || length > 125) ||
				opcode == 0 && !within || (opcode == 1 || opcode == 2) && within
			if wrong {
				v.code = maybe(protocolError)
			}
			return v
		}
		switch least {
		case 126:
			length = uint64(binary.BigEndian.Uint16(b[2:]))
		case 1 << 16:
			length = binary.BigEndian.Uint64(b[2:])
		}
		switch {
		case reserved != 0, opcode > 2 && opcode < 8, opcode > 10, !masked, length < least, length>>63 == 1,
			opcode >= 8 && (!fin || length > 125), opcode == 8 && length == 1,
			opcode == 0 && !within, (opcode == 1 || opcode == 2) && within:
			v.code = protocolError
			return v
		}
		if opcode < 8 {
			if pieces++; pieces > 1024 || uint64(len(message))+length > 256<<10 {
				v.code = tooLarge
				return v
			}
			if opcode == 2 {
				v.code = notText
				return v
			}
		}
		if uint64(len(b)-head) < length {
			return v
		}
		payload := bytes.Clone(b[head : head+int(length)])
		for i := range payload {
			payload[i] ^= b[head-4+i%4]
		}
		b = b[head+int(length):]
		switch opcode {
		case 8:
			v.code = judgeClose(payload)
			return v
		case 9:
			v.answers = append(v.answers, hubtest.Heard{Opcode: hubtest.Pong, Payload: payload})
		case 10:
		default:
			message, within = append(message, payload...), !fin
			if within {
				continue
			}
			if !utf8.Valid(message) {
				v.code = badText
				return v
			}
			v.answers = append(v.answers, hubtest.Heard{Opcode: hubtest.Text})
			message, pieces = nil, 0
		}
	}
}

func judgeClose(payload []byte) int {
	if len(payload) == 0 {
		return 0
	}
	code := int(binary.BigEndian.Uint16(payload))
	registered := code >= 1000 && code <= 1013 && code != 1004 && code != 1005 && code != 1006
	if !registered && (code < 3000 || code > 4999) || !utf8.Valid(payload[2:]) {
		return protocolError
	}
	return code
}

// maybe marks a code that may also stay out.
func maybe(code int) int { return -code }
