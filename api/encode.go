package api

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"leerkring/forum"
	"leerkring/internal/limits"
)

// written is how JSON is written here and on sockets: the same value gives the
// same bytes, and text that is no UTF-8 (which the doors refuse) is repaired
// rather than a failure.
var written = json.JoinOptions(json.Deterministic(true), jsontext.AllowInvalidUTF8(true))

// Encode returns the JSON of a shape of this package.
func Encode(shape any) ([]byte, error) { return json.Marshal(shape, written) }

// EncodePost returns the JSON of a post, as events carry it. Its error is nil;
// it is there to be like [EncodeStream].
func EncodePost(p forum.Post) ([]byte, error) {
	shape := PostData(p)
	const rest = 600 // all but the texts, with room for some reactions
	return appendPost(make([]byte, 0, rest+len(p.Body)+len(p.HTML)), &shape), nil
}

// EncodeStream returns the JSON of a stream, as events carry it.
func EncodeStream(s forum.Stream) ([]byte, error) {
	shape := StreamData(s)
	return Encode(&shape)
}

// CatchUpData returns what happened in a stream, or the advice to load it anew
// when its posts would be more than [limits.CatchUpBytes] of JSON, as the socket
// command subscribe does.
func CatchUpData(c forum.CatchUp) CatchUpJSON {
	if c.Reset || tooMuch(c.Posts) {
		return CatchUpJSON{Rev: c.Rev, Reset: true}
	}
	shape := CatchUpJSON{Rev: c.Rev, Posts: listOf(c.Posts, "", PostData).Items}
	if c.Stream != nil {
		stream := StreamData(*c.Stream)
		shape.Stream = &stream
	}
	return shape
}

// tooMuch writes the posts only when they are so long that it matters.
func tooMuch(posts []forum.Post) bool {
	const escaped = 6 // \u001f for one byte
	most := 0
	for _, p := range posts {
		most += 2_500 + escaped*(len(p.Body)+len(p.HTML)) + 100*len(p.Reactions)
	}
	if most <= limits.CatchUpBytes {
		return false
	}
	size := 0
	var b []byte
	for _, p := range posts {
		shape := PostData(p)
		b = appendPost(b[:0], &shape)
		size += len(b)
	}
	return size > limits.CatchUpBytes
}

// Moment is written as RFC 3339 in UTC with exactly three decimals.
type Moment time.Time

// MarshalJSONTo writes the moment.
func (m Moment) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteValue(appendMoment(e.AvailableBuffer(), m))
}

// appendMoment appends the moment in quotes.
func appendMoment(b []byte, m Moment) []byte {
	t := time.Time(m).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendDigits(append(b, '"'), year, 4)
	b = appendDigits(append(b, '-'), int(month), 2)
	b = appendDigits(append(b, '-'), day, 2)
	b = appendDigits(append(b, 'T'), hour, 2)
	b = appendDigits(append(b, ':'), minute, 2)
	b = appendDigits(append(b, ':'), second, 2)
	b = appendDigits(append(b, '.'), t.Nanosecond()/int(time.Millisecond), 3)
	return append(b, 'Z', '"')
}

// appendDigits appends n in this many digits.
func appendDigits(b []byte, n, digits int) []byte {
	for range digits {
		b = append(b, '0')
	}
	for i := len(b) - 1; digits > 0; i, digits = i-1, digits-1 {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

func momentOrNull(t *time.Time) *Moment {
	if t == nil {
		return nil
	}
	m := Moment(*t)
	return &m
}

// ReactionsJSON is written as an object, emoji to number of people, in the
// order in which the emoji first came.
type ReactionsJSON []ReactionJSON

// ReactionJSON is one emoji under a post.
type ReactionJSON struct {
	Emoji  string
	People int
}

// MarshalJSONTo writes the object.
func (reactions ReactionsJSON) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteValue(appendReactions(e.AvailableBuffer(), reactions))
}
