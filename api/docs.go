package api

import (
	"bytes"
	_ "embed"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

//go:embed docs.css
var docsCSS []byte

// docs is the page for people who write programs, made from the same table as
// the document. It needs no script.
func (a *API) docs(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	if err := docsPage(newDocs(a.operations)).Render(r.Context(), &page); err != nil {
		a.fail(w, r, nil, err)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	respond(w, r, http.StatusOK, "text/html; charset=utf-8", page.Bytes())
}

func (a *API) docsStyle(w http.ResponseWriter, r *http.Request) {
	respond(w, r, http.StatusOK, "text/css; charset=utf-8", docsCSS)
}

// docsContent is what the page shows.
type docsContent struct {
	Groups []docsGroup
	Shapes []*shape
}

type docsGroup struct {
	Tag        string
	Operations []docsOperation
}

type docsOperation struct {
	Operation
	Query    []Param
	Takes    *shape
	Gives    []string // names of shapes
	Example  string
	Problems []int
}

func newDocs(operations []Operation) docsContent {
	shapes := &schemas{}
	page := docsContent{}
	for _, tag := range tagsOf(operations) {
		group := docsGroup{Tag: tag}
		for _, o := range operations {
			if o.Tag == tag {
				group.Operations = append(group.Operations, docsOf(o, shapes))
			}
		}
		page.Groups = append(page.Groups, group)
	}
	shapes.of(reflect.TypeFor[ProblemJSON]())
	page.Shapes = slices.SortedFunc(slices.Values(shapes.list), func(a, b *shape) int { return strings.Compare(a.Name, b.Name) })
	return page
}

func docsOf(o Operation, shapes *schemas) docsOperation {
	out := docsOperation{Operation: o, Query: o.allQuery(), Problems: o.Problems()}
	if o.Body != nil {
		out.Takes = shapes.shape(reflect.TypeOf(o.Body))
		example := jsontext.Value(o.Example)
		if err := example.Indent(jsontext.WithIndent("  ")); err != nil {
			panic(err) // built in, so a build fault
		}
		out.Example = string(example)
	}
	if o.Answer != nil {
		out.Gives = shapesIn(shapes.of(reflect.TypeOf(o.Answer)))
	}
	return out
}

// shapesIn names the shapes that a schema may be.
func shapesIn(o object) (names []string) {
	if ref, ok := o.get("$ref").(string); ok {
		return []string{ref[strings.LastIndexByte(ref, '/')+1:]}
	}
	choices, _ := o.get("anyOf").([]object)
	for _, choice := range choices {
		names = append(names, shapesIn(choice)...)
	}
	return names
}

// Title is the tag with a capital.
func (g docsGroup) Title() string { return strings.ToUpper(g.Tag[:1]) + g.Tag[1:] }

// inWords says a schema in a few words: "integer or null", "list of Post".
func inWords(o object) string {
	if ref, ok := o.get("$ref").(string); ok {
		return ref[strings.LastIndexByte(ref, '/')+1:]
	}
	if choices, ok := o.get("anyOf").([]object); ok {
		var words []string
		for _, choice := range choices {
			words = append(words, inWords(choice))
		}
		return strings.Join(words, " or ")
	}
	switch kind := o.get("type").(type) {
	case []string:
		return strings.Join(kind, " or ")
	case string:
		if kind == "array" {
			return "list of " + inWords(o.get("items").(object))
		}
		return kind
	}
	return ""
}

// bounds says what values a schema takes.
func bounds(o object) string {
	var words []string
	if values, ok := o.get("enum").([]any); ok {
		var choices []string
		for _, v := range values {
			if s, ok := v.(string); ok {
				choices = append(choices, s)
			}
		}
		words = append(words, strings.Join(choices, ", "))
	}
	for _, b := range []struct{ name, words string }{
		{"minimum", "at least"}, {"maximum", "at most"}, {"minLength", "characters, at least"},
		{"maxLength", "characters, at most"}, {"maxItems", "items, at most"},
	} {
		if n, ok := o.get(b.name).(int); ok {
			words = append(words, b.words+" "+strconv.Itoa(n))
		}
	}
	return strings.Join(words, "; ")
}
