package forum

import (
	"html"
	"strings"
	"unicode"

	"leerkring/internal/dutch"
)

const (
	// snippetBefore and snippetLength are in code points.
	snippetBefore = 60
	snippetLength = 180
)

// snippet cuts a piece of text around the first of the words, escaped, with
// <mark> around each word that begins with one of them.
func snippet(text string, words []string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	start := 0
	for _, w := range wordsIn(runes) {
		if begins(runes[w.from:w.to], words) {
			start = startOfWord(runes, max(0, w.from-snippetBefore))
			break
		}
	}
	end := min(len(runes), start+snippetLength)
	var b strings.Builder
	if start > 0 {
		b.WriteString("…")
	}
	at := start
	for _, w := range wordsIn(runes) {
		if w.from < start || w.to > end || !begins(runes[w.from:w.to], words) {
			continue
		}
		b.WriteString(html.EscapeString(string(runes[at:w.from])))
		b.WriteString("<mark>" + html.EscapeString(string(runes[w.from:w.to])) + "</mark>")
		at = w.to
	}
	b.WriteString(html.EscapeString(string(runes[at:end])))
	if end < len(runes) {
		b.WriteString("…")
	}
	return b.String()
}

type span struct{ from, to int }

func wordsIn(runes []rune) (words []span) {
	from := -1
	for i, r := range runes {
		inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		switch {
		case inWord && from < 0:
			from = i
		case !inWord && from >= 0:
			words, from = append(words, span{from, i}), -1
		}
	}
	if from >= 0 {
		words = append(words, span{from, len(runes)})
	}
	return words
}

func begins(word []rune, beginnings []string) bool {
	folded := dutch.Fold(string(word))
	for _, b := range beginnings {
		if strings.HasPrefix(folded, b) {
			return true
		}
	}
	return false
}

func startOfWord(runes []rune, i int) int {
	for i > 0 && i < len(runes) && runes[i-1] != ' ' {
		i++
		if runes[i-1] == ' ' {
			break
		}
	}
	return min(i, len(runes))
}
