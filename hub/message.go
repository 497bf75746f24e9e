package hub

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Between nodes a message is: one byte for its kind, the sender's id, a number,
// the length of a first piece, the first piece, and the rest. For a change the
// pieces are the two frames, ready to go out.
type message struct {
	kind   byte
	node   uuid.UUID
	number int64
	first  []byte
	second []byte
}

const (
	kindChange  = 'c' // number: rev; JSON frame, HTML frame
	kindSignal  = 's' // number: the person it is not for; frame
	kindJoined  = 'j' // number: the person who came
	kindLeft    = 'l' // number: the person who left
	kindPerson  = 'p' // number: the person; payload, the stream it is about and the fragment
	kindSpace   = 'm' // number: the space; payload
	kindRecheck = 'r' // number: the person whose access changed, 0 for all
	kindTold    = 't' // payload, kind
)

func changeMessage(rev int64, json, html []byte) message {
	return message{kind: kindChange, number: rev, first: json, second: html}
}

func signalMessage(except int64, frame []byte) message {
	return message{kind: kindSignal, number: except, first: frame}
}

func presenceMessage(s PresenceStep) message {
	if s.Left {
		return message{kind: kindLeft, number: s.Person}
	}
	return message{kind: kindJoined, number: s.Person}
}

func personMessage(person int64, e personalEvent) message {
	second := append(binary.AppendVarint(nil, e.about), e.fragment...)
	return message{kind: kindPerson, number: person, first: e.payload, second: second}
}

// personal reads what personMessage wrote.
func (m message) personal() (e personalEvent, ok bool) {
	about, n := binary.Varint(m.second)
	if n <= 0 || len(m.first) == 0 {
		return e, false
	}
	return personalEvent{about: about, payload: m.first, fragment: string(m.second[n:])}, true
}

func spaceMessage(space int64, payload []byte) message {
	return message{kind: kindSpace, number: space, first: payload}
}

func recheckMessage(person int64) message { return message{kind: kindRecheck, number: person} }

func toldMessage(kind string, payload []byte) message {
	return message{kind: kindTold, first: payload, second: []byte(kind)}
}

func (m message) bytes() []byte {
	b := make([]byte, 0, 1+len(m.node)+2*binary.MaxVarintLen64+len(m.first)+len(m.second))
	b = append(b, m.kind)
	b = append(b, m.node[:]...)
	b = binary.AppendVarint(b, m.number)
	b = binary.AppendUvarint(b, uint64(len(m.first)))
	b = append(b, m.first...)
	return append(b, m.second...)
}

// readMessage reads what bytes wrote; ok is false for anything else.
func readMessage(b []byte) (m message, ok bool) {
	if len(b) < 1+len(m.node) {
		return m, false
	}
	m.kind = b[0]
	b = b[1+copy(m.node[:], b[1:]):]
	var n int
	if m.number, n = binary.Varint(b); n <= 0 {
		return m, false
	}
	b = b[n:]
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return m, false
	}
	b = b[n:]
	m.first, m.second = b[:size:size], b[size:]
	return m, true
}

// controlChannel is what every node listens to.
const controlChannel = "control"

func streamChannel(stream int64) string { return "stream:" + strconv.FormatInt(stream, 10) }

func streamOf(channel string) int64 {
	id, _ := strconv.ParseInt(strings.TrimPrefix(channel, "stream:"), 10, 64)
	return id
}
