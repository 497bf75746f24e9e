package hub_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"leerkring/hub/hubtest"
)

// What a client may send and what it may not, in the order of RFC 6455. The
// bytes are said on a connection of their own, and the server's close code is
// compared, while another connection goes on.

type frameCase struct {
	name string
	say  []byte
	code int // the close code that must come; 0 for a close frame without one
	// pieces, when there are any, are said one by one instead.
	pieces [][]byte
	// heard, when set, is what must have been answered before the close.
	heard []hubtest.Heard
}

const (
	protocolError = 1002
	notText       = 1003
	badText       = 1007
	tooLarge      = 1009
	normal        = 1000
)

func rawFrame(head byte, payload string) []byte {
	return hubtest.Frame{Head: head, Payload: []byte(payload)}.Bytes()
}

func text(s string) []byte { return rawFrame(hubtest.Fin|hubtest.Text, s) }

func closing(code int, reason string) []byte {
	return rawFrame(hubtest.Fin|hubtest.Close, string([]byte{byte(code >> 8), byte(code)})+reason)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var goodbye = closing(normal, "")

const pingCommand = `{"id":1,"cmd":"ping"}`

var pinged = hubtest.Heard{Opcode: hubtest.Text, Payload: []byte(`{"id":1,"ok":{}}`)}

var opcodeNames = map[byte]string{
	hubtest.Continuation: "continuation", hubtest.Text: "text", hubtest.Binary: "binary",
	hubtest.Close: "close", hubtest.Ping: "ping", hubtest.Pong: "pong",
}

func frameCases() (all []frameCase) {
	add := func(code int, say []byte, name string, args ...any) {
		all = append(all, frameCase{name: fmt.Sprintf(name, args...), say: say, code: code})
	}
	works := func(say []byte, heard []hubtest.Heard, name string, args ...any) {
		all = append(all, frameCase{name: fmt.Sprintf(name, args...), say: join(say, goodbye), code: normal, heard: heard})
	}
	reservedBits(add)
	reservedOpcodes(add)
	masks(add)
	controlFrames(add, works)
	fragments(add, works)
	badUTF8(add, works)
	closeFrames(add, works)
	lengths(add, works)
	kinds(add)
	return all
}

type adder func(code int, say []byte, name string, args ...any)

type workAdder func(say []byte, heard []hubtest.Heard, name string, args ...any)

func reservedBits(add adder) {
	for bits := byte(1); bits < 8; bits++ {
		for opcode, name := range opcodeNames {
			for _, payload := range []string{"", "hoi"} {
				add(protocolError, rawFrame(hubtest.Fin|bits<<4|opcode, payload), "reserved bits %03b, %s, %d bytes", bits, name, len(payload))
			}
		}
	}
	// A frame that says it is compressed, though nobody agreed on that, after a good one.
	add(protocolError, join(text(pingCommand), rawFrame(0xC0|hubtest.Text, "\xf2\x48\xcd\xc9\xc9\x07\x00")), "compressed without agreement")
}

func reservedOpcodes(add adder) {
	for _, opcode := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, fin := range []byte{hubtest.Fin, 0} {
			for _, payload := range []string{"", "verboden"} {
				add(protocolError, rawFrame(fin|opcode, payload), "opcode %d, fin %v, %d bytes", opcode, fin != 0, len(payload))
			}
		}
	}
}

func masks(add adder) {
	for opcode, name := range opcodeNames {
		for _, payload := range []string{"", "hallo"} {
			add(protocolError, hubtest.Frame{Head: hubtest.Fin | opcode, Payload: []byte(payload), NoMask: true}.Bytes(),
				"no mask, %s, %d bytes", name, len(payload))
		}
	}
}

func controlFrames(add adder, works workAdder) {
	for _, opcode := range []byte{hubtest.Close, hubtest.Ping, hubtest.Pong} {
		name := opcodeNames[opcode]
		for _, payload := range []string{"", "\x03\xe8"} {
			add(protocolError, rawFrame(opcode, payload), "%s in pieces, %d bytes", name, len(payload))
			add(protocolError, join(rawFrame(opcode, payload), rawFrame(hubtest.Fin, payload)), "%s in two pieces, %d bytes", name, len(payload))
		}
		for _, size := range []int{126, 127, 1000, 1 << 16} {
			add(protocolError, rawFrame(hubtest.Fin|opcode, strings.Repeat("\x03\xe8", size/2+1)[:size]), "%s of %d bytes", name, size)
		}
	}
	pong := func(payload string) hubtest.Heard {
		return hubtest.Heard{Opcode: hubtest.Pong, Payload: []byte(payload)}
	}
	for _, payload := range []string{"", "x", "\x00\xff\xfe", strings.Repeat("p", 124), strings.Repeat("p", 125)} {
		works(rawFrame(hubtest.Fin|hubtest.Ping, payload), []hubtest.Heard{pong(payload)}, "ping of %d bytes", len(payload))
		works(rawFrame(hubtest.Fin|hubtest.Pong, payload), nil, "a pong nobody asked for, %d bytes", len(payload))
	}
	var pings []byte
	var pongs []hubtest.Heard
	for i := range 10 {
		pings = append(pings, rawFrame(hubtest.Fin|hubtest.Ping, fmt.Sprint(i))...)
		pongs = append(pongs, pong(fmt.Sprint(i)))
	}
	works(pings, pongs, "ten pings at once")
	flood := bytes.Repeat(rawFrame(hubtest.Fin|hubtest.Ping, "p"), 300)
	add(4429, flood, "a flood of pings")
	add(4429, bytes.Repeat(rawFrame(hubtest.Fin|hubtest.Pong, "p"), 300), "a flood of pongs")
	add(4429, bytes.Repeat(join(rawFrame(hubtest.Text, ""), rawFrame(hubtest.Fin|hubtest.Continuation, "")), 300), "a flood of empty commands")
	add(4429, join(rawFrame(hubtest.Text, "{"), flood), "a flood of pings within a message")
}

func fragments(add adder, works workAdder) {
	const first, middle, last = hubtest.Text, hubtest.Continuation, hubtest.Fin | hubtest.Continuation
	ping, pong := rawFrame(hubtest.Fin|hubtest.Ping, "tussendoor"), hubtest.Heard{Opcode: hubtest.Pong, Payload: []byte("tussendoor")}
	for cut := 0; cut <= len(pingCommand); cut += 3 {
		a, b := rawFrame(first, pingCommand[:cut]), rawFrame(last, pingCommand[cut:])
		works(join(a, b), []hubtest.Heard{pinged}, "cut after %d", cut)
		works(join(a, ping, b), []hubtest.Heard{pong, pinged}, "a ping within, after %d", cut)
	}
	var bytewise, pingwise []byte
	var answers []hubtest.Heard
	for i := range pingCommand {
		head := byte(middle)
		if i == 0 {
			head = first
		}
		bytewise = append(bytewise, rawFrame(head, pingCommand[i:i+1])...)
		pingwise = append(pingwise, join(rawFrame(head, pingCommand[i:i+1]), ping)...)
		answers = append(answers, pong)
	}
	works(join(bytewise, rawFrame(last, "")), []hubtest.Heard{pinged}, "a piece for each byte")
	works(join(pingwise, rawFrame(last, "")), append(answers, pinged), "a ping after each byte")
	works(join(rawFrame(first, ""), bytes.Repeat(rawFrame(middle, ""), 20), rawFrame(last, pingCommand)), []hubtest.Heard{pinged}, "empty pieces")
	works(join(rawFrame(first, pingCommand), bytes.Repeat(rawFrame(middle, ""), 1022), rawFrame(last, "")), []hubtest.Heard{pinged}, "1024 pieces")
	add(tooLarge, join(rawFrame(first, pingCommand), bytes.Repeat(rawFrame(middle, ""), 1023), rawFrame(last, "")), "1025 pieces")
	add(tooLarge, join(rawFrame(first, ""), bytes.Repeat(rawFrame(middle, ""), 10_000)), "pieces without end")
	for _, payload := range []string{"", "x"} {
		for _, head := range []byte{middle, last} {
			add(protocolError, rawFrame(head, payload), "continues nothing: head %x, %d bytes", head, len(payload))
			add(protocolError, join(text(pingCommand), rawFrame(head, payload)), "continues what is whole: head %x, %d bytes", head, len(payload))
			add(protocolError, join(ping, rawFrame(head, payload)), "continues a ping: head %x, %d bytes", head, len(payload))
		}
		for _, head := range []byte{hubtest.Text, hubtest.Fin | hubtest.Text, hubtest.Binary, hubtest.Fin | hubtest.Binary} {
			add(protocolError, join(rawFrame(first, "{"), rawFrame(head, payload)), "begins within a message: head %x, %d bytes", head, len(payload))
			add(protocolError, join(rawFrame(first, "{"), ping, rawFrame(middle, "}"), rawFrame(head, payload)), "begins late within a message: head %x, %d bytes", head, len(payload))
		}
	}
	add(normal, join(rawFrame(first, pingCommand[:5]), goodbye), "leaves within a message")
}

// badUTF8 tries what RFC 3629 forbids, whole and cut up in every way.
func badUTF8(add adder, works workAdder) {
	for name, bad := range map[string]string{
		"lone continuation": "\x80", "two of them": "\xbf\xbf", "FE": "\xfe", "FF": "\xff", "C0": "\xc0\xaf", "C1": "\xc1\xbf",
		"overlong in three": "\xe0\x80\xaf", "overlong in four": "\xf0\x80\x80\xaf", "five bytes": "\xf8\x88\x80\x80\x80", "six bytes": "\xfc\x84\x80\x80\x80\x80",
		"overlong NUL": "\xc0\x80", "surrogate": "\xed\xa0\x80", "surrogate pair": "\xed\xa0\x80\xed\xb0\x80", "beyond Unicode": "\xf4\x90\x80\x80",
		"cut after one of two": "\xc3", "cut after two of three": "\xe2\x82", "cut after three of four": "\xf0\x9f\x98", "Latin-1": "caf\xe9",
	} {
		message := `{"id":1,"cmd":"` + bad + `"}`
		middle := len(`{"id":1,"cmd":"`) + 1
		add(badText, text(message), "UTF-8: %s", name)
		add(badText, text(bad), "UTF-8: %s alone", name)
		add(badText, join(rawFrame(hubtest.Text, message[:middle]), rawFrame(hubtest.Fin|hubtest.Ping, "x"), rawFrame(hubtest.Fin, message[middle:])), "UTF-8: %s, cut within", name)
		var bytewise []byte
		for i := range len(message) {
			bytewise = append(bytewise, rawFrame([]byte{hubtest.Text, hubtest.Continuation}[min(i, 1)], message[i:i+1])...)
		}
		add(badText, join(bytewise, rawFrame(hubtest.Fin, "")), "UTF-8: %s, a piece for each byte", name)
	}
	unknown := `{"id":1,"cmd":"κόσμε 😀 \u0000"}`
	for cut := len(`{"id":1,"cmd":"`); cut < len(`{"id":1,"cmd":"`)+4; cut++ {
		works(join(rawFrame(hubtest.Text, unknown[:cut]), rawFrame(hubtest.Fin, unknown[cut:])),
			[]hubtest.Heard{{Opcode: hubtest.Text}}, "good UTF-8, cut within a character at %d", cut)
	}
}

func closeFrames(add adder, works workAdder) {
	add(0, rawFrame(hubtest.Fin|hubtest.Close, ""), "close without a code")
	add(protocolError, rawFrame(hubtest.Fin|hubtest.Close, "\x03"), "close with half a code")
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4401, 4999} {
		add(code, closing(code, ""), "close with %d", code)
		add(code, closing(code, "dag"), "close with %d and a reason", code)
	}
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		add(protocolError, closing(code, ""), "close with %d", code)
		add(protocolError, closing(code, "dag"), "close with %d and a reason", code)
	}
	add(normal, closing(normal, strings.Repeat("r", 123)), "close with the longest reason")
	add(protocolError, closing(normal, "\xce\xba\xe1\xbd\xb9\xcf\xed\xa0\x80"), "close with a bad reason")
	add(normal, join(goodbye, text(pingCommand)), "a command after the close")
	add(normal, join(goodbye, rawFrame(hubtest.Fin|hubtest.Ping, "x")), "a ping after the close")
	add(normal, join(goodbye, rawFrame(0xF0, "x")), "nonsense after the close")
	add(normal, join(goodbye, closing(3000, "")), "two closes")
	works(text(pingCommand), []hubtest.Heard{pinged}, "a command before the close")
}

func lengths(add adder, works workAdder) {
	long := func(head byte, length uint64) []byte {
		return hubtest.Frame{Head: head, Length: &length, Payload: []byte("kort")}.Bytes()
	}
	wide := func(head, wide byte, payload string) []byte {
		return hubtest.Frame{Head: head, Wide: wide, Payload: []byte(payload)}.Bytes()
	}
	for opcode, name := range opcodeNames {
		for _, w := range []byte{126, 127} {
			add(protocolError, wide(hubtest.Fin|opcode, w, ""), "length 0 in %d, %s", w, name)
			add(protocolError, wide(hubtest.Fin|opcode, w, strings.Repeat("x", 125)), "length 125 in %d, %s", w, name)
		}
	}
	add(protocolError, wide(hubtest.Fin|hubtest.Text, 127, strings.Repeat("x", 126)), "length 126 in 127")
	add(protocolError, wide(hubtest.Fin|hubtest.Text, 127, strings.Repeat("x", 65535)), "length 65535 in 127")
	for _, length := range []uint64{1 << 63, 1<<63 + 1, 1<<64 - 1} {
		for _, opcode := range []byte{hubtest.Text, hubtest.Binary, hubtest.Ping, hubtest.Close} {
			add(protocolError, long(hubtest.Fin|opcode, length), "length %d, %s", length, opcodeNames[opcode])
		}
	}
	for _, length := range []uint64{256<<10 + 1, 1 << 31, 1 << 32, 1 << 62, 1<<63 - 1} {
		add(tooLarge, long(hubtest.Fin|hubtest.Text, length), "length %d", length)
		add(tooLarge, long(hubtest.Text, length), "first piece of %d", length)
		add(tooLarge, join(rawFrame(hubtest.Text, "{"), long(hubtest.Fin|hubtest.Continuation, length)), "second piece of %d", length)
	}
	half := strings.Repeat(" ", 128<<10)
	add(tooLarge, join(rawFrame(hubtest.Text, half), rawFrame(hubtest.Continuation, half), rawFrame(hubtest.Fin, " ")), "pieces that are too large together")
	works(join(rawFrame(hubtest.Text, half[len(pingCommand):]), rawFrame(hubtest.Continuation, half), rawFrame(hubtest.Fin, pingCommand)),
		[]hubtest.Heard{pinged}, "pieces that just fit together")
	for _, size := range []int{len(pingCommand), 125, 126, 127, 65535, 65536, 256 << 10} {
		works(text(strings.Repeat(" ", size-len(pingCommand))+pingCommand), []hubtest.Heard{pinged}, "a command of %d bytes", size)
	}
	add(-1, long(hubtest.Fin|hubtest.Text, 100), "says more than it has")
	tooShort := uint64(4)
	add(protocolError, hubtest.Frame{Head: hubtest.Fin | hubtest.Text, Length: &tooShort, Payload: []byte(pingCommand)}.Bytes(), "has more than it says")
}

func kinds(add adder) {
	add(notText, rawFrame(hubtest.Fin|hubtest.Binary, ""), "binary, empty")
	add(notText, rawFrame(hubtest.Fin|hubtest.Binary, pingCommand), "binary")
	add(notText, rawFrame(hubtest.Binary, pingCommand), "binary, in pieces")
	add(notText, join(text(pingCommand), rawFrame(hubtest.Fin|hubtest.Binary, "\xff")), "binary after text")
	add(protocolError, []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP")
	add(protocolError, bytes.Repeat([]byte{0xff}, 4096), "ones")
	add(protocolError, bytes.Repeat([]byte{0}, 4096), "zeros")
}

// Only the connection that breaks the rules ends, and is told why; what is
// right is answered, also when it comes byte by byte.
func TestFramesRightAndWrong(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	bystander := hubtest.Dial(t, n.address, as(1))
	bystander.OK(subscribe(1), nil)

	cases := frameCases()
	for _, c := range cases { // those that work, also in the smallest packets
		if c.heard != nil && len(c.say) < 400 {
			c.name, c.pieces = c.name+", byte by byte", eachByte(c.say)
			cases = append(cases, c)
		}
	}
	t.Logf("%d cases", len(cases))
	var wg sync.WaitGroup
	var next atomic.Int64
	for worker := range 8 {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(cases); i = next.Add(1) - 1 {
				tryFrames(t, n, int64(10+worker), cases[i])
			}
		})
	}
	wg.Wait()
	n.Publish(s.add(1, "het gaat door"))
	bystander.Wait("post.created", nil)
	bystander.OK(command{"cmd": "ping"}, nil)
}

func eachByte(b []byte) (pieces [][]byte) {
	for i := range b {
		pieces = append(pieces, b[i:i+1])
	}
	return pieces
}

func tryFrames(t *testing.T, n *node, person int64, c frameCase) {
	tryFramesWith(t, n, as(person), c)
}

func tryFramesWith(t *testing.T, n *node, header http.Header, c frameCase) {
	raw := hubtest.DialRaw(t, n.address, header)
	defer raw.Conn.Close()
	pieces := c.pieces
	if pieces == nil {
		pieces = [][]byte{c.say}
	}
	for _, p := range pieces {
		raw.Say(p)
	}
	if c.code == -1 { // it waits for the rest until we go
		raw.Conn.Close()
		return
	}
	heard, code, err := raw.Rest()
	if err != nil || code != c.code {
		t.Errorf("%s: closed with %d, %v; want %d", c.name, code, err, c.code)
		return
	}
	for i, want := range c.heard {
		if i >= len(heard) || heard[i].Opcode != want.Opcode || want.Payload != nil && !bytes.Equal(heard[i].Payload, want.Payload) {
			t.Errorf("%s: answered %v, want %v", c.name, heard, c.heard)
			return
		}
	}
}
