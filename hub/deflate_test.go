package hub_test

import (
	"bytes"
	"compress/flate"
	"net/http"
	"strings"
	"testing"

	"leerkring/hub/hubtest"
)

// squeezed is a message as a client compresses it (RFC 7692, section 7.2.1).
func squeezed(s string) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	w.Write([]byte(s))
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// Who offers compression and who does not hear the same; long events, and
// answers, are compressed for the first.
func TestCompression(t *testing.T) {
	s := newStore()
	o := options(s)
	o.Compression = true
	n := start(t, o)
	text := strings.Repeat("lang verhaal ", 100)
	for range 5 {
		s.add(1, text)
	}
	var clients []*hubtest.Client
	for i, header := range []http.Header{as(1), as(2), offering(3), offering(4)} {
		c := hubtest.Dial(t, n.address+[]string{"", "?format=html"}[i%2], header)
		c.OK(command{"cmd": "subscribe", "stream": 1, "since": 0}, nil)
		clients = append(clients, c)
	}
	for i := range 20 {
		n.Publish(s.add(1, text[:13*(1+5*i)])) // short and long ones
	}
	for i, c := range clients {
		c.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == 25 })
		if revs := c.Revs(1); len(revs) != 20 {
			t.Errorf("client %d heard %v", i, revs)
		}
		for _, m := range c.Heard() {
			if m.Rev > 0 && m.ID == nil && ((m.Fragment != "") != (i%2 == 1) || !strings.Contains(string(m.Data), "lang verhaal")) {
				t.Errorf("client %d heard %v", i, m)
			}
		}
	}
}

func offering(person int64) http.Header {
	h := as(person)
	h.Set(hubtest.Compressed, "1")
	return h
}

// What is agreed on, and what then is right and wrong.
func TestCompressedFrames(t *testing.T) {
	o := options(newStore())
	off := start(t, o)
	o.Compression = true
	on := start(t, o)
	for _, c := range []struct {
		n      *node
		offer  string
		agreed bool
	}{
		{off, "permessage-deflate", false},
		{on, "", false},
		{on, "permessage-deflate", true},
		{on, "permessage-deflate; client_max_window_bits", true},
		{on, "x-other, permessage-deflate;server_no_context_takeover", true},
		{on, "permessage-deflate; server_max_window_bits=10", false},
		{on, "permessage-deflated", false},
	} {
		header := as(1)
		if c.offer != "" {
			header.Set("Sec-Websocket-Extensions", c.offer)
		}
		raw := hubtest.DialRaw(t, c.n.address, header)
		if got := raw.Handshake.Header.Get("Sec-Websocket-Extensions"); (got != "") != c.agreed {
			t.Errorf("%q: answered %q", c.offer, got)
		}
		raw.Conn.Close()
	}

	const compressed = 0x40
	padded := strings.Repeat(" ", 3000) + pingCommand
	cut := squeezed(padded)
	pong := hubtest.Heard{Opcode: hubtest.Pong, Payload: []byte{}}
	for _, c := range []frameCase{
		{name: "compressed", say: join(rawFrame(hubtest.Fin|compressed|hubtest.Text, string(cut)), goodbye), code: normal, heard: []hubtest.Heard{pinged}},
		{name: "not compressed", say: join(text(pingCommand), goodbye), code: normal, heard: []hubtest.Heard{pinged}},
		{name: "in pieces, with a ping within", code: normal, heard: []hubtest.Heard{pong, pinged}, say: join(rawFrame(compressed|hubtest.Text, string(cut[:9])),
			rawFrame(hubtest.Fin|hubtest.Ping, ""), rawFrame(hubtest.Fin, string(cut[9:])), goodbye)},
		{name: "in pieces, each says so", code: protocolError, say: join(rawFrame(compressed|hubtest.Text, string(cut[:9])), rawFrame(hubtest.Fin|compressed, string(cut[9:])))},
		{name: "ping says so", code: protocolError, say: rawFrame(hubtest.Fin|compressed|hubtest.Ping, "x")},
		{name: "close says so", code: protocolError, say: rawFrame(hubtest.Fin|compressed|hubtest.Close, "\x03\xe8")},
		{name: "another bit", code: protocolError, say: rawFrame(hubtest.Fin|0x20|hubtest.Text, "x")},
		{name: "binary", code: notText, say: rawFrame(hubtest.Fin|compressed|hubtest.Binary, string(cut))},
		{name: "nonsense", code: protocolError, say: rawFrame(hubtest.Fin|compressed|hubtest.Text, "\xff\xff\xff\xff")},
		{name: "bad UTF-8", code: badText, say: rawFrame(hubtest.Fin|compressed|hubtest.Text, string(squeezed("\xc3\x28")))},
		{name: "just not too large", code: normal, heard: []hubtest.Heard{pinged}, say: join(rawFrame(hubtest.Fin|compressed|hubtest.Text,
			string(squeezed(strings.Repeat(" ", 256<<10-len(pingCommand))+pingCommand))), goodbye)},
		{name: "just too large", code: tooLarge, say: rawFrame(hubtest.Fin|compressed|hubtest.Text, string(squeezed(strings.Repeat(" ", 256<<10)+"1")))},
		{name: "a bomb", code: tooLarge, say: rawFrame(hubtest.Fin|compressed|hubtest.Text, string(squeezed(strings.Repeat(" ", 16<<20))))},
	} {
		header := as(7)
		header.Set("Sec-Websocket-Extensions", "permessage-deflate")
		tryFramesWith(t, on, header, c)
	}
}
