package space_test

import (
	"net/http"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/frontend/pagetest"
)

func TestMakingASpace(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		bram := g.As(g.Bram)
		form := bram.Get("/ruimtes/nieuw?onder="+itoa(g.Space.ID)).Wants(http.StatusOK, "Een groep", "Een leergang").Lacks("Een leergemeenschap").Form("/ruimtes")
		if form.Fields.Get("parent") != itoa(g.Space.ID) {
			t.Errorf("it lies in %q", form.Fields.Get("parent"))
		}
		made := bram.Follow(bram.Submit(form, "name", "Werkgroep <Sleutels>", "description", "Wie heeft de sleutel?"))
		made.Wants(http.StatusOK, "De ruimte is er.", "Werkgroep <Sleutels>", "Wie heeft de sleutel?", "Pilot Samen wonen")
		g.As(g.Manager).Get("/ruimtes/nieuw").Wants(http.StatusOK, "Een leergemeenschap", "Staat op zichzelf")
	})
}

func TestAWrongSpaceKeepsWhatWasTyped(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	form := bram.Get("/ruimtes/nieuw?onder=" + itoa(g.Space.ID)).Form("/ruimtes")
	page := bram.Submit(form, "name", " ", "description", "Over \"sleutels\" & <zo>", "visibility", "open").
		Wants(http.StatusUnprocessableEntity, "Kijk nog even naar 1 veld")
	if page.FieldError("name") != "Vul dit in." || !strings.HasPrefix(page.Title(), "Fout: ") {
		t.Errorf("the field says %q, the title %q", page.FieldError("name"), page.Title())
	}
	kept := page.Form("/ruimtes").Fields
	if kept.Get("description") != `Over "sleutels" & <zo>` || kept.Get("visibility") != "open" || kept.Get("parent") != itoa(g.Space.ID) {
		t.Errorf("kept %v", kept)
	}
	bram.Submit(form, "name", "Op zichzelf", "parent", "0").Wants(http.StatusForbidden, "Alleen een beheerder van het platform")
	hidden := g.NewSpace("Verborgen", community.Hidden, 0)
	bram.Submit(form, "name", "Stiekem", "parent", itoa(hidden.ID)).Wants(http.StatusUnprocessableEntity).Lacks("Verborgen")
}

func TestChangingASpace(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		settings := path(g.Space, "/instellingen")
		manager := g.As(g.Manager)
		form := manager.Get(settings).Form(settings)
		manager.Follow(manager.Submit(form, "name", "Pilot Anders wonen", "visibility", "open")).Wants(http.StatusOK, "De ruimte is aangepast", "Pilot Anders wonen")
		g.As(g.Olaf).Get(path(g.Space, "")).Wants(http.StatusOK, "Je leest mee in een open ruimte")

		wrong := manager.Submit(form, "name", "", "description", "Nog steeds hier", "visibility", "closed").Wants(http.StatusUnprocessableEntity)
		if wrong.FieldError("name") == "" || wrong.Form(settings).Fields.Get("description") != "Nog steeds hier" {
			t.Errorf("the field says %q, kept %v", wrong.FieldError("name"), wrong.Form(settings).Fields)
		}
		manager.Submit(form, "visibility", "geheim").Wants(http.StatusUnprocessableEntity)
		g.As(g.Facilitator).Get(settings).Wants(http.StatusForbidden)
		g.As(g.Bram).Submit(form, "name", "Van Bram").Wants(http.StatusForbidden)
		g.As(g.Olaf).Get(settings).Wants(http.StatusForbidden)
	})
}

func TestListTellsWhatIsMineAndWhatElseThereIs(t *testing.T) {
	g := pagetest.NewGroup(t)
	g.NewSpace("Faalkunde", community.Open, 0)
	page := g.As(g.Bram).Get("/ruimtes").Wants(http.StatusOK, "Waar je bij hoort P Pilot Samen wonen", "Wat er nog meer is F Faalkunde")
	page.Link("Begin een ruimte")
	g.As(g.Olaf).Get("/ruimtes").Wants(http.StatusOK, "Wat er nog meer is").Lacks("Waar je bij hoort", "Begin een ruimte")
}
