package richtext

import "strings"

// Most chat messages are one line of plain words. For these Markdown has one
// meaning, a paragraph, and the whole machinery would only copy them. A test
// compares both ways.

// isPlain reports whether a source is one line in which no character means
// anything to Markdown. When in doubt it is not.
func isPlain(source string) bool {
	if source == "" || !isPlainStart[source[0]] || source[len(source)-1] == ' ' {
		return false
	}
	for i := range len(source) {
		if isMark[source[i]] {
			return false
		}
	}
	return !strings.Contains(source, "www.") && !strings.Contains(source, "://")
}

// plainParagraph is the HTML of a plain source.
func plainParagraph(source string) string {
	return "<p>" + plainEscapes.Replace(source) + "</p>\n"
}

var plainEscapes = strings.NewReplacer(`"`, "&quot;", ">", "&gt;")

// isMark holds the bytes that may mean something anywhere in a line.
var isMark = bytesIn("\\`*_[]<&~@|\t\n\v\f\r\x00")

// isPlainStart holds the bytes that a line may start with and stay a paragraph:
// letters, all that is not ASCII, and some marks of speech.
var isPlainStart = func() [256]bool {
	set := bytesIn("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\"'(!?.,;/")
	for b := 0x80; b <= 0xff; b++ {
		set[b] = true
	}
	return set
}()

func bytesIn(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}
