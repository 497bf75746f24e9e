//go:build linux

package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// Opcodes (RFC 6455, section 5.2).
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
)

// clientFrame puts the header of a client's frame before a payload. Its mask is
// zero, so that the payload can be changed in place afterwards.
func clientFrame(payload []byte) []byte { return maskedFrame(opText, payload) }

func maskedFrame(opcode byte, payload []byte) []byte {
	f := []byte{0x80 | opcode}
	if len(payload) < 126 {
		f = append(f, 0x80|byte(len(payload)))
	} else {
		f = append(f, 0x80|126)
		f = binary.BigEndian.AppendUint16(f, uint16(len(payload)))
	}
	f = append(f, 0, 0, 0, 0)
	return append(f, payload...)
}

// cutFrame takes the first frame off data; ok is false while it is not whole.
func cutFrame(data []byte) (opcode byte, payload, after []byte, ok bool) {
	if len(data) < 2 {
		return 0, nil, data, false
	}
	at, size := 2, int(data[1]&0x7f)
	switch size {
	case 126:
		if len(data) < 4 {
			return 0, nil, data, false
		}
		at, size = 4, int(binary.BigEndian.Uint16(data[2:]))
	case 127:
		if len(data) < 10 {
			return 0, nil, data, false
		}
		at, size = 10, int(binary.BigEndian.Uint64(data[2:]))
	}
	if size > bufferSize-at {
		return opClose, nil, nil, true // nothing sends such a frame
	}
	if len(data) < at+size {
		return 0, nil, data, false
	}
	return data[0] & 0xf, data[at : at+size], data[at+size:], true
}

// frames takes all whole frames off data and returns what is left.
func (g *generator) frames(c *conn, data []byte) []byte {
	now := g.now()
	for {
		opcode, payload, after, ok := cutFrame(data)
		if !ok {
			return data
		}
		switch opcode {
		case opText:
			g.lines(c, payload, now)
		case opPing:
			g.send(c, maskedFrame(opPong, payload))
		case opClose:
			g.ended(c, "the server closed a connection"+codeOf(payload))
		}
		if c.fd < 0 {
			return nil
		}
		data = after
	}
}

func codeOf(payload []byte) string {
	if len(payload) < 2 {
		return ""
	}
	return fmt.Sprintf(" with %d %s", binary.BigEndian.Uint16(payload), payload[2:])
}

// lines takes the objects in a frame: there may be several, a line each.
func (g *generator) lines(c *conn, payload []byte, now time.Duration) {
	g.score.lastFrame = now
	for len(payload) > 0 {
		line := payload
		if i := bytes.IndexByte(payload, '\n'); i >= 0 {
			line, payload = payload[:i], payload[i+1:]
		} else {
			payload = nil
		}
		switch {
		case bytes.HasPrefix(line, []byte(`{"id":`)):
			g.answer(c, line, now)
		default:
			g.heard(c, line, now)
		}
		if c.fd < 0 {
			return
		}
	}
}

// isRefusal tells {"id":1,"error":… from {"id":1,"ok":….
func isRefusal(answer []byte) bool {
	i := bytes.IndexByte(answer, ',')
	return bytes.HasPrefix(answer[max(i, 0):], []byte(`,"error"`))
}
