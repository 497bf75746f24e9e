// Package guard reads a text before it is kept and points at what may lead to
// a person: numbers and addresses that belong to one, and names. It only
// points; the writer decides whether to hide it, to write a role in its place,
// or to keep it.
//
// It is made for Dutch practice and knows nothing of who asks. It would rather
// miss something than cry wolf: a warning that is mostly wrong is clicked away.
package guard

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is what a piece of text looks like.
type Kind string

const (
	// BSN is a citizen service number: nine digits that pass the eleven test.
	BSN Kind = "bsn"
	// IBAN is a bank account that passes its own check (ISO 13616).
	IBAN Kind = "iban"
	// Phone is a telephone number that may be somebody's own.
	Phone Kind = "phone"
	// Mail is a mail address that is not a post box such as info@.
	Mail Kind = "mail"
	// Address is a house: a Dutch postcode with a house number, or a street with one.
	Address Kind = "address"
	// Plate is a Dutch number plate.
	Plate Kind = "plate"
	// Born is a date of birth.
	Born Kind = "born"
	// Name is the name of somebody: one of those the caller named, or what
	// follows a courtesy title.
	Name Kind = "name"
)

// Kinds lists them all.
var Kinds = []Kind{BSN, IBAN, Phone, Mail, Address, Plate, Born, Name}

// Finding is a piece of a text that may lead to a person. Start and End count
// code points from the beginning of the text; End is the one after the last.
type Finding struct {
	Kind  Kind
	Start int
	End   int
	Text  string
}

// Scan returns what in a text may lead to a person, in the order of the text
// and without overlap. names are the people to look for beside, in the form
// that [Candidates] returns.
func Scan(text string, names ...string) []Finding {
	plain := level(text)
	s := scan{text: plain}
	// What is surest comes first: a later look passes over what is taken.
	if strings.Contains(plain, "@") {
		s.mails()
	}
	if strings.ContainsAny(plain, "0123456789") {
		s.ibans()
		s.dates()
		s.plates()
		s.addresses()
		s.phones()
		s.bsns()
	}
	s.names(names)
	return s.findings(text)
}

// scan gathers what was found in one text, by byte.
type scan struct {
	text  string
	taken []span
	cut   []word
}

// words returns the words of the text, cut once.
func (s *scan) words() []word {
	if s.cut == nil {
		s.cut = wordsOf(s.text)
	}
	return s.cut
}

// span is a piece of the text. One of no kind is harmless, and nothing else
// may be seen in it: a date that is no birth is no telephone number either.
type span struct {
	kind       Kind
	start, end int
}

// take notes a piece, unless another holds part of it already.
func (s *scan) take(kind Kind, start, end int) {
	for _, t := range s.taken {
		if start < t.end && t.start < end {
			return
		}
	}
	s.taken = append(s.taken, span{kind, start, end})
}

// findings translates bytes of the levelled text to code points of the text as
// it was, which has as many.
func (s *scan) findings(original string) []Finding {
	slices.SortFunc(s.taken, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var found []Finding
	at, bytes, points := 0, 0, 0 // how far was counted, in both texts
	forward := func(to int) (int, int) {
		n := utf8.RuneCountInString(s.text[at:to])
		at, points = to, points+n
		for range n {
			_, size := utf8.DecodeRuneInString(original[bytes:])
			bytes += size
		}
		return bytes, points
	}
	for _, t := range s.taken {
		if t.kind == "" {
			continue
		}
		from, start := forward(t.start)
		to, end := forward(t.end)
		found = append(found, Finding{Kind: t.kind, Start: start, End: end, Text: original[from:to]})
	}
	return found
}

// level writes every kind of space as a space and every kind of hyphen as one,
// code point for code point.
func level(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u2007', '\u2009', '\u202f', '\t':
			return ' '
		case '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
			return '-'
		case utf8.RuneError:
			return '?'
		}
		return r
	}, text)
}

// Hide returns the text with each of these findings of it replaced by what put
// returns for it.
func Hide(text string, findings []Finding, put func(Finding) string) string {
	var b strings.Builder
	points, bytes := 0, 0
	forward := func(to int) string {
		from := bytes
		for points < to && bytes < len(text) {
			_, size := utf8.DecodeRuneInString(text[bytes:])
			bytes += size
			points++
		}
		return text[from:bytes]
	}
	for _, f := range findings {
		b.WriteString(forward(f.Start))
		b.WriteString(put(f))
		forward(f.End)
	}
	b.WriteString(text[bytes:])
	return b.String()
}
