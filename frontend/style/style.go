// Package style shows what the front end is made of: every component in every
// state, and whole pages put together from them, with invented data. It is
// registered in demo mode only and knows no domain. Who makes a page looks here
// first; the tests open all of it in a browser.
package style

import (
	"net/http"

	"github.com/a-h/templ"

	"leerkring/frontend/component"
	"leerkring/internal/locale"
)

// Prefix is the address of the style page.
const Prefix = "/stijl"

// page is one composition, drawn for a language and a theme.
type page struct {
	name, title string
	draw        func(view) templ.Component
}

// view is how somebody looks at the pages: ?taal=en&thema=dark.
type view struct {
	words component.Words
	theme string
}

// pages are all compositions, the gallery first.
func pages() []page {
	return []page{
		{"", "Stijl", gallery},
		{"voor-mij", "Voor mij", home},
		{"chat", "Chat", channel},
		{"gesprekken", "Gesprekken", forum},
		{"gesprek", "Gesprek", topic},
		{"vraag", "Vraag", question},
		{"artikel", "Artikel", article},
		{"ruimte", "Ruimte", space},
		{"ruimtes", "Ruimtes", spaces},
		{"meldingen", "Meldingen", inbox},
		{"leeg", "Leeg", empty},
		{"formulier", "Formulier", form},
		{"aanmelden", "Aanmelden", signIn},
		{"gast", "Gast", guest},
		{"fout", "Fout", failure},
	}
}

// Paths returns the addresses of all compositions.
func Paths() []string {
	var paths []string
	for _, p := range pages() {
		paths = append(paths, p.path())
	}
	return paths
}

func (p page) path() string {
	if p.name == "" {
		return Prefix
	}
	return Prefix + "/" + p.name
}

// Handler serves the compositions at their paths, and the sheet that a post's
// menu opens at Prefix/acties.
func Handler() http.Handler {
	mux := http.NewServeMux()
	for _, p := range pages() {
		mux.HandleFunc("GET "+p.path(), func(w http.ResponseWriter, r *http.Request) {
			show(w, r, p.draw(look(r)))
		})
	}
	mux.HandleFunc("GET "+Prefix+"/acties", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, actions())
	})
	return mux
}

func look(r *http.Request) view {
	v := view{words: locale.For(r.URL.Query().Get("taal"))}
	if theme := r.URL.Query().Get("thema"); theme == "light" || theme == "dark" {
		v.theme = theme
	}
	return v
}

func show(w http.ResponseWriter, r *http.Request, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = c.Render(r.Context(), w) // a reader that left needs no answer
}
