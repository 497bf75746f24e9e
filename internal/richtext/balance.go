package richtext

import "bytes"

// balance makes sanitised HTML whole: every element is closed, none lies where
// a browser would move it, at most MaxDepth are open at once. So the page around
// a post stays as it was, whatever the post holds. It also gives links to
// elsewhere their rel, shows the text of an image that may not be loaded, and
// makes every input a checkbox nobody can click.
//
// The input comes from bluemonday, which writes a tag as <name key="value">,
// with < > & and quotes escaped everywhere else. That is all it has to read.
func balance(html []byte) string {
	b := balancer{out: make([]byte, 0, len(html)+len(html)/8)}
	for len(html) > 0 {
		start := bytes.IndexByte(html, '<')
		if start < 0 {
			start = len(html)
		}
		if start > 0 {
			b.text(html[:start])
			html = html[start:]
			continue
		}
		end := bytes.IndexByte(html, '>')
		if end < 0 {
			break
		}
		b.tag(html[1:end])
		html = html[end+1:]
	}
	b.closeTo(0)
	return string(b.out)
}

type balancer struct {
	out   []byte
	open  []frame
	depth int // frames that were written
	links int // of those, how many are links
}

// frame is an open element. One that may not be there (too deep, a link in a
// link or to nowhere) is a ghost: nothing of it is written, but its end finds it.
type frame struct {
	element *element
	ghost   bool
}

func (b *balancer) text(t []byte) {
	if b.inTable() && !isBlank(t) {
		b.leaveTable()
	}
	b.write(t)
}

func (b *balancer) tag(t []byte) {
	closing := len(t) > 0 && t[0] == '/'
	if closing {
		t = t[1:]
	}
	end := 0
	for end < len(t) && t[end] != ' ' && t[end] != '/' {
		end++
	}
	e := elementOf[string(t[:end])]
	switch {
	case e == nil:
	case closing:
		b.end(e)
	default:
		b.start(e, t[end:])
	}
}

// start opens an element where it may stand, closing what cannot hold it, as a
// browser would.
func (b *balancer) start(e *element, attributes []byte) {
	switch e.kind {
	case void:
		b.leaveTable()
		if e.name == "hr" {
			b.leaveLeaf()
		}
		b.void(e, attributes)
	case phrase:
		b.leaveTable()
		b.push(e, attributes, e.name == "a" && (b.links > 0 || attribute(attributes, "href") == nil))
	case leaf, container:
		b.leaveTable()
		b.leaveLeaf()
		b.push(e, attributes, false)
	case item:
		list := b.nearest(func(e *element) bool { return e.kind == phrase || e.kind == leaf || e.kind == item || e.name == "div" })
		if list >= 0 && b.open[list].element.isList() {
			b.closeTo(list + 1)
			b.push(e, attributes, false)
		}
	case table:
		b.leaveTable()
		b.leaveLeaf()
		b.push(e, attributes, b.depth+4 > maxOpen) // with body, row and cell
	default:
		b.startPart(e, attributes)
	}
}

// startPart opens a section, a row or a cell of the innermost table, and what
// of row and section is missing above it.
func (b *balancer) startPart(e *element, attributes []byte) {
	t := b.nearest(func(e *element) bool { return e.kind != table })
	if t < 0 {
		return
	}
	at := t
	for at+1 < len(b.open) && b.open[at+1].element.kind.isPart() && b.open[at+1].element.kind < e.kind {
		at++
	}
	b.closeTo(at + 1)
	if e.kind >= row && at == t {
		b.push(elementOf["tbody"], nil, b.open[t].ghost)
	}
	if e.kind == cell && b.open[len(b.open)-1].element.kind != row {
		b.push(elementOf["tr"], nil, b.open[t].ghost)
	}
	b.push(e, attributes, b.open[t].ghost)
}

// end closes the innermost element of that name, if it may be closed from here.
func (b *balancer) end(e *element) {
	i := len(b.open) - 1
	for i >= 0 && b.open[i].element != e {
		if !e.endsAcross(b.open[i].element) {
			return
		}
		i--
	}
	if i >= 0 {
		b.closeTo(i)
	}
}

// inTable reports whether we are in a table but in no cell of it, where only
// parts of the table may stand.
func (b *balancer) inTable() bool {
	if len(b.open) == 0 {
		return false
	}
	kind := b.open[len(b.open)-1].element.kind
	return kind == table || kind == section || kind == row
}

// leaveTable closes the table that what comes now may not stand in.
func (b *balancer) leaveTable() {
	if b.inTable() {
		b.closeTo(b.nearest(func(e *element) bool { return e.kind != table }))
	}
}

// leaveLeaf closes the paragraph, heading or pre we are in: no block may stand
// in it.
func (b *balancer) leaveLeaf() {
	i := b.nearest(func(e *element) bool { return e.kind == phrase })
	if i >= 0 && b.open[i].element.kind == leaf {
		b.closeTo(i)
	}
}

// nearest returns the index of the innermost open element that is not to be
// skipped, -1 when there is none.
func (b *balancer) nearest(skip func(*element) bool) int {
	i := len(b.open) - 1
	for i >= 0 && skip(b.open[i].element) {
		i--
	}
	return i
}

// maxOpen leaves room for a void element in the innermost one.
const maxOpen = MaxDepth - 1

func (b *balancer) push(e *element, attributes []byte, ghost bool) {
	f := frame{element: e, ghost: ghost || b.depth == maxOpen}
	b.open = append(b.open, f)
	if f.ghost {
		return
	}
	b.depth++
	b.out = append(append(b.out, '<'), e.name...)
	switch e.name {
	case "a":
		b.links++
		b.attributes(attributes)
		if isElsewhere(attribute(attributes, "href")) {
			b.out = append(b.out, linkRel...)
		}
	case "span": // a whole mention or a bare span
		if attribute(attributes, "class") != nil && attribute(attributes, "data-person") != nil {
			b.attributes(attributes)
		}
	default:
		b.attributes(attributes)
	}
	b.out = append(b.out, '>')
}

// linkRel keeps links to elsewhere from lending our good name, from reaching
// back into our page and from telling where the reader came from.
const linkRel = ` rel="nofollow ugc noopener noreferrer"`

func (b *balancer) closeTo(n int) {
	for i := len(b.open) - 1; i >= n; i-- {
		f := b.open[i]
		if !f.ghost {
			b.depth--
			if f.element.name == "a" {
				b.links--
			}
			b.out = append(b.out, "</"...)
			b.out = append(append(b.out, f.element.name...), '>')
		}
	}
	b.open = b.open[:n]
}

func (b *balancer) void(e *element, attributes []byte) {
	switch e.name {
	case "img":
		if attribute(attributes, "src") == nil {
			b.write(attribute(attributes, "alt"))
			return
		}
	case "input":
		if attribute(attributes, "type") == nil {
			return
		}
		if attribute(attributes, "checked") != nil {
			b.out = append(b.out, `<input checked="" disabled="" type="checkbox">`...)
		} else {
			b.out = append(b.out, `<input disabled="" type="checkbox">`...)
		}
		return
	}
	b.out = append(append(b.out, '<'), e.name...)
	b.attributes(attributes)
	b.out = append(b.out, '>')
}

func (b *balancer) attributes(a []byte) {
	b.write(bytes.TrimSuffix(a, []byte{'/'}))
}

// write copies escaped text. Of the two quotes it keeps what CommonMark shows:
// the single one as it is, the double one under its name.
func (b *balancer) write(t []byte) {
	for {
		i := bytes.Index(t, []byte("&#3"))
		if i < 0 || len(t) < i+5 {
			break
		}
		b.out = append(b.out, t[:i]...)
		switch string(t[i : i+5]) {
		case "&#34;":
			b.out = append(b.out, "&quot;"...)
		case "&#39;":
			b.out = append(b.out, '\'')
		default:
			b.out = append(b.out, t[i:i+5]...)
		}
		t = t[i+5:]
	}
	b.out = append(b.out, t...)
}

// attribute returns the value of an attribute as it is written, nil when it is
// not there.
func attribute(attributes []byte, key string) []byte {
	for {
		name, rest, found := bytes.Cut(attributes, []byte(`="`))
		if !found {
			return nil
		}
		value, rest, _ := bytes.Cut(rest, []byte{'"'})
		if string(bytes.TrimLeft(name, " ")) == key {
			return value
		}
		attributes = rest
	}
}

// isElsewhere reports whether an address may lead to another host.
func isElsewhere(href []byte) bool {
	if bytes.HasPrefix(href, []byte("//")) {
		return true
	}
	return len(href) >= 5 && bytes.EqualFold(href[:4], []byte("http")) &&
		(href[4] == ':' || len(href) >= 6 && (href[4]|0x20) == 's' && href[5] == ':')
}

// isBlank reports whether a text is only white space as HTML counts it.
func isBlank(t []byte) bool {
	for _, c := range t {
		if c != ' ' && c != '\n' && c != '\t' && c != '\f' {
			return false
		}
	}
	return true
}
