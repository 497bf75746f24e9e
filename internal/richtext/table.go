package richtext

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// boundedTable turns a paragraph into a table only while the cells of all
// tables of the text stay within maxTableCells. Every row gets as many cells as
// the head has, however short its line: a thousand columns over a thousand
// lines "a" would be a million cells out of six kB.
type boundedTable struct{ parser.ParagraphTransformer }

type tableCount struct {
	cells, escapedPipes int
}

var tableKey = parser.NewContextKey()

func (t boundedTable) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	cells, escapedPipes := tableSize(node.Lines(), reader.Source())
	if cells == 0 {
		return
	}
	n := pc.ComputeIfAbsent(tableKey, func() any { return &tableCount{} }).(*tableCount)
	n.cells += cells
	n.escapedPipes += escapedPipes
	if n.cells <= maxTableCells && n.escapedPipes <= maxEscapedPipes {
		t.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// tableSize counts the cells the lines may make as a table, and the escaped
// pipes in them. It is 0, 0 when none of the lines can stand under a head.
func tableSize(lines *text.Segments, source []byte) (cells, escapedPipes int) {
	for i := range lines.Len() {
		line := lines.At(i)
		value := source[line.Start:line.Stop]
		escapedPipes += bytes.Count(value, []byte(`\|`))
		if i > 0 && isDelimiterRow(value) {
			cells = max(cells, columns(value)*(lines.Len()-i)) // the rows below, and the head
		}
	}
	if cells == 0 {
		return 0, 0
	}
	return cells, escapedPipes
}

func isDelimiterRow(line []byte) bool {
	for _, c := range line {
		switch c {
		case '-', ':', '|', ' ', '\t', '\n', '\v', '\f':
		default:
			return false
		}
	}
	return true
}

func columns(delimiterRow []byte) int {
	row := bytes.TrimSpace(delimiterRow)
	row = bytes.TrimPrefix(row, []byte{'|'})
	row = bytes.TrimSuffix(row, []byte{'|'})
	return bytes.Count(row, []byte{'|'}) + 1
}
