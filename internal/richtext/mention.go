package richtext

import (
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mention is @[ID] in a text. Its child is the text as typed, so that whoever
// knows nothing of mentions still shows something.
type mention struct {
	ast.BaseInline
	person int64
	listed bool // among the Mentions of the document
}

var kindMention = ast.NewNodeKind("Mention")

func (n *mention) Kind() ast.NodeKind { return kindMention }

func (n *mention) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"Person": strconv.FormatInt(n.person, 10)}, nil)
}

// mentionParser reads @[ID]. An ID is written as we write it: digits, no zero
// in front, below 2^53.
type mentionParser struct{}

func (mentionParser) Trigger() []byte { return []byte{'@'} }

func (mentionParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	const digits = 16 // of 2^53
	line, segment := block.PeekLine()
	if len(line) < 4 || line[1] != '[' || line[2] == '0' {
		return nil
	}
	end := 2
	for end < len(line) && end <= 2+digits && isDigit(line[end]) {
		end++
	}
	if end == len(line) || line[end] != ']' {
		return nil
	}
	person, err := strconv.ParseInt(string(line[2:end]), 10, 64)
	if err != nil || person >= 1<<53 {
		return nil
	}
	block.Advance(end + 1)
	n := &mention{person: person}
	n.AppendChild(n, ast.NewTextSegment(segment.WithStop(segment.Start+end+1)))
	return n
}

// mentionRenderer writes the name in place of the id where the page knows it.
type mentionRenderer struct{}

func (mentionRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindMention, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		n := node.(*mention)
		name, known := w.(*page).names[n.person]
		if !known || !n.listed {
			return ast.WalkContinue, nil
		}
		_, _ = w.WriteString(`<span class="mention" data-person="`)
		_, _ = w.WriteString(strconv.FormatInt(n.person, 10))
		_, _ = w.WriteString(`">@`)
		_, _ = w.Write(util.EscapeHTML([]byte(Line(name))))
		_, _ = w.WriteString(`</span>`)
		return ast.WalkSkipChildren, nil
	})
}
