package space_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
)

var ctx = context.Background()

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// path is an address of the group's space.
func path(space community.Space, rest string) string { return community.SpacePath(space.ID) + rest }

func TestSpaceShowsWhatLiesInIt(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		pinned := g.Start(g.Manager, g.Space, forum.Discussion, "Onze afspraken")
		g.Start(g.Manager, g.Space, forum.Discussion, "Wie belt er?", "sleutels")
		g.Start(g.Manager, g.Space, forum.Question, "Mag dat zomaar?")
		g.Start(g.Manager, g.Space, forum.Article, "Zo werkt de sleutelkluis")
		g.Start(g.Manager, g.Space, forum.Channel, "Koffiehoek")
		if _, err := g.Forum.ChangeStream(ctx, g.Manager, pinned.ID, forum.StreamChange{Pinned: new(true)}); err != nil {
			t.Fatal(err)
		}
		bram := g.As(g.Bram)
		page := bram.Get(path(g.Space, "")).Wants(http.StatusOK, "Waar Pilot Samen wonen voor is.", "Wie dit begeleidt", "Fatima Begeleider", "Wie belt er?", "Begin een gesprek")
		if page.Heading() != "Pilot Samen wonen" || !strings.HasPrefix(page.Title(), "Pilot Samen wonen · ") {
			t.Errorf("heading %q, title %q", page.Heading(), page.Title())
		}
		if main := page.Main(); strings.Index(main, "Onze afspraken") > strings.Index(main, "Wie belt er?") {
			t.Error("what is pinned does not stand first")
		}
		page.Lacks("Mag dat zomaar?", "Koffiehoek")
		for tab, want := range map[string]string{"/vragen": "Mag dat zomaar?", "/kennis": "Zo werkt de sleutelkluis", "/chat": "Koffiehoek"} {
			bram.Get(path(g.Space, tab)).Wants(http.StatusOK, want).Lacks("Wie belt er?")
		}
		bram.Get(page.Link("sleutels")).Wants(http.StatusOK, "Alleen over sleutels", "Wie belt er?").Lacks("Onze afspraken")
		bram.Get(path(g.Space, "?onderwerp=geenzin")).Wants(http.StatusOK, "Hier is nu niets dat daarbij past")
	})
}

func TestEmptyTabsSayWhatToDo(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	for tab, want := range map[string]string{
		"": "Hier is nog geen gesprek begonnen", "/vragen": "Hier is nog niets gevraagd", "/kennis": "Hier staat nog geen kennis", "/chat": "Hier is nog geen chat",
	} {
		page := bram.Get(path(g.Space, tab)).Wants(http.StatusOK, want)
		found := false
		for _, href := range page.Links() {
			found = found || strings.Contains(href, "/nieuw?soort=")
		}
		if !found {
			t.Errorf("%q has no way to start something", tab)
		}
	}
}

func TestLongListsGoOn(t *testing.T) {
	g := pagetest.NewGroup(t)
	for i := range 35 {
		g.Start(g.Anna, g.Space, forum.Discussion, "Gesprek nummer "+strconv.Itoa(i))
		g.Clock.Advance(1e9)
	}
	bram := g.As(g.Bram)
	first := bram.Get(path(g.Space, "")).Wants(http.StatusOK, "Gesprek nummer 34", "Gesprek nummer 5").Lacks("Gesprek nummer 4 ")
	second := bram.Get(first.Link("Ouder")).Wants(http.StatusOK, "Gesprek nummer 4", "Gesprek nummer 0")
	if second.Link("Nieuwer") != path(g.Space, "") {
		t.Error("the way back leads to", second.Link("Nieuwer"))
	}
	bram.Get(path(g.Space, "?verder=onzin")).Wants(http.StatusUnprocessableEntity)
}

func TestWhoMayNotSeeASpace(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		hidden := g.NewSpace("Verborgen kring", community.Hidden, 0)
		g.Start(g.Manager, g.Space, forum.Discussion, "Binnenskamers")
		olaf := g.As(g.Olaf)

		olaf.Get(path(g.Space, "")).Wants(http.StatusOK, "Pilot Samen wonen", "Deze ruimte is besloten").Lacks("Binnenskamers", "Fatima", "4 leden", "/leden")
		nothing := olaf.Get("/ruimtes/99999").Wants(http.StatusNotFound)
		for _, address := range []string{path(hidden, ""), path(hidden, "/vragen"), path(hidden, "/leden"), path(hidden, "/instellingen"),
			path(hidden, "/uitnodigingen"), path(hidden, "/vertrek"), path(g.Space, "/leden"), path(g.Space, "/leden/"+itoa(g.Anna.Person)),
			path(g.Space, "/uitnodigingen"), path(g.Space, "/vertrek")} {
			if got := olaf.Get(address); got.Status != http.StatusNotFound || got.Body != nothing.Body {
				t.Errorf("%s: %d, and it differs from what is not there", address, got.Status)
			}
		}
		olaf.Get("/ruimtes").Wants(http.StatusOK, "Pilot Samen wonen").Lacks("Verborgen kring")
		if to := g.Guest().Get(path(g.Space, "")).To(); to != "/aanmelden?next=%2Fruimtes%2F"+itoa(g.Space.ID) {
			t.Error("a guest goes to", to)
		}
	})
}

func TestJoiningAnOpenSpaceAndLeavingIt(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		open := g.NewSpace("Faalkunde", community.Open, 0)
		olaf := g.As(g.Olaf)
		olaf.Get("/ruimtes").Form(path(open, "/lid"))
		page := olaf.Get(path(open, "")).Wants(http.StatusOK, "Je leest mee in een open ruimte").Lacks("Begin een gesprek", "/vertrek")
		joined := olaf.Follow(olaf.Submit(page.Form(path(open, "/lid")))).Wants(http.StatusOK, "Welkom! Je doet nu mee", "Begin een gesprek")
		joined.Lacks("Je leest mee in een open ruimte")

		ask := olaf.Get(joined.AnyLink(path(open, "/vertrek"))).Wants(http.StatusOK, "Wil je weg uit Faalkunde?", "Je kunt altijd weer meedoen")
		olaf.Follow(olaf.Submit(ask.Form(path(open, "/vertrek")))).Wants(http.StatusOK, "Je bent weg uit de ruimte.")
		olaf.Get(path(open, "/vertrek")).Wants(http.StatusForbidden)
	})
}

func TestTheLastManagerStays(t *testing.T) {
	g := pagetest.NewGroup(t)
	manager := g.As(g.Manager)
	ask := manager.Get(path(g.Space, "/vertrek"))
	manager.Submit(ask.Form(path(g.Space, "/vertrek"))).Wants(http.StatusConflict, "Je bent de laatste beheerder", "Wil je weg uit Pilot Samen wonen?")
}

func TestChoosingWhatToHear(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	form := bram.Get(path(g.Space, "")).Form(path(g.Space, "/volgen"))
	page := bram.Follow(bram.Submit(form, "level", "muted")).Wants(http.StatusOK, "Bewaard.")
	if got := page.Form(path(g.Space, "/volgen")).Fields.Get("level"); got != "muted" {
		t.Errorf("the level is %q", got)
	}
	bram.Post(path(g.Space, "/volgen"), "level", "luid").Wants(http.StatusUnprocessableEntity)
	g.As(g.Olaf).Post(path(g.Space, "/volgen"), "level", "all").Wants(http.StatusNotFound)
}

func TestConversationBetweenPeopleIsItsChannel(t *testing.T) {
	g := pagetest.NewGroup(t)
	space, err := g.Forum.Direct(ctx, g.Anna, []int64{g.Bram.Person})
	if err != nil {
		t.Fatal(err)
	}
	page := g.As(g.Anna).Get(path(space, ""))
	if page.Status != http.StatusSeeOther || !strings.HasPrefix(page.To(), "/gesprekken/") {
		t.Errorf("it gives %d and leads to %q", page.Status, page.To())
	}
	g.As(g.Anna).Get("/ruimtes").Wants(http.StatusOK, "Gesprekken met mensen", "Bram Bos")
	g.As(g.Manager).Get(path(space, "")).Wants(http.StatusNotFound)
}
