package richtext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Line makes one clean line of a title or a name: line ends, control characters
// and the marks that turn the direction of text become a space, white space in
// a row one space, the ends are trimmed, and letters take their composed form
// (NFC). It does not escape anything.
func Line(s string) string {
	if isLine(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if isGap(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// isLine reports whether s is one clean line of ASCII already, as most are.
func isLine(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}

// isGap reports whether r separates words, or is invisible and changes how the
// rest of the line is read.
func isGap(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) ||
		'\u202A' <= r && r <= '\u202E' || '\u2066' <= r && r <= '\u2069' ||
		r == '\u2028' || r == '\u2029'
}
