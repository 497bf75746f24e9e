package home_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
)

var ctx = context.Background()

func TestHomeTellsWhatIsNew(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		chat := g.Start(g.Manager, g.Space, forum.Channel, "Algemeen")
		talk := g.Start(g.Manager, g.Space, forum.Discussion, "Wie belt de woningcorporatie?")
		g.Start(g.Anna, g.Space, forum.Question, "Hoe regel je een sleutel?")
		mine := g.Start(g.Bram, g.Space, forum.Question, "Wat vroeg ik ook alweer?")
		g.Post(g.Anna, talk, "Weet @["+itoa(g.Bram.Person)+"] wie de sleutel had?")
		g.Post(g.Anna, chat, "Koffie staat klaar")
		g.Work()

		home := g.As(g.Bram).Get("/").Wants(http.StatusOK, "Goedemorgen, Bram", "zaterdag 21 november",
			"Aan jou", "Anna Smit noemt je in", "Weet jij het antwoord?", "Hoe regel je een sleutel?",
			"Nieuw in wat je volgt", "Pilot Samen wonen", "Koffie staat klaar")
		if n := strings.Count(home.Main(), "Hoe regel je een sleutel?"); n != 1 {
			t.Errorf("the question stands there %d times", n)
		}
		if href := home.Links()["Algemeen"]; href != forum.StreamPath(chat.ID) {
			t.Errorf("the chat leads to %q", href)
		}
		home.Lacks(mine.Title) // one's own question is not for oneself to answer

		g.As(g.Olaf).Get("/").Wants(http.StatusOK, "Goedemorgen, Olaf", "Je doet nog nergens mee").Lacks("Pilot Samen wonen", "woningcorporatie")
	})
}

func TestHomeSaysSoWhenAllIsRead(t *testing.T) {
	g := pagetest.NewGroup(t)
	talk := g.Start(g.Manager, g.Space, forum.Discussion, "Wie belt er?")
	g.As(g.Bram).Get("/").Wants(http.StatusOK, "Nieuw in wat je volgt").Lacks("Je bent helemaal bij")
	if err := g.Forum.Seen(ctx, g.Bram, talk.ID, talk.Rev); err != nil {
		t.Fatal(err)
	}
	g.As(g.Bram).Get("/").Wants(http.StatusOK, "Je bent helemaal bij").Lacks("Nieuw in wat je volgt", "Wie belt er?")
}

func TestHomeShowsThreeOfASpaceAndTheRestOnRequest(t *testing.T) {
	g := pagetest.NewGroup(t)
	for _, title := range []string{"Eerste", "Tweede", "Derde", "Vierde"} {
		g.Clock.Advance(time.Minute)
		g.Start(g.Anna, g.Space, forum.Discussion, title)
	}
	bram := g.As(g.Bram)
	home := bram.Get("/").Wants(http.StatusOK, "Vierde", "Derde", "Tweede").Lacks("Eerste woorden", ">Eerste<")
	rest := home.Link("Toon alle 4 in Pilot Samen wonen")
	bram.Get(rest).Wants(http.StatusOK, "Vierde", "Eerste").Lacks("Toon alle 4")
}

func TestHomeNamesQuietSpaces(t *testing.T) {
	g := pagetest.NewGroup(t)
	lively := g.NewSpace("Levendige groep", community.Closed, 0)
	g.Join(g.Manager, lively, g.Bram, community.Member)
	g.Start(g.Anna, g.Space, forum.Discussion, "Lang geleden")
	g.Clock.Advance(29 * 24 * time.Hour)
	g.Start(g.Manager, lively, forum.Discussion, "Van nu")
	home := g.As(g.Bram).Get("/").Wants(http.StatusOK, "Stil de laatste weken: Pilot Samen wonen")
	if strings.Contains(home.Main(), "Stil de laatste weken: Levendige") {
		t.Error("a lively space is called quiet")
	}
}

func TestGuestIsAskedToSignIn(t *testing.T) {
	g := pagetest.NewGroup(t)
	if page := g.Guest().Get("/"); page.Status != http.StatusSeeOther || page.To() != "/aanmelden" {
		t.Errorf("a guest gets %d and goes to %q", page.Status, page.To())
	}
}

func TestGreetingFollowsTheClockOfTheReader(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	for hours, want := range map[int]string{10: "Goedemorgen", 13: "Goedemiddag", 19: "Goedenavond", 23: "Goedenavond"} {
		local := time.Date(2026, 11, 22, hours, 0, 0, 0, time.UTC).Add(-time.Hour) // Amsterdam in winter
		g.Clock.Set(local)
		bram.Get("/").Wants(http.StatusOK, want+", Bram")
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
