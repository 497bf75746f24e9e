package richtext

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// rawHTMLRenderer writes each piece of raw HTML sanitised by itself. So a tag or
// a comment that is left open in one piece cannot swallow what goldmark writes
// after it, and what we write ourselves (a mention) cannot be imitated: rawPolicy
// does not let it through.
type rawHTMLRenderer struct{}

func (r rawHTMLRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHTMLBlock, r.block)
	reg.Register(ast.KindRawHTML, r.inline)
}

func (rawHTMLRenderer) block(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*ast.HTMLBlock)
		var piece bytes.Buffer
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			piece.Write(line.Value(source))
		}
		if n.HasClosure() {
			piece.Write(n.ClosureLine.Value(source))
		}
		_, _ = w.Write(rawPolicy.SanitizeBytes(piece.Bytes()))
	}
	return ast.WalkContinue, nil
}

func (rawHTMLRenderer) inline(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*ast.RawHTML)
		var piece []byte
		for i := range n.Segments.Len() {
			segment := n.Segments.At(i)
			piece = append(piece, segment.Value(source)...)
		}
		_, _ = w.Write(rawPolicy.SanitizeBytes(piece))
	}
	return ast.WalkSkipChildren, nil
}
