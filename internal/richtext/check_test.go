package richtext

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowed is the list of protocol.md, written anew: what the product allows is
// not what the test believes. The value is a pattern for the whole attribute.
var allowed = map[string]map[string]string{
	"p": {}, "br": {}, "hr": {}, "h1": {}, "h2": {}, "h3": {}, "h4": {}, "h5": {}, "h6": {},
	"em": {}, "strong": {}, "del": {}, "s": {}, "sub": {}, "sup": {}, "pre": {}, "blockquote": {},
	"table": {}, "thead": {}, "tbody": {}, "tr": {}, "mark": {}, "div": {},
	"code":  {"class": `language-[^\s]+`},
	"ul":    {"class": `task-list`},
	"ol":    {"start": `[0-9]+`},
	"li":    {"class": `task-list-item`},
	"a":     {"href": ``, "title": ``, "rel": `nofollow ugc noopener noreferrer`},
	"img":   {"src": ``, "alt": ``, "title": ``, "width": `[0-9]+`, "height": `[0-9]+`, "loading": `lazy|eager`},
	"th":    {"align": `left|center|right`},
	"td":    {"align": `left|center|right`},
	"input": {"type": `checkbox`, "checked": ``, "disabled": ``},
	"span":  {"class": `mention`, "data-person": `[1-9][0-9]*`},
}

// checkSafe fails the test when HTML holds anything but what is allowed, when it
// is not whole, or when sanitising it once more changes it.
func checkSafe(t testing.TB, source string) {
	t.Helper()
	if err := isSafe(source); err != nil {
		t.Errorf("%v in %.400q", err, source)
	}
}

func isSafe(source string) error {
	tree, err := fragment(source)
	if err != nil {
		return err
	}
	for n := range tree.Descendants() {
		if err := nodeIsSafe(n); err != nil {
			return err
		}
	}
	if depth := depthOf(tree) - 1; depth > MaxDepth {
		return fmt.Errorf("%d elements in one another", depth)
	}
	if err := isWhole(source, tree); err != nil {
		return err
	}
	if again := sanitize([]byte(source)); again != source {
		return fmt.Errorf("sanitised again it is %.400q", again)
	}
	return nil
}

// fragment parses HTML as a browser parses what is put into a div.
func fragment(source string) (*html.Node, error) {
	div := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(source), div)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		div.AppendChild(n)
	}
	return div, nil
}

func nodeIsSafe(n *html.Node) error {
	switch n.Type {
	case html.TextNode:
		return nil
	case html.ElementNode:
	default:
		return fmt.Errorf("a node of type %v", n.Type)
	}
	attributes, ok := allowed[n.Data]
	if !ok || n.Namespace != "" {
		return fmt.Errorf("an element %s:%s", n.Namespace, n.Data)
	}
	value := map[string]string{}
	for _, a := range n.Attr {
		pattern, ok := attributes[a.Key]
		if !ok || a.Namespace != "" {
			return fmt.Errorf("an attribute %s of %s", a.Key, n.Data)
		}
		if pattern != "" && !regexp.MustCompile(`^(?:`+pattern+`)$`).MatchString(a.Val) {
			return fmt.Errorf("%s=%q of %s", a.Key, a.Val, n.Data)
		}
		value[a.Key] = a.Val
	}
	switch n.Data {
	case "a":
		return linkIsSafe(value)
	case "img":
		return imageIsSafe(value)
	case "input":
		if _, disabled := value["disabled"]; !disabled || value["type"] != "checkbox" {
			return fmt.Errorf("an input %v", value)
		}
	case "span":
		if (value["class"] == "") != (value["data-person"] == "") {
			return fmt.Errorf("half a mention %v", value)
		}
	}
	return nil
}

// asBrowserReads does to an address what browsers do before they read it.
func asBrowserReads(address string) string {
	address = strings.Trim(address, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	address = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(address)
	return strings.ReplaceAll(address, `\`, "/")
}

var scheme = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)

func linkIsSafe(value map[string]string) error {
	href := asBrowserReads(value["href"])
	switch s := strings.ToLower(scheme.FindString(href)); s {
	case "", "mailto:", "tel:", "http:", "https:":
		if elsewhere := s == "http:" || s == "https:" || strings.HasPrefix(href, "//"); elsewhere && value["rel"] == "" {
			return fmt.Errorf("a link to %q without rel", href)
		}
		return nil
	default:
		return fmt.Errorf("a link to %q", href)
	}
}

func imageIsSafe(value map[string]string) error {
	src := asBrowserReads(value["src"])
	if !strings.HasPrefix(src, "/") || strings.HasPrefix(src, "//") {
		return fmt.Errorf("an image from %q", value["src"])
	}
	return nil
}

func depthOf(n *html.Node) int {
	depth := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		depth = max(depth, depthOf(c))
	}
	if n.Type == html.ElementNode {
		depth++
	}
	return depth
}

// isWhole checks that a browser reads exactly the elements that are written:
// each start tag has its end tag, and nothing is moved, added or left out.
func isWhole(source string, tree *html.Node) error {
	var written strings.Builder
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(source))
	afterPre := false
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch token.Type {
		case html.TextToken:
			text := token.Data
			if afterPre { // a parser leaves this one out
				text = strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
			}
			written.WriteString(html.EscapeString(text))
		case html.StartTagToken:
			writeTag(&written, token.Data, token.Attr)
			if !isVoid(token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				return fmt.Errorf("an end of %s within %v", token.Data, open)
			}
			open = open[:len(open)-1]
			written.WriteString("</" + token.Data + ">")
		default:
			return fmt.Errorf("a token %v", token)
		}
		afterPre = token.Type == html.StartTagToken && token.Data == "pre"
	}
	if len(open) > 0 {
		return fmt.Errorf("%v left open", open)
	}
	var read strings.Builder
	for c := tree.FirstChild; c != nil; c = c.NextSibling {
		writeNode(&read, c)
	}
	if read.String() != written.String() {
		return fmt.Errorf("a browser reads %.400q, not %.400q,", read.String(), written.String())
	}
	return nil
}

func writeNode(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(html.EscapeString(n.Data))
		return
	}
	writeTag(b, n.Data, n.Attr)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		writeNode(b, c)
	}
	if !isVoid(n.Data) {
		b.WriteString("</" + n.Data + ">")
	}
}

func writeTag(b *strings.Builder, name string, attributes []html.Attribute) {
	b.WriteString("<" + name)
	attributes = slices.Clone(attributes) // a parser sorts those of some elements
	slices.SortFunc(attributes, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
	for _, a := range attributes {
		fmt.Fprintf(b, " %s=%q", a.Key, a.Val)
	}
	b.WriteString(">")
}

func isVoid(name string) bool {
	return name == "br" || name == "hr" || name == "img" || name == "input"
}
