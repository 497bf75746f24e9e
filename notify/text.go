package notify

import (
	"strings"
	"unicode/utf8"
)

// lineWidth is how wide the plain text of a mail is: what every reader shows
// without breaking lines again, quoted once.
const lineWidth = 76

// wrap breaks a text into lines at white space. Every line after the first
// begins with indent; a word that is too long, as an address may be, gets a
// line of its own.
func wrap(text, indent string) string {
	var b strings.Builder
	width := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
		case width+1+n > lineWidth:
			b.WriteString("\n" + indent)
			width = utf8.RuneCountInString(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}

// cut returns a text as one line of at most max code points.
func cut(text string, max int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= max {
		return string(line)
	}
	return strings.TrimRight(string(line[:max-1]), " ") + "…"
}
