package unsubscribe_test

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

// digestLink returns the link in the head of somebody's digest.
func digestLink(t *testing.T, g *pagetest.Group) string {
	t.Helper()
	g.Start(g.Anna, g.Space, forum.Discussion, "Wie belt er?")
	mail, err := g.Notify.Preview(ctx, testkit.MailOf(g.Bram.Name))
	if err != nil {
		t.Fatal(err)
	}
	mail = bytes.ReplaceAll(mail, []byte("\r\n "), nil) // long lines of a head are folded
	link := regexp.MustCompile(`List-Unsubscribe: ?<` + regexp.QuoteMeta(pagetest.BaseURL) + `(/afmelden/[^>]+)>`).FindSubmatch(mail)
	if link == nil {
		t.Fatalf("no link in the head:\n%s", mail)
	}
	return string(link[1])
}

func TestLookingStopsNothingAndTheButtonDoes(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		link := digestLink(t, g)
		guest := g.Guest()
		page := guest.Get(link).Wants(http.StatusOK, "Je krijgt dan geen overzicht meer op bram.bos@voorbeeldstad.example", "Andere mail blijft komen")
		if s, err := g.Community.MySettings(ctx, g.Bram); err != nil || s.Digest == community.DigestOff {
			t.Fatalf("looking stopped the mail: %+v, %v", s, err)
		}
		form := page.Forms()[0]
		form.Action = link // a form without an action goes to its own page
		for range 2 {      // doing it again is no mistake
			guest.Submit(form).Wants(http.StatusOK, "Je krijgt geen overzicht meer")
		}
		s, err := g.Community.MySettings(ctx, g.Bram)
		if err != nil || s.Digest != community.DigestOff || !s.MailMentions {
			t.Errorf("stopped: %+v, %v", s, err)
		}
	})
}

func TestAMailProgramStopsItByItself(t *testing.T) {
	g := pagetest.NewGroup(t)
	link := digestLink(t, g)
	g.Elsewhere().Post(link, "List-Unsubscribe", "One-Click").Wants(http.StatusOK)
	if s, err := g.Community.MySettings(ctx, g.Bram); err != nil || s.Digest != community.DigestOff {
		t.Errorf("the mail goes on: %+v, %v", s, err)
	}
	// The exemption is for this address alone.
	g.Elsewhere().Post("/uitgang").Wants(http.StatusForbidden)
}

func TestALinkThatIsNotOurs(t *testing.T) {
	g := pagetest.NewGroup(t)
	link := digestLink(t, g)
	for _, wrong := range []string{"/afmelden/onzin", link + "x", link[:len(link)-1], "/afmelden/digest.1.AAAA"} {
		g.Guest().Get(wrong).Wants(http.StatusNotFound, "Deze link om je af te melden klopt niet")
		g.Guest().Post(wrong).Wants(http.StatusNotFound)
	}
	if s, err := g.Community.MySettings(ctx, g.Bram); err != nil || s.Digest == community.DigestOff {
		t.Errorf("a wrong link stopped the mail: %+v, %v", s, err)
	}
}
