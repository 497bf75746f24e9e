package hub

import (
	"encoding/binary"
	"fmt"

	"leerkring/internal/limits"
)

// guard looks at the heads of the frames a client sends, on their way to the
// library that reads them, and stops at those that RFC 6455 forbids and the
// library lets pass: lengths that are not written in the shortest way, a close
// frame of one byte, a message in more pieces than anybody needs. It holds
// nothing but the head it is in.
type guard struct {
	head [14]byte
	have int    // how much of the head is there
	left uint64 // how much of the frame's payload is still to come
	// pieces counts the frames of the message that is being sent.
	pieces int
	// broken is what it stopped at; nothing passes after it.
	broken *violation
}

// violation is a frame that ends the connection.
type violation struct {
	code   int
	reason string
}

func (v *violation) Error() string { return fmt.Sprintf("%s (%d)", v.reason, v.code) }

// pass takes the next bytes and returns how many of them may be read. Less than
// all means that it is broken.
func (g *guard) pass(b []byte) int {
	at := 0
	for at < len(b) && g.broken == nil {
		if g.left > 0 {
			n := min(uint64(len(b)-at), g.left)
			g.left -= n
			at += int(n)
			continue
		}
		n := copy(g.head[g.have:g.headSize()], b[at:])
		g.have += n
		if g.have < g.headSize() {
			at += n
			continue
		}
		if g.broken = g.judge(); g.broken == nil {
			at += n
			g.have = 0
		}
	}
	return at
}

// headSize is how long the head is, as far as it is known.
func (g *guard) headSize() int {
	if g.have < 2 {
		return 2
	}
	size := 2
	switch g.head[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if g.head[1]&0x80 != 0 {
		size += 4
	}
	return size
}

// judge looks at a whole head (RFC 6455, section 5.2).
func (g *guard) judge() *violation {
	opcode, final := g.head[0]&0xf, g.head[0]&0x80 != 0
	short := g.head[1] & 0x7f
	switch size := uint64(short); short {
	case 126:
		g.left = uint64(binary.BigEndian.Uint16(g.head[2:]))
		if g.left < 126 {
			return &violation{closeProtocol, "length not in the shortest form"}
		}
	case 127:
		g.left = binary.BigEndian.Uint64(g.head[2:])
		if g.left < 1<<16 || g.left >= 1<<63 {
			return &violation{closeProtocol, "length not in the shortest form"}
		}
	default:
		g.left = size
	}
	switch {
	case g.head[0]&0x40 != 0 && opcode != opText && opcode != opBinary:
		return &violation{closeProtocol, "only the first frame of a message says that it is compressed"}
	case opcode == opClose && g.left == 1:
		return &violation{closeProtocol, "half a close code"}
	case opcode < opClose: // a piece of a message
		g.pieces++
		if g.pieces > limits.FramePieces {
			return &violation{closeTooBig, "too many pieces"}
		}
		if final {
			g.pieces = 0
		}
	}
	return nil
}
