package richtext

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestVectors renders everything hostile we could think of, alone and combined,
// and reads the outcome as a browser does: only what is allowed may be in it.
func TestVectors(t *testing.T) {
	all := vectors(t)
	t.Logf("%d vectors", len(all))
	if len(all) < 5000 {
		t.Errorf("only %d vectors: the lists are not combined", len(all))
	}
	for i := 0; i < len(all); i += slower {
		checkDocument(t, all[i])
	}
}

// TestVectorsInPlainPlaces puts the vectors where a name or a title stands.
func TestVectorsInPlainPlaces(t *testing.T) {
	for _, vector := range handmade(t) {
		got := Parse("@[7]").HTML(map[int64]string{7: vector})
		checkSafe(t, got)
		if want, plain := "@"+Line(vector), Plain(got); plain != want {
			t.Errorf("the name %q is shown as %q", vector, plain)
		}
	}
}

// checkDocument renders a source with names for the ids that vectors use, and
// fails the test when the outcome is not safe or shows a mention that is none.
func checkDocument(t testing.TB, source string) {
	t.Helper()
	d := Parse(source)
	rendered := d.HTML(map[int64]string{7: "Fatima", 9: `<script>"'&`})
	if err := isSafe(rendered); err != nil {
		t.Errorf("%q: %v", source, err)
	}
	tree, err := fragment(rendered)
	if err != nil {
		t.Fatal(err)
	}
	for n := range tree.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "data-person" {
				continue
			}
			person, err := strconv.ParseInt(a.Val, 10, 64)
			if err != nil || !slices.Contains(d.Mentions(), person) {
				t.Errorf("%q: a mention of %q, which is not among %v", source, a.Val, d.Mentions())
			}
			if text := textOf(n); text != map[string]string{"7": "@Fatima", "9": `@<script>"'&`}[a.Val] {
				t.Errorf("%q: person %s is called %q", source, a.Val, text)
			}
		}
	}
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// vectors combines tags with attributes, addresses with the places where an
// address may stand, and everything with the blocks of Markdown.
func vectors(t *testing.T) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }

	own := handmade(t)
	all = append(all, own...)
	for _, block := range blocks {
		for _, vector := range own {
			add(block, vector)
		}
	}
	for _, tag := range tags {
		for _, attribute := range attributes {
			add("<%s %s>x</%s>", tag, attribute, tag)
			add("tekst <%s %s/>@[7]", tag, attribute)
			add("<%s/%s", tag, attribute)
		}
		add("<%s>\n\n@[7] [x](/y)\n\n</%s>", tag, tag)
		add("<%s>@[7]\n\n**x**\n\n- a\n", tag)
		add("</%s>@[7]", tag)
	}
	for _, address := range addresses() {
		for _, place := range places {
			add(place, address)
		}
	}
	return all
}

// handmade reads the vectors that were written one by one: one on a line, in
// which \n, \t, \r and \0 stand for those characters.
func handmade(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "## ") {
			continue
		}
		all = append(all, strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\0`, "\x00").Replace(line))
	}
	if len(all) < 200 {
		t.Fatalf("only %d vectors in the file", len(all))
	}
	return all
}

// blocks are the places in Markdown where a vector may stand.
var blocks = []string{
	"> %s", "- %s", "1. %s", "- [ ] %s", "# %s", "%s\n===", "**%s**", "~~%s~~", "`%s`", "```\n%s\n```", "```%s\nx\n```", "    %s",
	"| a | b |\n|---|---|\n| %s | x |", "[%s](/x)", "![%s](/x.png)", "[x](/y \"%s\")", "![x](/y.png '%s')", "[x]: /y (%s)\n\n[x]",
	"<div>\n%s\n</div>", "<div>\n\n%s\n\n</div>", "<span title=\"%s\">x</span>", "<a href=\"/x\" title='%s'>x</a>", "<!-- %s -->", "<!-- %s",
	"<table><tr><td>%s</td></tr></table>", "<table>%s</table>", "<p>%s", "<pre>%s</pre>", "<em>%s\n\n@[7]", "a\n%s\nb", "\\%s",
	"<textarea>%s</textarea>", "<svg>%s</svg>", "<math>%s</math>", "<noscript>%s</noscript>", "<select>%s</select>", "<style>%s</style>",
	"<![CDATA[%s]]>", "<?%s?>", "@[7]%s@[9]", "<span class=mention data-person=9>%s</span>",
}

var tags = []string{
	"script", "SCRIPT", "style", "img", "IMG", "image", "svg", "math", "iframe", "frame", "frameset", "object", "embed", "applet", "a", "area", "map",
	"body", "html", "head", "input", "form", "button", "select", "option", "textarea", "title", "noscript", "noembed", "noframes", "xmp", "plaintext",
	"listing", "template", "marquee", "details", "summary", "dialog", "video", "audio", "source", "track", "link", "meta", "base", "isindex",
	"keygen", "table", "tbody", "tr", "td", "caption", "colgroup", "div", "span", "p", "pre", "code", "mark", "em", "ul", "ol", "li", "h1", "hr", "br",
	"foreignObject", "animate", "set", "use", "desc", "mtext", "mglyph", "malignmark", "annotation-xml", "custom-element", "slot", "portal",
	"font", "b", "i", "u", "center", "blockquote", "sub", "sup", "del", "s", "strong", "x:script", "scr\u0131pt", "ſcript",
}

var attributes = []string{
	`onerror=alert(1)`, `onload="alert(1)"`, `onclick='alert(1)'`, "onfocus=`alert(1)` autofocus", `onmouseover = alert(1)`, `ONTOGGLE=alert(1) open`,
	`onanimationstart=alert(1) style="animation:x"`, `style="background:url(javascript:alert(1))"`, `style=position:fixed;inset:0`,
	`href=javascript:alert(1)`, `href="java&#9;script:alert(1)"`, `xlink:href="javascript:alert(1)"`, `href="/x" target=_blank`, `href=//evil.example rel=opener`,
	`src=x`, `src="https://evil.example/x.png"`, `src=//evil.example/x`, `src="/\evil.example/x"`, `src="data:image/svg+xml,<svg onload=alert(1)>"`, `src="/ok.png"`,
	`srcset="https://evil.example/x 1x"`, `srcdoc="<script>alert(1)</script>"`, `src="/ok.png" onerror=alert(1) onload=alert(1)`,
	`action=javascript:alert(1)`, `formaction=javascript:alert(1)`, `data=javascript:alert(1)`, `background=javascript:alert(1)`, `poster=javascript:alert(1)`,
	`id=content`, `name=body`, `id="attributes" name=attributes`, `class="mention" data-person="9"`, `class=mention data-person=7`, `CLASS=mention DATA-PERSON=9`,
	`data-person=9`, `class="modal is-open"`, `data-action=delete`, `is=x-y`, `slot=x`, `part=x`, `tabindex=1`, `contenteditable`, `draggable=true`, `accesskey=x`,
	`dir=rtl`, `lang=xx`, `hidden`, `popover popovertarget=x`, `itemprop=x`, `role=button aria-label=x`, `type=image src=https://evil.example`, `type=text value=x`,
	`type=checkbox`, `type=CHECKBOX checked onclick=alert(1)`, `type=hidden name=csrf`, `http-equiv=refresh content="0;url=javascript:alert(1)"`, `charset=utf-7`,
	`width=100% height=1e9`, `width=99999 height=2 src=/a`, `align="left" onclick=alert(1)`, `start=-1`, `start=5`, `ping=https://evil.example`, `download`,
	`title="><script>alert(1)</script>"`, `title='"><img src=x onerror=alert(1)>'`, `alt="</p><script>alert(1)</script>" src=/a`, `class="language-x" onclick=alert(1)`,
	"title=\"\n\n", `title='`, `title="`, `=""`, `"`, `a"b='c`, `<`, "\x00onclick=alert(1)", "\x0conclick=alert(1)", `xmlns="http://www.w3.org/1999/xhtml"`,
}

// places are where an address may stand.
var places = []string{
	"[x](%s)", "[x](<%s>)", "[x](%s \"t\")", "[x]: %s\n\n[x]", "[x]: <%s>\n\n[x][]", "![x](%s)", "![x](<%s> 't')", "[x]: %s\n\n![x]",
	"<%s>", "%s", "(%s)", "*%s*", `<a href="%s">x</a>`, `<a href='%s'>x</a>`, "<a href=%s>x</a>", `<a title="%s" href="/x">x</a>`,
	`<img src="%s" alt="x">`, "<img src=%s>", `<img src='%s'/>`, `tekst <img src="%s" alt="x">`, `<a href="/ok" href="%s">x</a>`, "[![x](%s)](%[1]s)",
	"```%s\nx\n```", "| [x](%s) |\n|---|\n| ![y](%[1]s) |", "- [ ] [x](%s)", "[@[7]](%s)", `<area href="%s">`, `<svg><a xlink:href="%s">x</a></svg>`,
	`<form action="%s"><input type=submit></form>`, `<div style="background:url(%s)">x</div>`, `<iframe src="%s"></iframe>`, `<base href="%s">`,
}

// addresses are schemes and hosts, written in many ways.
func addresses() []string {
	all := []string{
		"vbscript:msgbox(1)", "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
		"data:image/png;base64,iVBORw0KGgo=", "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+", "file:///etc/passwd", "blob:https://evil.example/1",
		"filesystem:https://evil.example/1", "feed:javascript:alert(1)", "view-source:javascript:alert(1)", "jar:https://evil.example!/x", "about:blank",
		"intent://evil.example#Intent;end", "ms-msdt:/id", "ftp://evil.example", "ws://evil.example", "irc://evil.example", "chrome://settings", "x:y",
		"mailto:jan@gemeente.example?subject=x&body=<script>", "tel:+31612345678", "http:evil.example", "https:/evil.example", "HTTPS://evil.example", "http:\\\\evil.example",
		"//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
		"/&#9;/evil.example", "/&#x5c;evil.example", "/&bsol;evil.example", "&sol;&sol;evil.example", "/%%2Fevil.example", "/.//evil.example", "/..//evil.example", "./x", "../x", "x",
		"?x=//evil.example", "#x", "", " ", "/", "/ok.png", "/attachments/3/een%%20foto.png", "/a b.png", "/é.png", "/a\"onerror=alert(1)", "/a'onerror=alert(1)", "/a>x", "/a<x", "/a`x",
		"https://user:pass@evil.example/", "https://evil.example:99999/", "https://[::1]/", "http://", "http:", "https://evil.example\\@leerkring.example/", "javascript", "javascript/x:y",
		"mailto:", "mailto:javascript:alert(1)", "tel:javascript:alert(1)", "\u202ehttps://evil.example", "https://ev\u0131l.example", "httpſ://evil.example", "ja\u00advascript:alert(1)",
	}
	const payload = "javascript:alert(1)"
	entities := func(format string) string {
		var b strings.Builder
		for _, r := range payload {
			fmt.Fprintf(&b, format, r)
		}
		return b.String()
	}
	all = append(all,
		payload, "JaVaScRiPt:alert(1)", "JAVASCRIPT:alert(1)", "javascript://%0aalert(1)", "javascript:/*x*/alert(1)//", "javascript:alert(1)//http://x.nl",
		entities("&#%d;"), entities("&#%d"), entities("&#x%x;"), entities("&#X%X"), entities("&#%07d;"), entities("&#x%06x"), entities("%%%02x"), entities("%%25%02x"),
		entities("\\%c"), entities("%c\t"), entities("%c&Tab;"), entities("%c&NewLine;"), entities("%c\x00"), entities("%c&#0;"), entities("%c\u00ad"), entities("%c\u200b"),
		"javascript&colon;alert(1)", "javascript&#58;alert(1)", "javascript&#x3a;alert(1)", "javascript&#0000058alert(1)", "java&#9;script:alert(1)", "java&#10;script:alert(1)",
		"java&#13;script:alert(1)", "java\nscript:alert(1)", "java\r\nscript:alert(1)", "javascript\n:alert(1)", "java\\\nscript:alert(1)", "&#1;javascript:alert(1)",
		"\x01javascript:alert(1)", "\x1fjavascript:alert(1)", "\x00javascript:alert(1)", " \tjavascript:alert(1)", "&nbsp;javascript:alert(1)", "\u3000javascript:alert(1)",
		"\ufeffjavascript:alert(1)", "\u2028javascript:alert(1)", "&#8232;javascript:alert(1)", "ｊａｖａｓｃｒｉｐｔ:alert(1)", "javascript：alert(1)", "java<!-- -->script:alert(1)",
		"javascript:alert&lpar;1&rpar;", "javascript:alert\\(1\\)", "&amp;#106;avascript:alert(1)", "javascript:alert(1)%%00", "jav%%61script:alert(1)", "%%6aavascript:alert(1)",
		"?javascript:alert(1)", "#javascript:alert(1)", "/javascript:alert(1)", "./javascript:alert(1)", "javascript:\"><script>alert(1)</script>", "x\" onclick=\"alert(1)", "x' onclick='alert(1)",
		"x onclick=alert(1)", "x`onclick=alert(1)", "x>\"'><img src=x onerror=alert(1)>", "x\" onmouseover=alert(1) y=\"", "<script>alert(1)</script>", "\"><script>alert(1)</script>",
	)
	for i, a := range all {
		all[i] = strings.ReplaceAll(a, "%%", "%")
	}
	return all
}
