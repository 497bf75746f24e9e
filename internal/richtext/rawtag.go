package richtext

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// rawTagParser reads the tags of inline raw HTML by hand, and leaves comments,
// declarations and the like to the parser within. That one reads tags with a
// regular expression, from every "<" on to the end of the paragraph if quotes
// are set cleverly; this one looks at most maxTagBytes far and at each byte once.
type rawTagParser struct{ parser.InlineParser }

func (p rawTagParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	pieces := rawPieces(pc)
	if len(line) < 2 || *pieces >= maxRawPieces {
		return nil
	}
	if line[1] != '/' && !isLetter(line[1]) {
		n := p.InlineParser.Parse(parent, block, pc)
		if n != nil {
			*pieces++
		}
		return n
	}
	c := tagCursor{block: block, line: line, segment: segment}
	if !c.tag() {
		return nil
	}
	*pieces++
	node := ast.NewRawHTML()
	node.Segments.AppendAll(c.passed)
	return node
}

// boundedHTMLBlocks counts the blocks of raw HTML with the tags.
type boundedHTMLBlocks struct{ parser.BlockParser }

func (p boundedHTMLBlocks) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	pieces := rawPieces(pc)
	if *pieces >= maxRawPieces {
		return nil, parser.NoChildren
	}
	n, state := p.BlockParser.Open(parent, reader, pc)
	if n != nil {
		*pieces++
	}
	return n, state
}

var rawPiecesKey = parser.NewContextKey()

// rawPieces is how many pieces of raw HTML the text has so far.
func rawPieces(pc parser.Context) *int {
	return pc.ComputeIfAbsent(rawPiecesKey, func() any { return new(int) }).(*int)
}

// tagCursor walks over the bytes of a tag, which may run over several lines,
// and collects the segments it has passed.
type tagCursor struct {
	block   text.Reader
	line    []byte
	segment text.Segment
	at      int // in line
	steps   int
	passed  []text.Segment
}

// tag reads one opening or closing tag by the rules of CommonMark.
func (c *tagCursor) tag() bool {
	c.next() // "<"
	closing := c.peek() == '/'
	if closing {
		c.next()
	}
	if !isLetter(c.peek()) {
		return false
	}
	c.skip(isTagName)
	spaced := c.skip(isSpace)
	for c.peek() != '>' {
		if c.peek() == '/' && !closing {
			c.next()
			break
		}
		if closing || !spaced || !isAttributeStart(c.peek()) {
			return false
		}
		c.skip(isAttributeName)
		spaced = c.skip(isSpace)
		if c.peek() == '=' {
			c.next()
			c.skip(isSpace)
			if !c.value() {
				return false
			}
			spaced = c.skip(isSpace)
		}
	}
	return c.end()
}

func (c *tagCursor) value() bool {
	quote := c.peek()
	if quote != '"' && quote != '\'' {
		return c.skip(isUnquoted)
	}
	c.next()
	c.skip(func(b byte) bool { return b != quote && b != 0 })
	if c.peek() != quote {
		return false
	}
	c.next()
	return true
}

// end takes the ">" and puts the reader behind it.
func (c *tagCursor) end() bool {
	if c.peek() != '>' {
		return false
	}
	c.at++
	c.passed = append(c.passed, c.segment.WithStop(c.segment.Start+c.at))
	c.block.Advance(c.at)
	return true
}

// skip passes the bytes that are in a class, and says whether there were any.
func (c *tagCursor) skip(in func(byte) bool) bool {
	before := c.steps
	for in(c.peek()) {
		c.next()
	}
	return c.steps > before
}

// peek returns the byte at the cursor, 0 where the tag cannot go on.
func (c *tagCursor) peek() byte {
	if c.at >= len(c.line) || c.steps >= maxTagBytes {
		return 0
	}
	return c.line[c.at]
}

func (c *tagCursor) next() {
	c.at++
	c.steps++
	if c.at == len(c.line) {
		c.passed = append(c.passed, c.segment)
		c.block.AdvanceLine()
		c.line, c.segment = c.block.PeekLine()
		c.at = 0
	}
}

func isLetter(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func isDigit(b byte) bool {
	return '0' <= b && b <= '9'
}

func isSpace(b byte) bool {
	return b == ' ' || b == '\t' || b == '\n'
}

func isTagName(b byte) bool {
	return isLetter(b) || isDigit(b) || b == '-'
}

func isAttributeStart(b byte) bool {
	return isLetter(b) || b == '_' || b == ':'
}

func isAttributeName(b byte) bool {
	return isAttributeStart(b) || isDigit(b) || b == '.' || b == '-'
}

// isUnquoted reports whether b may stand in the value of an attribute without
// quotes.
func isUnquoted(b byte) bool {
	switch b {
	case '"', '\'', '=', '<', '>', '`':
		return false
	}
	return b > ' '
}
