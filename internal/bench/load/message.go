//go:build linux

package load

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// A message's text begins with a stamp: a mark that no other text has, when the
// message was due in nanoseconds, who sent it, and as the how manieth. The rest
// is what people write.
const (
	mark      = "qz"
	dueDigits = 12
	whoDigits = 4
	seqDigits = 8
	stampSize = len(mark) + dueDigits + whoDigits + seqDigits
	// textSize is how long a message's text is, in bytes.
	textSize = 128
	chatter  = " Goed idee. Zullen we dit donderdag met het hele wijkteam bespreken? Ik neem de casus van vorige week mee dan."
)

// firstNumber is the number of a publisher's first command after its subscription.
const firstNumber = 10_000_000

// publisher is a connection that sends. Its frame is made once; for each
// message only digits in it change.
type publisher struct {
	conn  *conn
	index int
	frame []byte
	// Where in the frame the digits stand that change.
	number, nonce, stamp int

	sent, refused int
	waiting       []time.Duration // when what is not answered yet was due
	// heard is the number of the last message that each seat of the room got.
	heard []uint32
}

func (g *generator) newPublisher(c *conn, index int) *publisher {
	text := fmt.Appendf(nil, "%s%0*x%0*x%0*x", mark, dueDigits, 0, whoDigits, index, seqDigits, 0)
	text = append(text, chatter...)[:textSize]
	payload := fmt.Appendf(nil, `{"id":%d,"cmd":"post","stream":%d,"nonce":"%08x-0000-4000-8000-%04x%08x","body":"%s"}`,
		firstNumber, c.room.stream, uint32(unix.Getpid()), index, 0, text)
	p := &publisher{conn: c, index: index, frame: clientFrame(payload), heard: make([]uint32, len(c.room.conns))}
	p.number = bytes.Index(p.frame, []byte(`"id":`)) + len(`"id":`)
	p.nonce = bytes.Index(p.frame, []byte(`-8000-`)) + len(`-8000-`) + whoDigits
	p.stamp = bytes.Index(p.frame, []byte(mark)) + len(mark)
	return p
}

// publish sends the publisher's next message, which was due at some moment.
func (g *generator) publish(p *publisher, due time.Duration) {
	if p.conn.phase != open {
		return
	}
	p.sent++
	putDecimal(p.frame[p.number:p.number+8], uint64(firstNumber+p.sent))
	putHex(p.frame[p.nonce:p.nonce+seqDigits], uint64(p.sent))
	putHex(p.frame[p.stamp:p.stamp+dueDigits], uint64(due))
	putHex(p.frame[p.stamp+dueDigits+whoDigits:][:seqDigits], uint64(p.sent))
	p.waiting = append(p.waiting, due)
	g.score.sent++
	g.score.expected += len(p.conn.room.conns)
	g.send(p.conn, p.frame)
}

// readStamp finds the stamp in a line and reads it.
func readStamp(line []byte) (due time.Duration, who, seq int, ok bool) {
	i := bytes.Index(line, []byte(mark))
	if i < 0 || len(line) < i+stampSize {
		return 0, 0, 0, false
	}
	digits := line[i+len(mark):]
	d, ok1 := hex(digits[:dueDigits])
	w, ok2 := hex(digits[dueDigits : dueDigits+whoDigits])
	s, ok3 := hex(digits[dueDigits+whoDigits : dueDigits+whoDigits+seqDigits])
	return time.Duration(d), int(w), int(s), ok1 && ok2 && ok3
}

func putHex(to []byte, v uint64) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = "0123456789abcdef"[v&0xf]
		v >>= 4
	}
}

func putDecimal(to []byte, v uint64) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = byte('0' + v%10)
		v /= 10
	}
}

func hex(digits []byte) (v uint64, ok bool) {
	for _, d := range digits {
		switch {
		case '0' <= d && d <= '9':
			v = v<<4 | uint64(d-'0')
		case 'a' <= d && d <= 'f':
			v = v<<4 | uint64(d-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
