package pagetest

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer, as a person reads it.
type Page struct {
	// Path says how it was asked for.
	Path   string
	Status int
	Header http.Header
	Body   string

	t    testing.TB
	root *html.Node
}

func read(t testing.TB, path string, answer *http.Response) *Page {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	return &Page{Path: path, Status: answer.StatusCode, Header: answer.Header, Body: string(body), t: t, root: root}
}

// To is where a redirect leads.
func (p *Page) To() string { return p.Header.Get("Location") }

// Wants fails the test unless the page has this status and says all these words.
func (p *Page) Wants(status int, words ...string) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Errorf("%s: status %d, want %d; it says:\n%s", p.Path, p.Status, status, p.Main())
	}
	for _, w := range words {
		if !strings.Contains(p.Text(), w) {
			p.t.Errorf("%s does not say %q; it says:\n%s", p.Path, w, p.Main())
		}
	}
	return p
}

// Lacks fails the test if the page has any of these words, in its text or in
// its HTML.
func (p *Page) Lacks(words ...string) *Page {
	p.t.Helper()
	for _, w := range words {
		if strings.Contains(p.Text(), w) || strings.Contains(p.Body, w) {
			p.t.Errorf("%s says %q", p.Path, w)
		}
	}
	return p
}

// Title is the document's title.
func (p *Page) Title() string { return text(p.find(named("title"))) }

// Text is all that can be read, white space made one blank.
func (p *Page) Text() string { return text(p.find(named("body"))) }

// Main is what can be read in the page's own part.
func (p *Page) Main() string { return text(p.find(named("main"))) }

// Heading is the page's h1.
func (p *Page) Heading() string { return text(p.find(named("h1"))) }

// Links returns where the links of the page's own part lead, by their words.
func (p *Page) Links() map[string]string {
	links := map[string]string{}
	walk(p.find(named("main")), func(n *html.Node) {
		if n.Data == "a" {
			links[text(n)] = attr(n, "href")
		}
	})
	return links
}

// Link returns where the link with these words leads, and fails the test when
// there is none.
func (p *Page) Link(words string) string {
	p.t.Helper()
	href, ok := p.Links()[words]
	if !ok {
		p.t.Fatalf("%s has no link %q; it has %v", p.Path, words, p.Links())
	}
	return href
}

// Form is what a browser would send.
type Form struct {
	Action, Method string
	Fields         url.Values
}

// Form returns the form with this action as it is filled in, and fails the test
// when it is not there.
func (p *Page) Form(action string) Form {
	p.t.Helper()
	forms := p.Forms()
	i := slices.IndexFunc(forms, func(f Form) bool { return f.Action == action })
	if i < 0 {
		p.t.Fatalf("%s has no form for %s; it has %v", p.Path, action, forms)
	}
	return forms[i]
}

// HasForm reports whether there is a form with this action.
func (p *Page) HasForm(action string) bool {
	return slices.ContainsFunc(p.Forms(), func(f Form) bool { return f.Action == action })
}

// Forms returns all forms of the page.
func (p *Page) Forms() (forms []Form) {
	walk(p.root, func(n *html.Node) {
		if n.Data == "form" {
			forms = append(forms, formOf(n))
		}
	})
	return forms
}

// FieldError returns what the page says is wrong with a field, by its id.
func (p *Page) FieldError(field string) string {
	return strings.TrimSpace(strings.TrimPrefix(text(p.find(func(n *html.Node) bool { return attr(n, "id") == field+"-error" })), "Fout:"))
}

func formOf(form *html.Node) Form {
	f := Form{Action: attr(form, "action"), Method: strings.ToUpper(attr(form, "method")), Fields: url.Values{}}
	if f.Method == "" {
		f.Method = http.MethodGet
	}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		if name == "" || has(n, "disabled") {
			return
		}
		switch n.Data {
		case "input":
			if kind := attr(n, "type"); (kind == "radio" || kind == "checkbox") && !has(n, "checked") {
				return
			}
			f.Fields.Add(name, attr(n, "value"))
		case "textarea":
			f.Fields.Add(name, strings.TrimSuffix(raw(n), " ")) // raw ends an element with a blank
		case "select":
			f.Fields.Add(name, chosen(n))
		}
	})
	return f
}

// chosen is the option that is selected, else the first.
func chosen(list *html.Node) string {
	var values []string
	selected := -1
	walk(list, func(n *html.Node) {
		if n.Data == "option" {
			if has(n, "selected") {
				selected = len(values)
			}
			values = append(values, attr(n, "value"))
		}
	})
	switch {
	case selected >= 0:
		return values[selected]
	case len(values) > 0:
		return values[0]
	}
	return ""
}

func (p *Page) find(is func(*html.Node) bool) (found *html.Node) {
	walk(p.root, func(n *html.Node) {
		if found == nil && is(n) {
			found = n
		}
	})
	return found
}

func named(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

// walk visits the elements at and below n, in the order of the document.
func walk(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		visit(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		walk(child, visit)
	}
}

// text is what can be read in an element.
func text(n *html.Node) string { return strings.Join(strings.Fields(raw(n)), " ") }

func raw(n *html.Node) string {
	if n == nil {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "template") {
		return ""
	}
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(raw(child))
	}
	if n.Type == html.ElementNode && !inline[n.Data] {
		b.WriteByte(' ')
	}
	return b.String()
}

// inline elements do not end a word.
var inline = map[string]bool{"mark": true, "strong": true, "em": true, "b": true, "i": true}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// AnyLink returns href when a link anywhere on the page leads there, and fails
// the test when none does.
func (p *Page) AnyLink(href string) string {
	p.t.Helper()
	if p.find(func(n *html.Node) bool { return n.Data == "a" && attr(n, "href") == href }) == nil {
		p.t.Fatalf("%s has no link to %s", p.Path, href)
	}
	return href
}

// Hrefs returns where all links of the page lead, those of the frame as well.
func (p *Page) Hrefs() (hrefs []string) {
	walk(p.root, func(n *html.Node) {
		if n.Data == "a" && has(n, "href") {
			hrefs = append(hrefs, attr(n, "href"))
		}
	})
	return hrefs
}
