package frontend_test

import (
	"context"
	"net/http"
	"testing"

	"leerkring/frontend/pagetest"
)

var ctx = context.Background()

func TestAddressesThatAreNotOurs(t *testing.T) {
	g := pagetest.NewGroup(t)
	for _, path := range []string{"/nergens", "/ruimtes/", "/ruimtes/1/onzin", "/wp-login.php", "/api", "/%F0%9F%8C%BB", "/gesprekken"} {
		g.Guest().Get(path).Wants(http.StatusNotFound, "Dit is er niet, of je mag het niet zien")
		g.As(g.Anna).Get(path).Wants(http.StatusNotFound, "Naar Voor mij")
		g.As(g.Anna).Post(path, "body", "Wat ik schreef").Wants(http.StatusNotFound)
	}
	english := g.Guest()
	english.Language = "en"
	english.Get("/nergens").Wants(http.StatusNotFound, "This is not there, or you may not see it")
}

func TestAccessibilityIsForEverybody(t *testing.T) {
	g := pagetest.NewGroup(t)
	for _, b := range []*pagetest.Browser{g.Guest(), g.As(g.Anna)} {
		if page := b.Get("/toegankelijkheid").Wants(http.StatusOK, "Wat nog niet goed is"); page.Heading() != "Toegankelijkheid" {
			t.Error("heading", page.Heading())
		}
	}
}
