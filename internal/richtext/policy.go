package richtext

import (
	"regexp"

	"github.com/microcosm-cc/bluemonday"
)

// policy is what HTML of ours may hold: the list of docs/protocol.md. What a
// pattern cannot say (images without source, kinds of input, rel) is done by
// balance.
var policy = func() *bluemonday.Policy {
	p := newPolicy()
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^mention$`)).OnElements("span")
	p.AllowAttrs("data-person").Matching(regexp.MustCompile(`^[1-9][0-9]{0,15}$`)).OnElements("span")
	return p
}()

// rawPolicy is what people may type as HTML themselves: all but mentions.
var rawPolicy = newPolicy()

var elements = []string{
	"p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "del", "s", "sub", "sup", "code", "pre",
	"blockquote", "ul", "ol", "li", "a", "img", "table", "thead", "tbody", "tr", "th", "td", "input", "span", "mark", "div",
}

// A browser drops tabs, line ends and leading spaces before it looks for a
// scheme, and takes a backslash for a slash. An address with any of these is
// none.
var (
	// address: a scheme of ours, or no scheme at all. (?i) would let "httpſ" pass.
	address = regexp.MustCompile(`^(?:(?:[Hh][Tt][Tt][Pp][Ss]?|[Mm][Aa][Ii][Ll][Tt][Oo]|[Tt][Ee][Ll]):|[^:/?#\x00-\x20\x7f\\]*(?:[/?#]|$))[^\x00-\x20\x7f\\]*$`)
	// ownPath: a path on this host.
	ownPath = regexp.MustCompile(`^/(?:[^/\x00-\x20\x7f\\][^\x00-\x20\x7f\\]*)?$`)
)

// newPolicy leaves bluemonday's own check of addresses off: it rewrites an
// address that is right already, and with it the text a person typed.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	p.AllowNoAttrs().OnElements(elements...)
	p.AllowAttrs("href").Matching(address).OnElements("a")
	p.AllowAttrs("src").Matching(ownPath).OnElements("img")
	p.AllowAttrs("title").OnElements("a", "img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[0-9]{1,4}$`)).OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^(?:lazy|eager)$`)).OnElements("img")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(?:left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-\S{1,64}$`)).OnElements("code")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^task-list$`)).OnElements("ul")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^task-list-item$`)).OnElements("li")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked").OnElements("input")
	return p
}

// sanitize makes HTML safe and whole. Doing it again changes nothing.
func sanitize(html []byte) string {
	return balance(policy.SanitizeBytes(html))
}
