package richtext

import (
	"html"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/text"
	"golang.org/x/text/unicode/norm"
)

// FuzzHTML checks of any source that its HTML is safe, whole, not too deep and
// stays the same when sanitised again, and that every shorter way (plain text,
// no addresses, no need to sanitise) gives what the long way gives.
func FuzzHTML(f *testing.F) {
	for _, block := range blocks {
		f.Add(strings.ReplaceAll(block, "%s", "<p>@[7] *a* <b"))
	}
	for _, source := range hostileTexts(200) {
		f.Add(source)
	}
	for _, source := range []string{plainChat, chat, articlePart, "  a", "a  \nb\\\nc", "a\r\n\r\nb\x00\xff", "&#13;&#0;&quot;'", "jan@x.nl @[7]", "[a]: /b\n\n[a] ![a]"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		checkDocument(t, source)
		checkShortWays(t, source)
	})
}

// FuzzSanitize checks of any HTML that what sanitize makes of it is safe, whole
// and final.
func FuzzSanitize(f *testing.F) {
	for _, tag := range tags {
		f.Add("<" + tag + " class=mention data-person=7 href=//x src=/y type=checkbox>a<p><td>b</" + tag + ">c")
	}
	f.Add("<table>a<tr>b<td>c<table><li>d</table></div>e")
	f.Fuzz(func(t *testing.T, source string) {
		checkSafe(t, sanitize([]byte(Normalize(source))))
	})
}

// FuzzPlain checks the text of any HTML: words in single spaces, no empty lines,
// and nothing that reads as HTML once it is escaped.
func FuzzPlain(f *testing.F) {
	f.Add("<ul><li>a</li><li><p>b&amp;c</p></li></ul><pre>d\n\n e</pre><img alt='f  g'>", 10)
	f.Add("<table><tr><td></td><td>a</td></tr></table><input checked><br><br>b", 3)
	f.Add("&nbsp;&#13;&lt;p&gt;", 1)
	f.Add("<p>a\r\n&#13;&nbsp;&quot;b &amp;\x00 </p>\n", 3)
	f.Fuzz(func(t *testing.T, source string, max int) {
		got := Plain(source)
		if long := plain(source); got != long {
			t.Errorf("Plain(%q) = %q, the long way %q", source, got, long)
		}
		if utf8.ValidString(source) && !utf8.ValidString(got) {
			t.Errorf("Plain(%q) = %q is no UTF-8", source, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if line != strings.Join(strings.FieldsFunc(line, unicode.IsSpace), " ") || line == "" && got != "" {
				t.Errorf("Plain(%q) has the line %q", source, line)
			}
		}
		oneLine := strings.ReplaceAll(got, "\n", " ")
		if again := Plain(html.EscapeString(got)); utf8.ValidString(got) && again != oneLine {
			t.Errorf("Plain(%q) = %q, and of that escaped %q", source, got, again)
		}
		excerpt := Excerpt(source, max)
		if n := utf8.RuneCountInString(excerpt); n > max && n > 0 {
			t.Errorf("Excerpt(%q, %d) has %d code points", source, max, n)
		}
		if begin := strings.TrimSuffix(excerpt, "…"); !strings.HasPrefix(oneLine, begin) || excerpt == begin && max > 0 && excerpt != oneLine {
			t.Errorf("Excerpt(%q, %d) = %q of %q", source, max, excerpt, oneLine)
		}
	})
}

// FuzzLine checks of any text that Line makes one clean line of it, and that
// there is nothing left to clean then.
func FuzzLine(f *testing.F) {
	f.Add(" a\r\n\tb\u202e\u2066 \u2028e\u0301\x00\u00a0\xff ")
	f.Fuzz(func(t *testing.T, s string) {
		got := Line(s)
		if strings.ContainsFunc(got, func(r rune) bool { return r != ' ' && isGap(r) }) ||
			strings.Contains(got, "  ") || strings.TrimSpace(got) != got || !norm.NFC.IsNormalString(got) || !utf8.ValidString(got) {
			t.Errorf("Line(%q) = %q", s, got)
		}
		if again := Line(got); again != got {
			t.Errorf("Line(%q) = %q, and of that %q", s, got, again)
		}
	})
}

// checkShortWays compares what Parse and HTML do with the long way: the parser
// that knows everything, and always the sanitiser.
func checkShortWays(t *testing.T, source string) {
	t.Helper()
	names := map[int64]string{7: "Fatima", 12: `Jan "O'Neill" & <co>`}
	long := &Document{source: []byte(Normalize(source))}
	long.root = markdownParser.Parse(text.NewReader(long.source))
	long.mentions, _ = settle(long.root, long.source)

	short := Parse(source)
	if got, want := short.HTML(names), long.HTML(names); got != want {
		t.Errorf("%q became\n%q, the long way\n%q", source, got, want)
	}
	if got, want := Plain(short.HTML(names)), plain(long.HTML(names)); got != want {
		t.Errorf("the text of %q became\n%q, the long way\n%q", source, got, want)
	}
	if !slices.Equal(short.Mentions(), long.Mentions()) {
		t.Errorf("%q mentions %v, the long way %v", source, short.Mentions(), long.Mentions())
	}
}
