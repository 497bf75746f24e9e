package richtext

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// TestRandomMarkup strings tokens of Markdown and HTML together at random, the
// same ones in every run: it finds the nestings nobody thinks of.
func TestRandomMarkup(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 / slower {
		var b strings.Builder
		for range 1 + r.IntN(30) {
			b.WriteString(tokens[r.IntN(len(tokens))])
		}
		checkDocument(t, b.String())
		checkShortWays(t, b.String())
		checkSafe(t, sanitize([]byte(b.String())))
		if t.Failed() {
			return
		}
	}
}

// TestBoundsChangeNothing compares our parser of CommonMark with goldmark's own,
// on random markup that is too short to meet a bound.
func TestBoundsChangeNothing(t *testing.T) {
	render := func(p parser.Parser, source string) string {
		var out bytes.Buffer
		if err := newRenderer().Render(&out, []byte(source), p.Parse(text.NewReader([]byte(source)))); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	theirs := goldmark.DefaultParser()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 / slower {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteString(tokens[r.IntN(len(tokens))])
		}
		source := Normalize(b.String())
		if got, want := render(commonMarkParser, source), render(theirs, source); got != want {
			t.Fatalf("%q became\n%q, by goldmark alone\n%q", source, got, want)
		}
	}
}

// TestRandomRepetition repeats a few random tokens to a hostile size: the time
// may not grow with the square of it.
func TestRandomRepetition(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(tokens[r.IntN(len(tokens))])
		}
		return b.String()
	}
	slowest, longest := "", time.Duration(0)
	for range 40 / slower {
		before, first, between, second, after := pick(3), "x"+pick(4), pick(2), pick(3), pick(2)
		if r.IntN(2) == 0 {
			first = first[1:]
		}
		size := hostileBytes / max(1, len(first)+len(second))
		source := before + strings.Repeat(first, size) + between + strings.Repeat(second, size) + after
		if took := fastest(func() { Parse(source).HTML(nil) }); took > longest {
			slowest, longest = fmt.Sprintf("%q + %q + %q + %q + %q", before, first, between, second, after), took
		}
	}
	t.Logf("the slowest took %v: %s", longest, slowest)
	if longest > hostileTime {
		t.Errorf("%v for %s", longest, slowest)
	}
}

var tokens = func() []string {
	all := []string{
		"a", "b ", " ", "\n", "\n\n", "\t", "    ", "\\", "&", "&lt;", "&#13;", "\"", "'", "=", "|", "|-|", "\n|-|-|\n", "|a|b|\n", "`", "``", "```\n", "~", "~~", "*", "**", "_", "__",
		"[", "]", "(", ")", "](", "![", "](/x)", "](x)", "](//y \"t\")", "[a]", "[a]: /b\n", "<", ">", "> ", "\n> ", "- ", "\n- ", "\n  - ", "1. ", "\n7) ", "- [ ] ", "- [x] ", "# ", "\n===\n", "\n---\n",
		"@[7]", "@[9]", "@[", "@", "www.a.nl", "https://b.nl/c", "d@e.nl", "mailto:", "<https://f.nl>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!A", "é", "\u00a0", "\r",
		"<br>", "<br/>", "<hr>", "<img src=/a alt=b>", "<img src=c alt='<d>'>", "<input type=checkbox checked>", "<input>", "<a href=/e>", "<a href=https://f.nl title='\"g'>", "<a>",
		"<span class=mention data-person=9>", "<script>", "</script>", "<style>", "<textarea>", "</textarea>", "<svg>", "<math>", "<table", " title=\"", " x='", "<b", "</b", " c", "= ", "=d", "/>", "<b e=\"<\" f='>' g=h i>", "<b\nj\n=\nk\n>",
	}
	for name, e := range elementOf {
		if e.kind != void {
			all = append(all, "<"+name+">", "</"+name+">")
		}
	}
	// The map has no order, the tests need one.
	slices.Sort(all)
	return all
}()
