package richtext

import "testing"

func TestPlain(t *testing.T) {
	for _, c := range []struct{ name, html, want string }{
		{"nothing", "", ""},
		{"blocks", "<h1>a</h1>\n<p>b\nc</p>\n<blockquote>\n<p>d</p>\n</blockquote>\n<hr>\n<p>e<br>\nf</p>\n", "a\nb c\nd\ne\nf"},
		{"within a line", "<p>a <em>b</em><strong>c</strong> <code>d  e</code></p>", "a bc d e"},
		{"entities", "<p>&lt;b&gt; &amp; &quot;c&quot; 'd' &nbsp; é</p>", `<b> & "c" 'd' é`},
		{"a list", "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n<p>d</p>", "- a\n- b\n- c\nd"},
		{"a loose list", "<ol start=\"3\">\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ol>", "- a\nb\n- c"},
		{"empty items", "<ul><li></li><li>a</li><li></li></ul>b", "- a\nb"},
		{"tasks", Parse("- [x] a\n- [ ] b").HTML(nil), "- [x] a\n- [ ] b"},
		{"a table", Parse("|a|b|\n|-|-|\n|c||\n||d|").HTML(nil), "a | b\nc\nd"},
		{"an image", `<p>a <img src="/x" alt="b  c"> d<img src="/y"></p>`, "a b c d"},
		{"code", "<pre><code>a\n  b\n\nc\n</code></pre>\n<p>d</p>", "a\nb\nc\nd"},
		{"a mention", `<p>Hoi <span class="mention" data-person="7">@Fatima</span>!</p>`, "Hoi @Fatima!"},
	} {
		if got := Plain(c.html); got != c.want {
			t.Errorf("%s: Plain(%q) = %q, want %q", c.name, c.html, got, c.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		html string
		max  int
		want string
	}{
		{"<p>een</p><p>twee</p>", 8, "een twee"},
		{"<p>een twee drie</p>", 13, "een twee drie"},
		{"<p>een twee drie</p>", 12, "een twee…"},
		{"<p>een twee drie</p>", 9, "een twee…"},
		{"<p>een twee drie</p>", 8, "een…"},
		{"<p>één 👍👍 drie</p>", 7, "één 👍👍…"},
		{"<p>aansprakelijkheidsverzekering</p>", 10, "aansprake…"},
		{"<p>a aansprakelijkheidsverzekering</p>", 10, "a aanspra…"},
		{"<p>een</p>", 1, "…"},
		{"<p>een</p>", 0, ""},
		{"<p>een</p>", -1, ""},
		{"", 0, ""},
	} {
		if got := Excerpt(c.html, c.max); got != c.want {
			t.Errorf("Excerpt(%q, %d) = %q, want %q", c.html, c.max, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		{"", ""},
		{"Een titel", "Een titel"},
		{"  Een \t\r\n titel\n", "Een titel"},
		{"a\x00b\x07c\x7fd\u0085e", "a b c d e"},
		{"a\u2028b\u2029c\u202ad\u202ee\u2066f\u2069g", "a b c d e f g"},
		{"\u202e\u202e", ""},
		{"a\u00a0\u3000b", "a b"},
		{"cafe\u0301 \u212b", "café Å"},
		{"👩\u200d💻 ok", "👩\u200d💻 ok"},
		{"a\xffb", "a\uFFFDb"},
	} {
		if got := Line(c.s); got != c.want {
			t.Errorf("Line(%q) = %q, want %q", c.s, got, c.want)
		}
	}
}
