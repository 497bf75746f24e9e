package space_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/frontend/pagetest"
)

// forms returns the form for one mail address and the one for a link.
func forms(t *testing.T, page *pagetest.Page, action string) (mail, link pagetest.Form) {
	t.Helper()
	for _, f := range page.Forms() {
		if f.Action == action && f.Fields.Get("what") == "link" {
			link = f
		} else if f.Action == action {
			mail = f
		}
	}
	if mail.Action == "" || link.Action == "" {
		t.Fatalf("not both forms are there: %v", page.Forms())
	}
	return mail, link
}

func TestInvitingByMail(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		action := path(g.Space, "/uitnodigingen")
		facilitator := g.As(g.Facilitator)
		mail, _ := forms(t, facilitator.Get(action).Wants(http.StatusOK, "Er staat nu geen uitnodiging open."), action)
		page := facilitator.Follow(facilitator.Submit(mail, "mail", "nieuw@voorbeeldstad.example"))
		page.Wants(http.StatusOK, "De uitnodiging is onderweg.", "nieuw@voorbeeldstad.example")

		ask := facilitator.Get(page.Link("Trek in")).Wants(http.StatusOK, "Wil je deze uitnodiging intrekken?")
		revoke := ask.Form(strings.TrimSuffix(page.Link("Trek in"), ""))
		facilitator.Follow(facilitator.Submit(revoke)).Wants(http.StatusOK, "werkt niet meer", "Er staat nu geen uitnodiging open.")
		facilitator.Submit(revoke).Wants(http.StatusNotFound)
	})
}

func TestInvitingWithALinkThatWorks(t *testing.T) {
	g := pagetest.NewGroup(t)
	action := path(g.Space, "/uitnodigingen")
	facilitator := g.As(g.Facilitator)
	_, link := forms(t, facilitator.Get(action), action)
	page := facilitator.Follow(facilitator.Submit(link, "uses", "3", "expires_at", "7")).Wants(http.StatusOK, "De link is klaar", "0 van 3 keer gebruikt", "werkt tot 28 november 2026")
	address := regexp.MustCompile(regexp.QuoteMeta(pagetest.BaseURL) + `(/uitnodiging/[\w-]+)`).FindStringSubmatch(page.Body)
	if address == nil {
		t.Fatal("no link on the page:", page.Main())
	}
	olaf := g.As(g.Olaf)
	olaf.Follow(olaf.Submit(olaf.Get(address[1]).Form(address[1]))).Wants(http.StatusOK, "Welkom!", "Pilot Samen wonen")
	facilitator.Get(action).Wants(http.StatusOK, "1 van 3 keer gebruikt")
}

func TestAWrongInvitationKeepsWhatWasTyped(t *testing.T) {
	g := pagetest.NewGroup(t)
	action := path(g.Space, "/uitnodigingen")
	facilitator := g.As(g.Facilitator)
	mail, link := forms(t, facilitator.Get(action), action)
	for typed, want := range map[string]string{"": "Vul dit in.", "geen adres": "Dit is geen e-mailadres"} {
		page := facilitator.Submit(mail, "mail", typed).Wants(http.StatusUnprocessableEntity)
		if got := page.FieldError("mail"); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
		if again, _ := forms(t, page, action); again.Fields.Get("mail") != typed {
			t.Errorf("kept %q of %q", again.Fields.Get("mail"), typed)
		}
	}
	for _, uses := range []string{"0", "1001", "veel", ""} {
		if page := facilitator.Submit(link, "uses", uses).Wants(http.StatusUnprocessableEntity); page.FieldError("uses") == "" {
			t.Errorf("%q uses: the field says nothing", uses)
		}
	}
	facilitator.Submit(link, "expires_at", "0").Wants(http.StatusUnprocessableEntity, "Dit moment is al voorbij")
	g.As(g.Bram).Get(action).Wants(http.StatusForbidden)
	g.As(g.Bram).Submit(mail, "mail", "x@voorbeeldstad.example").Wants(http.StatusForbidden)
	g.As(g.Olaf).Submit(mail, "mail", "geen adres").Wants(http.StatusNotFound)
	if list, _, err := g.Community.Invitations(ctx, g.Manager, g.Space.ID, community.Page{Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("there are invitations: %v, %v", list, err)
	}
}
