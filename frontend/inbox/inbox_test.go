package inbox_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"leerkring/forum"
	"leerkring/frontend/pagetest"
)

func mention(g *pagetest.Group, stream forum.Stream) forum.Post {
	post := g.Post(g.Anna, stream, "Weet @["+strconv.FormatInt(g.Bram.Person, 10)+"] dit?")
	g.Work()
	return post
}

func TestInboxAndMarkingAllAsRead(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		stream := g.Start(g.Manager, g.Space, forum.Discussion, "Wie belt er?")
		post := mention(g, stream)
		bram := g.As(g.Bram)
		page := bram.Get("/meldingen").Wants(http.StatusOK, "Anna Smit noemt je in Wie belt er?", "Pilot Samen wonen", "1 nieuw voor jou")
		want := forum.StreamPath(stream.ID) + "?bericht=" + strconv.FormatInt(post.ID, 10) + "#post-" + strconv.FormatInt(post.ID, 10)
		if got := page.Link("Wie belt er?"); got != want {
			t.Errorf("it leads to %q, want %q", got, want)
		}
		form := page.Form("/meldingen/gelezen")
		mention(g, stream) // after the page was read: stays unread
		after := bram.Follow(bram.Submit(form)).Wants(http.StatusOK, "Alles is gelezen.", "1 nieuw voor jou")
		if n := strings.Count(after.Main(), "noemt je in"); n != 2 {
			t.Errorf("%d notifications are shown, want both", n)
		}
		bram.Submit(after.Form("/meldingen/gelezen"))
		bram.Get("/meldingen?welke=nieuw").Wants(http.StatusOK, "Je hebt alles gelezen.").Lacks("Wie belt er?", "Alles gelezen<")
		g.As(g.Olaf).Get("/meldingen").Wants(http.StatusOK, "Je hebt nog geen meldingen.").Lacks("Wie belt er?")
	})
}

func TestLookingMarksNothing(t *testing.T) {
	g := pagetest.NewGroup(t)
	mention(g, g.Start(g.Manager, g.Space, forum.Discussion, "Wie belt er?"))
	bram := g.As(g.Bram)
	for range 3 {
		bram.Get("/meldingen").Wants(http.StatusOK, "1 nieuw voor jou")
	}
	bram.Get("/meldingen/gelezen").Wants(http.StatusNotFound)
	bram.Post("/meldingen/gelezen", "ids", "onzin", "until", "-3").Wants(http.StatusSeeOther)
	bram.Get("/meldingen").Wants(http.StatusOK, "1 nieuw voor jou")
	bram.Get("/meldingen?verder=onzin").Wants(http.StatusUnprocessableEntity)
}

func TestMarkingOthersNotificationsDoesNothing(t *testing.T) {
	g := pagetest.NewGroup(t)
	mention(g, g.Start(g.Manager, g.Space, forum.Discussion, "Wie belt er?"))
	g.As(g.Anna).Post("/meldingen/gelezen", "ids", "1", "until", "9999").Wants(http.StatusSeeOther)
	g.As(g.Bram).Get("/meldingen").Wants(http.StatusOK, "1 nieuw voor jou")
}
