package person_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/frontend/pagetest"
	"leerkring/internal/testkit"
)

func path(who community.Actor) string { return "/mensen/" + strconv.FormatInt(who.Person, 10) }

func TestPersonAsSeenByOthers(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		about := community.ProfileChange{Name: "Anna Smit", Organisation: "Buurtteam Oost", About: "Wijkcoach.\nVraag mij over <sleutels>."}
		if err := g.Community.ChangeProfile(context.Background(), g.Anna, about); err != nil {
			t.Fatal(err)
		}
		page := g.As(g.Bram).Get(path(g.Anna)).Wants(http.StatusOK, "Buurtteam Oost", "Vraag mij over <sleutels>.", "Waar je elkaar tegenkomt", "Pilot Samen wonen", "Doet mee sinds 21 november 2026")
		if page.Heading() != "Anna Smit" {
			t.Error("heading", page.Heading())
		}
		page.Lacks("anna.smit@")
		g.As(g.Bram).Get(path(g.Facilitator)).Wants(http.StatusOK, "Pilot Samen wonen begeleider")
		g.As(g.Anna).Get(path(g.Anna)).Wants(http.StatusOK, "Pas je gegevens aan").Lacks("Stuur een bericht")

		nothing := g.As(g.Olaf).Get("/mensen/99999").Wants(http.StatusNotFound)
		if got := g.As(g.Olaf).Get(path(g.Anna)); got.Status != http.StatusNotFound || got.Body != nothing.Body {
			t.Errorf("an outsider gets %d, and it differs from nobody", got.Status)
		}
		g.As(g.Bram).Get("/mensen/anna").Wants(http.StatusNotFound)
	})
}

func TestTalkingToSomebody(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		bram := g.As(g.Bram)
		form := bram.Get(path(g.Anna)).Form(path(g.Anna) + "/gesprek")
		space := bram.Submit(form)
		talk := bram.Follow(space)
		if !strings.HasPrefix(space.To(), "/ruimtes/") || !strings.HasPrefix(talk.To(), "/gesprekken/") {
			t.Errorf("it leads to %q and then %q", space.To(), talk.To())
		}
		if again := bram.Submit(form); again.To() != space.To() {
			t.Errorf("a second time leads to %q, not %q", again.To(), space.To())
		}
		g.As(g.Anna).Get(space.To()).Wants(http.StatusSeeOther)
		g.As(g.Manager).Get(space.To()).Wants(http.StatusNotFound)
	})
}

func TestTalkingToWhomOneCannot(t *testing.T) {
	g := pagetest.NewGroup(t)
	g.As(g.Olaf).Post(path(g.Anna) + "/gesprek").Wants(http.StatusNotFound)
	g.As(g.Bram).Post(path(g.Bram) + "/gesprek").Wants(http.StatusUnprocessableEntity)
	if err := g.Community.Disable(context.Background(), testkit.MailOf("Anna Smit")); err != nil {
		t.Fatal(err)
	}
	g.As(g.Bram).Get(path(g.Anna)).Wants(http.StatusOK, "Dit account is niet meer in gebruik").Lacks("Stuur een bericht")
	g.As(g.Bram).Post(path(g.Anna)+"/gesprek").Wants(http.StatusUnprocessableEntity, "Je kunt Anna Smit nu geen bericht sturen")
}
