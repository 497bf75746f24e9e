package richtext

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// markdownParser reads CommonMark and what we add to it: of GitHub's Markdown
// tables, strikethrough, task lists and bare addresses, and mentions.
var markdownParser = newParser(append(additions, parser.WithInlineParsers(
	util.Prioritized(extension.NewLinkifyParser(
		extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"}),
		extension.WithLinkifyURLRegexp(bareAddress),
	), 999),
))...)

// wordsParser is markdownParser without the bare addresses. It is for texts that
// have none: the parser for these asks at every space, which takes longer than
// all the rest.
var wordsParser = newParser(additions...)

func parserFor(source string) parser.Parser {
	if mayHoldAddress(source) {
		return markdownParser
	}
	return wordsParser
}

// mayHoldAddress reports whether a source holds what every bare address has.
func mayHoldAddress(source string) bool {
	if strings.Contains(source, "://") || strings.Contains(source, "www.") {
		return true
	}
	for _, after, found := strings.Cut(source, "@"); found; _, after, found = strings.Cut(after, "@") {
		if !strings.HasPrefix(after, "[") { // a mention
			return true
		}
	}
	return false
}

var additions = []parser.Option{
	parser.WithInlineParsers(
		util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
		util.Prioritized(mentionParser{}, 50),
		util.Prioritized(boundedMarks{strikethroughParser{extension.NewStrikethroughParser()}}, 500),
	),
	parser.WithParagraphTransformers(
		util.Prioritized(boundedTable{extension.NewTableParagraphTransformer()}, 200),
	),
	parser.WithASTTransformers(
		util.Prioritized(extension.NewTableASTTransformer(), 0),
	),
}

// bareAddress is an address that becomes a link without any mark: http and
// https with a host that has a dot, and mailto.
var bareAddress = regexp.MustCompile(
	`^(?:https?://[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-z]+(?::\d+)?(?:[/#?][-a-zA-Z0-9@:%_+.~#$!?&/=();,'">^{}\[\]` + "`" + `]*)?` +
		`|mailto:[-a-zA-Z0-9._+]{1,64}@[-a-zA-Z0-9_]{1,64}(?:\.[-a-zA-Z0-9_]{1,64}){1,8})`)

// newParser makes a parser of CommonMark that does bounded work. The priorities
// are goldmark's own: the lower number is asked first.
func newParser(additions ...parser.Option) parser.Parser {
	return parser.NewParser(append([]parser.Option{
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(boundedContainer{parser.NewListParser(), 2}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(boundedContainer{parser.NewBlockquoteParser(), 1}, 800),
			util.Prioritized(boundedHTMLBlocks{parser.NewHTMLBlockParser()}, 900),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(boundedCodeSpan{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(boundedMarks{boundedLinks{parser.NewLinkParser()}}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(rawTagParser{parser.NewRawHTMLParser()}, 400),
			util.Prioritized(boundedMarks{parser.NewEmphasisParser()}, 500),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(boundedDefinitions{parser.LinkReferenceParagraphTransformer}, 100),
		),
	}, additions...)...)
}

// markdownRenderer writes raw HTML sanitised, piece by piece; the whole goes
// through sanitize after it.
var markdownRenderer = newRenderer(
	util.Prioritized(rawHTMLRenderer{}, 100),
)

// newRenderer makes a renderer of all we read. It writes raw HTML and every
// address as they are, unless a renderer is added that does not.
func newRenderer(additions ...util.PrioritizedValue) renderer.Renderer {
	return renderer.NewRenderer(renderer.WithNodeRenderers(append([]util.PrioritizedValue{
		util.Prioritized(html.NewRenderer(html.WithUnsafe()), 1000),
		util.Prioritized(extension.NewTableHTMLRenderer(
			extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), 500),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(extension.NewTaskCheckBoxHTMLRenderer(), 500),
		util.Prioritized(mentionRenderer{}, 500),
	}, additions...)...))
}
