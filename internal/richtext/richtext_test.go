package richtext

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestHTML shows what the parts of Markdown become.
func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"nothing", "", ""},
		{"blank", " \n\t\n", ""},
		{"words", "Hoi, hoe gaat het?", "<p>Hoi, hoe gaat het?</p>\n"},
		{"quotes and signs", `"Ja" & 'nee' <3 > 2`, "<p>&quot;Ja&quot; &amp; 'nee' &lt;3 &gt; 2</p>\n"},
		{"a line end is a soft break", "een\r\ntwee\rdrie", "<p>een\ntwee\ndrie</p>\n"},
		{"a hard break", "een  \ntwee\\\ndrie", "<p>een<br>\ntwee<br>\ndrie</p>\n"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>\n"},
		{"a heading gets no id", "# Kop", "<h1>Kop</h1>\n"},
		{"code", "```go\na < b\n```", "<pre><code class=\"language-go\">a &lt; b\n</code></pre>\n"},
		{"a link here", "[a](/b \"c\")", "<p><a href=\"/b\" title=\"c\">a</a></p>\n"},
		{"a link to elsewhere", "[a](HTTPS://b.nl)", "<p><a href=\"HTTPS://b.nl\"" + linkRel + ">a</a></p>\n"},
		{"a link to the same scheme elsewhere", "[a](//b.nl)", "<p><a href=\"//b.nl\"" + linkRel + ">a</a></p>\n"},
		{"a link to mail", "[a](mailto:b@c.nl) [d](tel:+31)", "<p><a href=\"mailto:b@c.nl\">a</a> <a href=\"tel:+31\">d</a></p>\n"},
		{"a link to what is not allowed", "[a](javascript:alert(1)) [b](ftp://c)", "<p>a b</p>\n"},
		{"a link to nowhere", "[a]()", "<p><a href=\"\">a</a></p>\n"},
		{"a link in a link", "[a <https://b.nl> c](/d)", "<p><a href=\"/d\">a https://b.nl c</a></p>\n"},
		{"bare addresses", "zie www.a.nl, http://b.nl/c?d=e&f. of (https://g.nl)",
			"<p>zie <a href=\"http://www.a.nl\"" + linkRel + ">www.a.nl</a>, <a href=\"http://b.nl/c?d=e&amp;f\"" + linkRel + ">http://b.nl/c?d=e&amp;f</a>. " +
				"of (<a href=\"https://g.nl\"" + linkRel + ">https://g.nl</a>)</p>\n"},
		{"bare mail addresses", "a@b.nl mailto:c@d.nl", "<p><a href=\"mailto:a@b.nl\">a@b.nl</a> <a href=\"mailto:c@d.nl\">mailto:c@d.nl</a></p>\n"},
		{"bare addresses of other schemes", "ftp://a.nl file:///b tel:112", "<p>ftp://a.nl file:///b tel:112</p>\n"},
		{"an image of ours", "![a *b*](/c.png \"d\")", "<p><img src=\"/c.png\" alt=\"a b\" title=\"d\"></p>\n"},
		{"an image of others", "x ![a \"b\"](https://c.nl/d.png) y ![](//e/f)", "<p>x a &quot;b&quot; y </p>\n"},
		{"an image of others in a link", "[![a](x.png)](/y)", "<p><a href=\"/y\">a</a></p>\n"},
		{"a list", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		{"tasks", "- [x] a\n- [ ] b\n- c", "<ul class=\"task-list\">\n<li class=\"task-list-item\"><input checked=\"\" disabled=\"\" type=\"checkbox\"> a</li>\n" +
			"<li class=\"task-list-item\"><input disabled=\"\" type=\"checkbox\"> b</li>\n<li>c</li>\n</ul>\n"},
		{"a table", "|a|b|\n|:-|-:|\n|c|`d\\|e`|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n" +
			"<tbody>\n<tr>\n<td align=\"left\">c</td>\n<td align=\"right\"><code>d|e</code></td>\n</tr>\n</tbody>\n</table>\n"},
		{"raw HTML that is allowed", "H<sub>2</sub>O <mark>let op</mark> <span>x</span>", "<p>H<sub>2</sub>O <mark>let op</mark> <span>x</span></p>\n"},
		{"raw HTML that is not", "<u>a</u> <font color=red>b</font> <section id=x>c</section>", "<p>a b c</p>\n"},
		{"a script in a block", "<script>\nalert(1)\n</script>\n\ndaarna", "\n<p>daarna</p>\n"},
		{"a script in a line stays text", "a <script>alert(1)</script>", "<p>a alert(1)</p>\n"},
		{"attributes that are not allowed", `<p id="a" name="b" style="c" class="d" onclick="e">f</p>`, "<p>f</p>"},
		{"an image as HTML", `<img src="/a.png" width="10" height="20" loading="lazy" onerror=x alt="b">`, `<img src="/a.png" width="10" height="20" loading="lazy" alt="b">`},
		{"a checkbox as HTML", `<input type=checkbox checked onclick=x> <input type=text value=y>`, "<p><input checked=\"\" disabled=\"\" type=\"checkbox\"> </p>\n"},
		{"an open comment ends with its block", "<!-- a\n\nb", ""},
		{"an open tag ends with its block", "<div class=\"\n\nb", "<p>b</p>\n"},
		{"an open element is closed", "<div>a\n\nb <em>c", "<div>a\n<p>b <em>c</em></p>\n</div>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Parse(c.source).HTML(nil)
			if got != c.want {
				t.Errorf("%q became\n     %q\nwant %q", c.source, got, c.want)
			}
			checkSafe(t, got)
			checkShortWays(t, c.source)
		})
	}
}

// TestBalance gives raw HTML that is not whole.
func TestBalance(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"<div><p>a</div>b</p>c", "<div><p>a</p></div>bc"},
		{"</div></p></td>a", "a"},
		{"<p>a<p>b<div>c", "<p>a</p><p>b</p><div>c</div>"},
		{"<h1>a<h2>b</h1>c", "<h1>a</h1><h2>bc</h2>"},
		{"<em><strong>a</em>b</strong>", "<em><strong>a</strong></em>b"},
		{"<em><p>a</p></em>", "<em><p>a</p></em>"},
		{"<p><em>a<p>b", "<p><em>a</em></p><p>b</p>"},
		{"<a href=/a>b<a href=/c>d</a>e</a>f", `<a href="/a">bde</a>f`},
		{"<a>b<a href=/c>d</a>e</a>f", `b<a href="/c">d</a>ef`},
		{"<ul><li>a<li>b<ul><li>c</ul>d</ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul>d</li></ul>"},
		{"<li>a</li><ul>b<p><li>c", "a<ul>b<p></p><li>c</li></ul>"},
		{"<table><td>a<td>b<tr><th>c", "<table><tbody><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></tbody></table>"},
		{"<table><thead><tr><th>a<tbody><td>b", "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>"},
		{"<table>\n<tr>\n<td>a</table>", "<table>\n<tbody><tr>\n<td>a</td></tr></tbody></table>"},
		{"<table>a<tr><td>b", "<table></table>ab"},
		{"<table><tr><hr><td>a", "<table><tbody><tr></tr></tbody></table><hr>a"},
		{"<table><tr><td><table><tr><td>a</td></table>b</table>c", "<table><tbody><tr><td><table><tbody><tr><td>a</td></tr></tbody></table>b</td></tr></tbody></table>c"},
		{"<tr><td>a</td></tr>", "a"},
		{"<p>a<table><tr><td><p>b", "<p>a</p><table><tbody><tr><td><p>b</p></td></tr></tbody></table>"},
		{"a<br></br>b<br/>c<div/>d", "a<br>b<br>c<div>d</div>"},
		{"<pre>a<div>b</pre>c", "<pre>a</pre><div>bc</div>"},
		{"<blockquote><li>a</blockquote></li>b", "<blockquote>a</blockquote>b"},
	} {
		got := sanitize([]byte(c.source))
		if got != c.want {
			t.Errorf("%q became\n     %q\nwant %q", c.source, got, c.want)
		}
		checkSafe(t, got)
	}
}

func TestMentions(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []int64
	}{
		{"geen", nil},
		{"@[7]", []int64{7}},
		{"Hoi @[7], @[12] en @[7].", []int64{7, 12}},
		{"# @[1]\n\n> @[2]\n\n- @[3]\n\n|@[4]|\n|-|\n|@[5]|\n\n*@[6]* **~~@[7]~~** [@[8]](/x)", []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"`@[1]` ``@[2]``\n\n    @[3]\n\n```@[4]\n@[5]\n```", nil},
		{"[x](/@[1]) [y](/z \"@[2]\") <https://x.nl/@[3]> https://x.nl/@[4] ![@[5]](/x.png)", nil},
		{"[x]\n\n[x]: /@[1] '@[2]'", nil},
		{"<div>@[1]</div>\n\n<b title='@[2]'>@[3]</b> <!-- @[4] -->", []int64{3}},
		{`\@[1] @\[2] @[3\]`, nil},
		{"@[0] @[01] @[-1] @[+1] @[1.0] @[ 1] @[1 ] @[] @[a] @[１] @1 @(1)", nil},
		{"@[9007199254740991] @[9007199254740992] @[9999999999999999] @[99999999999999999]", []int64{1<<53 - 1}},
		{"jan@[7]@[8]@@[9]", []int64{7, 8, 9}},
		{"@[7", nil},
		{"@[7](/x) @[8][x]", []int64{7, 8}},
	} {
		if got := Parse(c.source).Mentions(); !slices.Equal(got, c.want) {
			t.Errorf("%q mentions %v, want %v", c.source, got, c.want)
		}
	}
}

func TestMentionsAreBounded(t *testing.T) {
	for _, n := range []int{MaxMentions - 1, MaxMentions, MaxMentions + 1} {
		names := map[int64]string{}
		var source strings.Builder
		for id := range int64(n) {
			names[id+1] = "Naam"
			fmt.Fprintf(&source, "@[%d] @[1] ", id+1)
		}
		d := Parse(source.String())
		want := min(n, MaxMentions)
		if got := len(d.Mentions()); got != want {
			t.Errorf("%d mentions of %d", got, n)
		}
		// Each of the bounded ones, and n times the first but once counted above.
		if got := strings.Count(d.HTML(names), "data-person"); got != want+n {
			t.Errorf("%d mentions shown of %d", got, n)
		}
	}
}

func TestMentionNames(t *testing.T) {
	d := Parse("Hoi @[7] en @[8]")
	for _, c := range []struct {
		names map[int64]string
		want  string
	}{
		{nil, "<p>Hoi @[7] en @[8]</p>\n"},
		{map[int64]string{7: "Fatima"}, "<p>Hoi <span class=\"mention\" data-person=\"7\">@Fatima</span> en @[8]</p>\n"},
		{map[int64]string{8: `<b>"Jan" & 'co'`}, "<p>Hoi @[7] en <span class=\"mention\" data-person=\"8\">@&lt;b&gt;&quot;Jan&quot; &amp; 'co'</span></p>\n"},
		{map[int64]string{9: "Wie"}, "<p>Hoi @[7] en @[8]</p>\n"},
	} {
		if got := d.HTML(c.names); got != c.want {
			t.Errorf("with %v it is\n     %q\nwant %q", c.names, got, c.want)
		}
	}
	// Only what is a mention gets a name, whatever names the caller knows.
	if got := Parse("`@[7]` ![@[7]](/x)").HTML(map[int64]string{7: "Fatima"}); strings.Contains(got, "Fatima") {
		t.Errorf("a name where no mention is: %q", got)
	}
}

// TestConcurrently renders one document from many goroutines with other names;
// the race detector watches.
func TestConcurrently(t *testing.T) {
	d := Parse(chat)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			name := fmt.Sprintf("Naam %d", i)
			for range 50 {
				if !strings.Contains(d.HTML(map[int64]string{7: name}), "@"+name+"<") || !strings.Contains(Parse(chat).HTML(nil), "@[7]") {
					t.Errorf("the names of %d got mixed up", i)
				}
			}
		})
	}
	all.Wait()
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"a\r\nb\rc\n\r\r\nd", "a\nb\nc\n\n\nd"},
		{"a\x00b\xffc\xed\xa0\x80", "a\uFFFDb\uFFFDc\uFFFD"},
		{"é 👍 \u202e", "é 👍 \u202e"},
	} {
		if got := Normalize(c.source); got != c.want {
			t.Errorf("Normalize(%q) = %q, want %q", c.source, got, c.want)
		}
	}
}
