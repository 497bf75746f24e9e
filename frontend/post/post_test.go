package post_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
	"leerkring/internal/testkit"
)

type room struct {
	*pagetest.Site
	mieke, anna, bram, olaf community.Actor
	channel                 forum.Stream
	post                    forum.Post
}

func eachRoom(t *testing.T, test func(t *testing.T, r room)) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		r := room{Site: pagetest.New(t, w)}
		r.mieke = w.Person("Mieke Manager", community.RoleAdmin)
		r.anna, r.bram, r.olaf = w.Person("Anna Aalbers"), w.Person("Bram Bos"), w.Person("Olaf Ons")
		space := w.Space(r.mieke, community.Open, 0)
		w.Join(r.mieke, space, r.anna, community.Member)
		w.Join(r.mieke, space, r.bram, community.Member)
		r.channel = w.Stream(r.mieke, space, forum.Channel)
		r.post = w.Post(r.anna, r.channel, "Eerste tekst")
		test(t, r)
	})
}

func (r room) path() string { return forum.PostPath(r.post.ID) }

func TestWhatThePageOffersToWhom(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		for _, c := range []struct {
			who    community.Actor
			offers []string
			hides  []string
		}{
			{r.anna, []string{"👍", "Antwoord", "Bewerk", "Verwijder", "Link naar dit bericht"}, []string{"Eerdere versies"}},
			{r.bram, []string{"👍", "Antwoord", "Link naar dit bericht"}, []string{"Bewerk", "Verwijder"}},
			{r.mieke, []string{"👍", "Antwoord", "Verwijder"}, []string{"Bewerk"}},
			{r.olaf, []string{"Eerste tekst", "Link naar dit bericht"}, []string{"👍", "Antwoord", "Bewerk", "Verwijder"}},
		} {
			browser := r.As(c.who)
			browser.Get(r.path()).Wants(http.StatusOK, append(c.offers, "Bericht van Anna Aalbers")...).Lacks(c.hides...)
			sheet := browser.Get(r.path()+"?deel=1").Wants(http.StatusOK, c.offers[1:]...)
			if strings.Contains(sheet.Body, "<html") || strings.Contains(sheet.Body, "Eerste tekst") {
				t.Error("the sheet is a whole page")
			}
		}
	})
}

func TestEditingWithoutScript(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		anna := r.As(r.anna)
		form := anna.Get(r.path()+"/wijzig").Wants(http.StatusOK, "Bewerk je bericht").Form(r.path() + "/wijzig")
		if form.Fields.Get("body") != "Eerste tekst" {
			t.Errorf("the form holds %q", form.Fields.Get("body"))
		}
		wrong := anna.Submit(form, "body", " ").Wants(http.StatusUnprocessableEntity, "Vul dit in.")
		if wrong.FieldError("bewerk-"+strings.TrimPrefix(r.path(), "/berichten/")) == "" {
			t.Error("the field is not marked")
		}
		// Somebody reacted meanwhile: that is no reason to refuse.
		if _, err := r.Forum.React(context.Background(), r.bram, r.post.ID, "👍"); err != nil {
			t.Fatal(err)
		}
		anna.Follow(anna.Submit(form, "body", "Tweede tekst, dag @[2]")).Wants(http.StatusOK, "Tweede tekst", "bewerkt").Lacks("Eerste tekst")
		anna.Get(r.path()+"/wijzig").Wants(http.StatusOK, "@[2] is Anna Aalbers")
		r.As(r.bram).Get(r.path()+"/versies").Wants(http.StatusOK, "Zo staat het er nu", "Tweede tekst", "Eerste tekst")
		for _, other := range []community.Actor{r.bram, r.mieke, r.olaf} {
			r.As(other).Get(r.path() + "/wijzig").Wants(http.StatusForbidden)
			r.As(other).Post(r.path()+"/wijzig", "body", "Van mij").Wants(http.StatusForbidden, "Van mij")
		}
	})
}

func TestReactingAndVotingGoBackAndForth(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		bram := r.As(r.bram)
		for _, there := range []bool{true, false} {
			page := bram.Follow(bram.Post(r.path()+"/reacties", "emoji", "💡")).Wants(http.StatusOK, "Eerste tekst")
			if got := strings.Contains(page.Body, `value="💡"`); got != there {
				t.Errorf("the reaction is there: %v, want %v", got, there)
			}
		}
		bram.Post(r.path()+"/reacties", "emoji", "hoi").Wants(http.StatusUnprocessableEntity)
		r.As(r.olaf).Post(r.path()+"/reacties", "emoji", "💡").Wants(http.StatusForbidden)
		bram.Part = "post"
		if part := bram.Post(r.path()+"/reacties", "emoji", "💡").Wants(http.StatusOK); !strings.HasPrefix(part.Body, "<article") {
			t.Errorf("script gets %.80q", part.Body)
		}
		bram.Post(r.path()+"/reacties", "emoji", "hoi").Wants(http.StatusUnprocessableEntity, "Kies een emoji.")
		if part := bram.Post(r.path() + "/stem").Wants(http.StatusOK); !strings.Contains(part.Body, "<article") {
			t.Errorf("script gets %.80q", part.Body)
		}
	})
}

func TestDeletingAsksInWords(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		r.As(r.bram).Get(r.path() + "/verwijder").Wants(http.StatusForbidden)
		r.As(r.bram).Post(r.path() + "/verwijder").Wants(http.StatusForbidden)
		anna := r.As(r.anna)
		ask := anna.Get(r.path()+"/verwijder").Wants(http.StatusOK, "Dit bericht verwijderen?", "Eerste tekst", "Toch niet")
		anna.Follow(anna.Submit(ask.Form(r.path()+"/verwijder"))).Wants(http.StatusOK, "Dit bericht is verwijderd").Lacks("Eerste tekst")
		anna.Get(r.path()).Wants(http.StatusOK, "Dit bericht is verwijderd").Lacks("Bewerk", "👍")
		anna.Post(r.path()+"/wijzig", "body", "Terug").Wants(http.StatusConflict, "Terug")
	})
}
