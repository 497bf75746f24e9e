package richtext

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// CommonMark sets no bounds, and some texts make a parser that keeps to it do
// work that grows with the square of their length. The types here stand around
// goldmark's own parsers and let a text go on as text where it passes a bound.

// boundedContainer keeps quotes and lists from lying too deep in one another.
// It stands around the list and not around the item, because a list without an
// item is nothing.
type boundedContainer struct {
	parser.BlockParser
	elements int // one for a quote, two for a list and its item
}

func (p boundedContainer) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := p.elements
	for n := parent; n.Parent() != nil; n = n.Parent() {
		depth++
	}
	if depth > maxContainers {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// boundedMarks keeps the number of marks in one paragraph within maxMarks: each
// may be compared with all others.
type boundedMarks struct{ parser.InlineParser }

// marks counts the marks of the block that is being read. Inline parsers are
// called block by block.
type marks struct {
	block ast.Node
	count int
}

var marksKey = parser.NewContextKey()

func (p boundedMarks) Parse(block ast.Node, reader text.Reader, pc parser.Context) ast.Node {
	m := pc.ComputeIfAbsent(marksKey, func() any { return &marks{} }).(*marks)
	if m.block != block {
		*m = marks{block: block}
	}
	if m.count >= maxMarks {
		return nil
	}
	m.count++
	return p.InlineParser.Parse(block, reader, pc)
}

// CloseBlock hands on the end of the block to the parsers that wait for it.
func (p boundedMarks) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if c, ok := p.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

// boundedLinks reads addresses of at most maxAddressBytes. The parser within
// would look for the end of one to the end of the line, from every "](".
type boundedLinks struct{ parser.InlineParser }

func (p boundedLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	return p.InlineParser.Parse(parent, shortLines{block}, pc)
}

// CloseBlock hands on the end of the block: brackets that stayed alone become
// text there.
func (p boundedLinks) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	p.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

// shortLines shows the beginning of every line.
type shortLines struct{ text.Reader }

func (r shortLines) PeekLine() ([]byte, text.Segment) {
	line, segment := r.Reader.PeekLine()
	return line[:min(len(line), maxAddressBytes)], segment
}

// boundedCodeSpan remembers which runs of backticks have no partner in the rest
// of the block. The parser within would look for one to the end of the block from
// each such run.
type boundedCodeSpan struct{ parser.InlineParser }

// lonely holds the lengths of runs that have no partner in a block.
type lonely struct {
	block   ast.Node
	lengths map[int]bool
}

var lonelyKey = parser.NewContextKey()

func (p boundedCodeSpan) Parse(block ast.Node, reader text.Reader, pc parser.Context) ast.Node {
	l, _ := pc.Get(lonelyKey).(*lonely)
	if l == nil || l.block != block {
		l = &lonely{block: block}
		pc.Set(lonelyKey, l)
	}
	line, segment := reader.PeekLine()
	length := 0
	for length < len(line) && line[length] == '`' {
		length++
	}
	if l.lengths[length] {
		reader.Advance(length)
		return ast.NewTextSegment(segment.WithStop(segment.Start + length))
	}
	n := p.InlineParser.Parse(block, reader, pc)
	if _, found := n.(*ast.CodeSpan); !found {
		if l.lengths == nil {
			l.lengths = map[int]bool{}
		}
		l.lengths[length] = true
	}
	return n
}

// strikethroughParser looks once at a run of tildes; the parser within would
// measure the run anew from each of its characters.
type strikethroughParser struct{ parser.InlineParser }

func (p strikethroughParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if block.PrecendingCharacter() == '~' {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// boundedDefinitions leaves very long paragraphs alone: the lines after a link
// definition are copied for each one found.
type boundedDefinitions struct{ parser.ParagraphTransformer }

func (t boundedDefinitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if node.Lines().Len() <= maxDefinitionLines {
		t.ParagraphTransformer.Transform(node, reader, pc)
	}
}
