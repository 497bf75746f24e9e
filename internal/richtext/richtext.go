// Package richtext turns what a person typed as Markdown into HTML that is safe
// to put in a page, once, when it is written.
//
// It owns: what of Markdown is understood (CommonMark 0.31.2 with tables,
// strikethrough, task lists, bare addresses as links, and mentions @[ID]), which
// elements, attributes and schemes may come out (policy.go), how large and how
// deep the result may grow (limits.go), and the plain text of that HTML for
// excerpts, search and mail (plain.go). It also cleans the one-line texts:
// titles and names (line.go).
//
// It does not know: who a person is (the caller gives the names), who may be
// mentioned, where texts are kept, how pages look. It has no state and no
// settings; everything here may be called from many goroutines.
//
// The way of a text:
//
//	Parse     goldmark reads the Markdown with bounded work (bounds.go, table.go,
//	          rawtag.go), settle.go then walks the tree once: mentions, task
//	          lists, nesting
//	HTML      goldmark writes the tree; every piece of raw HTML is sanitised by
//	          itself (raw.go), the whole is sanitised again (policy.go), and
//	          balance.go closes what is open, so that no post can break the page
package richtext

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Document is one parsed text. It does not change after Parse.
type Document struct {
	source   []byte
	root     ast.Node // nil when the text is plain (see plainParagraph)
	mentions []int64
	ours     bool // no tag or address in it is made by a person
}

// Parse reads Markdown. It never fails: every text is a document. The caller
// bounds the length; the time is linear in it.
func Parse(source string) *Document {
	source = Normalize(source)
	if isPlain(source) {
		return &Document{source: []byte(source)}
	}
	return parse(source)
}

// Mentions returns the ids of the persons mentioned as @[ID], each once, in the
// order of the text, at most MaxMentions. A mention in code, in the text of an
// image, in an address or in raw HTML is none.
func (d *Document) Mentions() []int64 {
	return d.mentions
}

// HTML returns the sanitised HTML. Of a mention whose id is in names it shows
// the name; every other one stays the text @[ID].
func (d *Document) HTML(names map[int64]string) string {
	if d.root == nil {
		return plainParagraph(string(d.source))
	}
	p := page{names: names}
	p.Grow(len(d.source) + len(d.source)/2)
	if err := markdownRenderer.Render(&p, d.source, d.root); err != nil {
		panic("richtext: writing to memory failed: " + err.Error())
	}
	if d.ours {
		return p.String() // sanitising changes nothing, a test compares
	}
	return sanitize(p.Bytes())
}

// Normalize returns the source as it is stored: CRLF and CR are LF, and what is
// no text (NUL, bytes that are no UTF-8) is U+FFFD.
func Normalize(source string) string {
	if strings.IndexByte(source, '\r') >= 0 {
		source = lineEnds.Replace(source)
	}
	if strings.IndexByte(source, 0) >= 0 {
		source = strings.ReplaceAll(source, "\x00", "\uFFFD")
	}
	return strings.ToValidUTF8(source, "\uFFFD")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// parse is Parse without the short way for plain text.
func parse(source string) *Document {
	d := &Document{source: []byte(source)}
	d.root = parserFor(source).Parse(text.NewReader(d.source))
	d.mentions, d.ours = settle(d.root, d.source)
	return d
}

// page is what the renderers write to. They get nothing else that belongs to
// one rendering, so the names for the mentions travel in it.
type page struct {
	bytes.Buffer
	names map[int64]string
}

// Buffered and Flush make page a writer that goldmark uses as it is, without a
// buffer around it.
func (p *page) Buffered() int { return 0 }

// Flush does nothing: what is written stands.
func (p *page) Flush() error { return nil }
