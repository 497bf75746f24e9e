package richtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Plain returns the readable text of sanitised HTML, for excerpts, search and
// mail. Every block is a line of its own, an item of a list starts with "- ", a
// checkbox is [x] or [ ], cells of a row stand apart by " | ", an image is its alt
// text, white space in a row is one space. There are no empty lines. It is text:
// whoever puts it into HTML has to escape it.
func Plain(source string) string {
	if words, only := onlyParagraph(source); only {
		var p plainWriter
		p.out.Grow(len(words))
		p.text(html.UnescapeString(words))
		return p.out.String()
	}
	return plain(source)
}

// onlyParagraph returns what a paragraph holds that is all there is and has no
// tag in it, as most chat messages are. A test compares both ways.
func onlyParagraph(source string) (words string, only bool) {
	words, begins := strings.CutPrefix(source, "<p>")
	words, ends := strings.CutSuffix(words, "</p>\n")
	return words, begins && ends && strings.IndexByte(words, '<') < 0
}

// plain is Plain without the short way.
func plain(source string) string {
	var p plainWriter
	p.out.Grow(len(source))
	for tokens := html.NewTokenizer(strings.NewReader(source)); ; {
		switch tokens.Next() {
		case html.ErrorToken: // the end: reading a string does not fail
			return p.out.String()
		case html.TextToken:
			p.text(string(tokens.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(tokens.Token())
		case html.EndTagToken:
			p.end(tokens.Token().DataAtom)
		}
	}
}

// Excerpt returns the text of sanitised HTML as one line of at most limit code
// points. What is longer is cut after a word, or within a very long one, and
// ends in "…".
func Excerpt(source string, limit int) string {
	line := strings.ReplaceAll(Plain(source), "\n", " ")
	if utf8.RuneCountInString(line) <= limit {
		return line
	}
	if limit <= 0 {
		return ""
	}
	cut, word := 0, 0 // in bytes: where limit-1 code points end, and the last word before
	points := 0
	for i, r := range line {
		if r == ' ' {
			word = i
		}
		if points++; points == limit {
			cut = i
			break
		}
	}
	if word >= cut/2 {
		cut = word
	}
	return strings.TrimRight(line[:cut], " ") + "…"
}

// plainWriter writes words, and remembers what has to stand between the last one
// and the next.
type plainWriter struct {
	out    strings.Builder
	gap    gap
	bullet bool // the next word is the first of a list item
	pre    bool // line ends are meant
}

// gap is what separates two words; the larger one wins.
type gap int

const (
	noGap gap = iota
	space
	cellGap
	lineEnd
)

func (p *plainWriter) start(t html.Token) {
	switch t.DataAtom {
	case atom.Img:
		p.text(attributeOf(t, "alt"))
	case atom.Input:
		p.checkbox(t)
	case atom.Td, atom.Th:
		p.widen(cellGap)
	case atom.Li:
		p.widen(lineEnd)
		p.bullet = true
	case atom.Pre:
		p.widen(lineEnd)
		p.pre = true
	default:
		if isBlock(t.DataAtom) {
			p.widen(lineEnd)
		}
	}
}

func (p *plainWriter) end(a atom.Atom) {
	switch a {
	case atom.Li:
		p.bullet = false
	case atom.Pre:
		p.pre = false
	}
	if isBlock(a) {
		p.widen(lineEnd)
	}
}

func (p *plainWriter) text(s string) {
	start := 0 // of a word
	for i, r := range s {
		if !unicode.IsSpace(r) {
			continue
		}
		p.word(s[start:i])
		start = i + utf8.RuneLen(r)
		if r == '\n' && p.pre {
			p.widen(lineEnd)
		} else {
			p.widen(space)
		}
	}
	p.word(s[start:])
}

func (p *plainWriter) word(w string) {
	if w != "" {
		p.separate()
		p.out.WriteString(w)
	}
}

func (p *plainWriter) checkbox(t html.Token) {
	box := "[ ]"
	for _, a := range t.Attr {
		if a.Key == "checked" {
			box = "[x]"
		}
	}
	p.separate()
	p.out.WriteString(box)
}

func (p *plainWriter) widen(g gap) {
	p.gap = max(p.gap, g)
}

// separate writes what stands before the next word.
func (p *plainWriter) separate() {
	if p.out.Len() > 0 {
		p.out.WriteString([]string{noGap: "", space: " ", cellGap: " | ", lineEnd: "\n"}[p.gap])
	}
	p.gap = noGap
	if p.bullet {
		p.out.WriteString("- ")
		p.bullet = false
	}
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.Li, atom.Table, atom.Tr, atom.Br, atom.Hr,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

func attributeOf(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
