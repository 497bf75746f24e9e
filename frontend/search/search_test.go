package search_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
)

func TestSearchFindsWhatOneMayRead(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		open := g.NewSpace("Faalkunde", community.Open, 0)
		talk := g.Start(g.Anna, g.Space, forum.Discussion, "Wie heeft de huissleutel?")
		g.Post(g.Bram, talk, "De <b>reservesleutel</b> ligt bij de receptie & niet thuis.")
		g.Start(g.Manager, open, forum.Question, "Hoe deel je een sleutelplan?")

		bram := g.As(g.Bram)
		bram.Get("/zoeken").Wants(http.StatusOK, "Waar zoek je naar?").Lacks("Niets gevonden")
		page := bram.Get("/zoeken?q=reservesleutel").Wants(http.StatusOK, "Wie heeft de huissleutel?", "Pilot Samen wonen", "ligt bij de receptie & niet thuis")
		if !strings.Contains(page.Body, "<mark>reservesleutel</mark>") || strings.Contains(page.Body, "<b>reserve") {
			t.Error("the words are not marked, or the post's own HTML came through:", page.Main())
		}
		bram.Get("/zoeken?q=sleutelplan").Wants(http.StatusOK, "Hoe deel je een sleutelplan?", "Faalkunde")
		bram.Get("/zoeken?q=anna").Wants(http.StatusOK, "Mensen", "Anna Smit")
		bram.Get("/zoeken?q=receptie&ruimte="+strconv.FormatInt(open.ID, 10)).Wants(http.StatusOK, "Niets gevonden")
		bram.Get("/zoeken?q=sleutelplan&soort=article").Wants(http.StatusOK, "Niets gevonden")
		bram.Get("/zoeken?q=sleutelplan&soort=question").Wants(http.StatusOK, "Hoe deel je een sleutelplan?")

		olaf := g.As(g.Olaf)
		olaf.Get("/zoeken?q=reservesleutel").Wants(http.StatusOK, "Niets gevonden met “reservesleutel”", "Probeer minder woorden").Lacks("receptie", "Pilot Samen wonen")
		olaf.Get("/zoeken?q=anna").Wants(http.StatusOK, "Niets gevonden").Lacks("Anna Smit")
		olaf.Get("/zoeken?q=receptie&ruimte=" + strconv.FormatInt(g.Space.ID, 10)).Wants(http.StatusNotFound)
	})
}

func TestAWrongSearchSaysWhatToDo(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	page := bram.Get("/zoeken?q=%3F%21").Wants(http.StatusUnprocessableEntity, "Vul dit in.")
	if page.FieldError("q") == "" || !strings.HasPrefix(page.Title(), "Fout: ") {
		t.Errorf("the field says %q, the title %q", page.FieldError("q"), page.Title())
	}
	long := strings.Repeat("a", 201)
	kept := bram.Get("/zoeken?q="+long).Wants(http.StatusUnprocessableEntity, "Dit is te lang")
	for _, f := range kept.Forms() {
		if f.Fields.Has("soort") && f.Fields.Get("q") != long {
			t.Error("what was typed is gone")
		}
	}
	hostile := bram.Get("/zoeken?q=%3Cscript%3Ealert(1)%3C/script%3E").Wants(http.StatusOK, "Niets gevonden met “<script>alert(1)</script>”")
	if strings.Contains(hostile.Body, "<script>alert") {
		t.Error("what was asked came through as HTML")
	}
	bram.Get("/zoeken?q=iets&soort=onzin&ruimte=onzin").Wants(http.StatusOK, "Niets gevonden")
	bram.Get("/zoeken?q=iets&verder=onzin").Wants(http.StatusUnprocessableEntity)
}

func TestManyHitsGoOn(t *testing.T) {
	g := pagetest.NewGroup(t)
	for i := range 25 {
		g.Start(g.Anna, g.Space, forum.Discussion, "Sleutel "+strconv.Itoa(i))
	}
	bram := g.As(g.Bram)
	first := bram.Get("/zoeken?q=sleutel&soort=discussion").Wants(http.StatusOK)
	second := bram.Get(first.Link("Verder")).Wants(http.StatusOK)
	if a, b := strings.Count(first.Body, "lk-row-title"), strings.Count(second.Body, "lk-row-title"); a != 20 || b != 5 {
		t.Errorf("%d and %d hits, want 20 and 5", a, b)
	}
	if second.Link("Naar het begin") != "/zoeken?q=sleutel&soort=discussion" {
		t.Error("the way back leads to", second.Link("Naar het begin"))
	}
}
