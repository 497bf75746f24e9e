package hub

import (
	"encoding/binary"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"leerkring/internal/limits"
)

// Subprotocol is what a client must speak (RFC 6455, section 1.9).
const Subprotocol = "leerkring.v1"

// Close codes (RFC 6455, section 7.4; 4000 and up are the protocol's own).
const (
	closeGoingAway   = 1001
	closeProtocol    = 1002
	closeUnsupported = 1003
	closeBadText     = 1007
	closeTooBig      = 1009
	closeEnded       = 4401
	closeSlow        = 4408
	closeTooMany     = 4429
)

const (
	maxClientFrame    = limits.Frame
	defaultQueueBytes = 1 << 20
	maxSubscriptions  = limits.Subscriptions
	pingEvery         = limits.PingEvery
	presenceLinger    = limits.PresenceLinger
)

// Opcodes (RFC 6455, section 5.2): those from opClose on are control frames. The
// others have the bit that says that the frame is whole.
const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	finText  = 0x80 | opText
	finClose = 0x80 | opClose
	finPing  = 0x80 | 0x9
	finPong  = 0x80 | 0xA
)

// frame puts a header before a payload. A server's frames have no mask, so the
// same bytes serve every connection.
func frame(first byte, payload []byte) []byte {
	var head [10]byte
	head[0] = first
	n := 2
	switch size := len(payload); {
	case size < 126:
		head[1] = byte(size)
	case size < 1<<16:
		head[1] = 126
		binary.BigEndian.PutUint16(head[2:], uint16(size))
		n = 4
	default:
		head[1] = 127
		binary.BigEndian.PutUint64(head[2:], uint64(size))
		n = 10
	}
	f := make([]byte, 0, n+len(payload))
	return append(append(f, head[:n]...), payload...)
}

func textFrame(payload []byte) []byte { return frame(finText, payload) }

var pingFrame = frame(finPing, nil)

func closeFrame(code int, reason string) []byte {
	payload := binary.BigEndian.AppendUint16(nil, uint16(code))
	return frame(finClose, append(payload, reason...))
}

// envelope is what every command has: a number to answer to, and a name.
type envelope struct {
	ID  *int64 // nil when there is none that is an integer
	Cmd string
}

// readEnvelope reads what every command has, and leaves the rest to the command.
// What could be read before an error comes back with it.
func readEnvelope(message []byte) (e envelope, err error) {
	var loose struct {
		ID  jsontext.Value `json:"id"`
		Cmd jsontext.Value `json:"cmd"`
	}
	err = json.Unmarshal(message, &loose)
	if id, err := strconv.ParseInt(string(loose.ID), 10, 64); err == nil {
		e.ID = &id
	}
	if err == nil && loose.Cmd.Kind() == '"' {
		err = json.Unmarshal(loose.Cmd, &e.Cmd)
	}
	return e, err
}

// answerOK is the frame that answers a command that was done.
func answerOK(id int64, ok any) ([]byte, error) {
	payload, err := json.Marshal(ok)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(payload)+32)
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"ok":`...)
	b = append(b, payload...)
	return textFrame(append(b, '}')), nil
}

// answerRefusal is the frame that answers a command that was not done.
func answerRefusal(id *int64, r Refusal) []byte {
	b, _ := json.Marshal(struct {
		ID    *int64  `json:"id"`
		Error Refusal `json:"error"`
	}{id, r}) // strings and a number cannot fail
	return textFrame(b)
}

// changeEvent is the payload of a durable event; fragment is nil when it is not
// asked for.
func changeEvent(c Change, data []byte, fragment *string) ([]byte, error) {
	b := make([]byte, 0, len(data)+96)
	b = append(b, `{"stream":`...)
	b = strconv.AppendInt(b, c.Stream, 10)
	b = append(b, `,"rev":`...)
	b = strconv.AppendInt(b, c.Rev, 10)
	b = append(b, `,"event":"`...)
	b = append(b, c.Event...) // one of our own words
	b = append(b, `","data":`...)
	b = append(b, data...)
	if fragment != nil {
		b = append(b, `,"fragment":`...)
		var err error
		if b, err = jsontext.AppendQuote(b, *fragment); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// signalEvent is the frame of a passing event about a person.
func signalEvent(stream int64, event string, person int64) []byte {
	b := append([]byte(nil), `{"stream":`...)
	b = strconv.AppendInt(b, stream, 10)
	b = append(b, `,"event":"`...)
	b = append(b, event...)
	b = append(b, `","data":{"person":`...)
	b = strconv.AppendInt(b, person, 10)
	return textFrame(append(b, `}}`...))
}

// revokedEvent is the frame that says that access to a stream has ended.
func revokedEvent(stream int64) []byte {
	return textFrame([]byte(`{"stream":` + strconv.FormatInt(stream, 10) + `,"event":"revoked"}`))
}
