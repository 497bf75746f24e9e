package settings_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/frontend/pagetest"
)

var ctx = context.Background()

func TestSavingSettings(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		bram := g.As(g.Bram)
		form := bram.Get("/instellingen").Wants(http.StatusOK, "Mail gaat naar bram.bos@voorbeeldstad.example").Form("/instellingen")
		for name, want := range map[string]string{"digest": "weekly", "weekday": "1", "hour": "8", "mail_mentions": "ja", "language": "nl", "theme": "auto", "time_zone": "Europe/Amsterdam"} {
			if got := form.Fields.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		delete(form.Fields, "mail_mentions") // the box is not ticked
		page := bram.Follow(bram.Submit(form, "digest", "daily", "hour", "17", "language", "en", "theme", "dark"))
		page.Wants(http.StatusOK, "Saved.", "How often would you like an overview by mail?")
		if !strings.Contains(page.Body, `data-theme="dark"`) || !strings.Contains(page.Body, `lang="en"`) {
			t.Error("theme or language of the page did not follow")
		}
		s, err := g.Community.MySettings(ctx, g.Bram)
		want := community.Settings{Digest: community.DigestDaily, Hour: 17, Weekday: 1, TimeZone: "Europe/Amsterdam", Language: "en", Theme: "dark"}
		if s.Push = false; err != nil || s != want {
			t.Errorf("kept %+v, %v", s, err)
		}
	})
}

func TestWrongSettingsKeepWhatWasChosen(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	form := bram.Get("/instellingen").Form("/instellingen")
	for name, value := range map[string]string{"hour": "24", "weekday": "maandag", "digest": "soms", "language": "fr", "theme": "paars", "time_zone": "Europe/Lutjebroek"} {
		page := bram.Submit(form, name, value, "mail_mentions", "").Wants(http.StatusUnprocessableEntity, "Kijk nog even naar 1 veld")
		if page.FieldError(name) == "" {
			t.Errorf("%s %q: the field says nothing; the page says %s", name, value, page.Main())
		}
		if page.Form("/instellingen").Fields.Get("mail_mentions") != "" {
			t.Errorf("%s %q: another choice was lost", name, value)
		}
	}
	s, err := g.Community.MySettings(ctx, g.Bram)
	if err != nil || !s.MailMentions {
		t.Errorf("something was kept: %+v, %v", s, err)
	}
}

func TestSavingAProfile(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		bram := g.As(g.Bram)
		form := bram.Get("/instellingen/profiel").Wants(http.StatusOK).Form("/instellingen/profiel")
		if form.Fields.Get("name") != "Bram Bos" {
			t.Errorf("the form has %v", form.Fields)
		}
		bram.Follow(bram.Submit(form, "name", "Bram <Bos>", "about", "Regel 1\nRegel 2")).Wants(http.StatusOK, "Zo zien anderen je voortaan", "Bram <Bos>")
		wrong := bram.Submit(form, "name", "  ", "about", strings.Repeat("é", 2001)).Wants(http.StatusUnprocessableEntity, "Kijk nog even naar 2 velden")
		if wrong.FieldError("name") == "" || wrong.FieldError("about") == "" {
			t.Errorf("fields say %q and %q", wrong.FieldError("name"), wrong.FieldError("about"))
		}
		if wrong.Form("/instellingen/profiel").Fields.Get("about") != strings.Repeat("é", 2001) {
			t.Error("what was typed is gone")
		}
	})
}

func TestATokenIsShownOnceAndCanBeRevoked(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		const path = "/instellingen/tokens"
		bram := g.As(g.Bram)
		form := bram.Get(path).Wants(http.StatusOK, "Je hebt nog geen token gemaakt.").Lacks("beheren").Form(path)
		made := bram.Submit(form, "name", "Rooster", "scopes", "read").Wants(http.StatusOK, "Je token is klaar", "Rooster", "lezen")
		token := regexp.MustCompile(`lk_[\w-]{20,}`).FindString(made.Body)
		if token == "" {
			t.Fatal("the token is not on the page:", made.Main())
		}
		bram.Get(path).Wants(http.StatusOK, "Rooster").Lacks(token)

		// A token is for programs: it opens no page.
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if actor, err := g.Community.Identify(r); err != nil || actor.Person != g.Bram.Person {
			t.Fatalf("the token opens %+v, %v", actor, err)
		}
		if page := g.WithToken(token).Get(path); page.Status != http.StatusSeeOther {
			t.Errorf("with the token the page gives %d", page.Status)
		}

		ask := bram.Get(bram.Get(path).Link("Trek in Rooster")).Wants(http.StatusOK, "Wil je “Rooster” intrekken?")
		g.As(g.Anna).Get(bram.Get(path).Link("Trek in Rooster")).Wants(http.StatusNotFound)
		bram.Follow(bram.Submit(ask.Forms()[len(ask.Forms())-1])).Wants(http.StatusOK, "Het token werkt niet meer.", "Je hebt nog geen token gemaakt.")
		if _, err := g.Community.Identify(r); err == nil {
			t.Error("the token still opens something")
		}
	})
}

func TestAWrongTokenSaysWhatIsMissing(t *testing.T) {
	g := pagetest.NewGroup(t)
	const path = "/instellingen/tokens"
	bram := g.As(g.Bram)
	page := bram.Post(path, "name", "", "scopes", "write").Wants(http.StatusUnprocessableEntity)
	if page.FieldError("name") == "" || page.Form(path).Fields.Get("scopes") != "write" {
		t.Errorf("the field says %q, kept %v", page.FieldError("name"), page.Form(path).Fields)
	}
	for _, scopes := range []string{"", "alles"} {
		if page := bram.Post(path, "name", "Rooster", "scopes", scopes).Wants(http.StatusUnprocessableEntity); page.FieldError("scopes") == "" {
			t.Errorf("scopes %q: the field says nothing", scopes)
		}
	}
	g.As(g.Manager).Get(path).Wants(http.StatusOK, "beheren")
}

func TestSigningOut(t *testing.T) {
	g := pagetest.NewGroup(t)
	here, there := g.As(g.Bram), g.As(g.Bram)
	var everywhere pagetest.Form
	for _, f := range here.Get("/instellingen").Forms() {
		if f.Action == "/uitgang" && f.Fields.Has("everywhere") {
			everywhere = f
		}
	}
	here.Submit(everywhere).Wants(http.StatusSeeOther)
	if page := there.Get("/instellingen"); page.Status != http.StatusSeeOther {
		t.Error("the other device is still signed in:", page.Status)
	}
}
