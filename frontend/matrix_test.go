package frontend_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
	"leerkring/internal/testkit"
)

// The people of the matrix, one letter each, those who can do least first:
// guest, Disabled member, outsider, member elsewhere, removed member, Platform
// administrator who is no member, member, coach, facilitator, Manager.
const people = "gDoerPmcfM"

// The answers: K as meant (the page, or a way on after a form), S the card of a
// closed space and nothing that lies in it, U the way to sign in, F 403, N 404.
var statuses = map[byte][]int{'K': {200, 303}, 'S': {200}, 'U': {303, 401}, 'F': {403}, 'N': {404}}

// matrix says, for each address about a space and what lies in it, what each of
// the people gets in an open, a closed and a hidden space. One row is the same
// for all three.
var matrix = map[string][]string{
	//                                          gDoerPmcfM    gDoerPmcfM    gDoerPmcfM
	"GET /ruimtes/{space}":                                       {"UUKKKKKKKK", "UUSSSSKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/vragen":                                {"UUKKKKKKKK", "UUSSSSKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/kennis":                                {"UUKKKKKKKK", "UUSSSSKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/chat":                                  {"UUKKKKKKKK", "UUSSSSKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/leden":                                 {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/leden/{person}":                        {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /ruimtes/{space}/leden/{person}":                       {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /ruimtes/{space}/lid":                                  {"UUKKFKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/vertrek":                               {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /ruimtes/{space}/vertrek":                              {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /ruimtes/{space}/volgen":                               {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /ruimtes/{space}/instellingen":                          {"UUFFFFFFFK", "UUFFFFFFFK", "UUNNNNFFFK"},
	"POST /ruimtes/{space}/instellingen":                         {"UUFFFFFFFK", "UUFFFFFFFK", "UUNNNNFFFK"},
	"GET /ruimtes/{space}/uitnodigingen":                         {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /ruimtes/{space}/uitnodigingen":                        {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"GET /ruimtes/{space}/uitnodigingen/{invitation}/intrekken":  {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /ruimtes/{space}/uitnodigingen/{invitation}/intrekken": {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"GET /ruimtes/{id}/nieuw":                                    {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /ruimtes/{id}/gesprekken":                              {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /gesprekken/{id}":                                       {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /gesprekken/{id}/berichten":                            {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /gesprekken/{id}/gelezen":                              {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /gesprekken/{id}/volgen":                               {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /gesprekken/{id}/wijzig":                                {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /gesprekken/{id}/wijzig":                               {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /gesprekken/{id}/vastzetten":                           {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /gesprekken/{id}/sluiten":                              {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /gesprekken/{id}/antwoord":                             {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"GET /berichten/{id}":                                        {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /berichten/{id}/draad":                                  {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /berichten/{id}/reacties":                              {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"POST /berichten/{id}/stem":                                  {"UUFFFFKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
	"GET /berichten/{id}/wijzig":                                 {"UUFFFFFFFF", "UUNNNNFFFF", "UUNNNNFFFF"},
	"POST /berichten/{id}/wijzig":                                {"UUFFFFFFFF", "UUNNNNFFFF", "UUNNNNFFFF"},
	"GET /berichten/{id}/verwijder":                              {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"POST /berichten/{id}/verwijder":                             {"UUFFFFFFKK", "UUNNNNFFKK", "UUNNNNFFKK"},
	"GET /berichten/{id}/versies":                                {"UUKKKKKKKK", "UUNNNNKKKK", "UUNNNNKKKK"},
}

// ofOneself are the addresses that are about whoever asks, and about nobody who
// could be out of reach: they have tests of their own beside their pages.
var ofOneself = []string{
	"GET /aanmelden", "POST /aanmelden", "GET /aanmelden/{token}", "POST /aanmelden/{token}", "GET /uitnodiging/{code}", "POST /uitnodiging/{code}",
	"POST /uitgang", "POST /demo", "GET /{$}", "GET /ruimtes", "POST /ruimtes", "GET /ruimtes/nieuw", "GET /vragen", "GET /meldingen", "POST /meldingen/gelezen",
	"GET /zoeken", "GET /mensen/{person}", "POST /mensen/{person}/gesprek", "GET /instellingen", "POST /instellingen", "GET /instellingen/profiel",
	"POST /instellingen/profiel", "GET /instellingen/tokens", "POST /instellingen/tokens", "GET /instellingen/tokens/{token}/intrekken",
	"POST /instellingen/tokens/{token}/intrekken", "GET /afmelden/{token}", "GET /toegankelijkheid",
}

// fields are what the form of an address sends.
var fields = map[string][]string{
	"POST /ruimtes/{space}/leden/{person}": {"role", "coach"},
	"POST /ruimtes/{space}/volgen":         {"level", "all"},
	"POST /ruimtes/{space}/uitnodigingen":  {"what", "link", "uses", "3", "expires_at", "7"},
	"POST /ruimtes/{id}/gesprekken":        {"kind", "discussion", "title", "Nieuw", "body", "Iets nieuws."},
	"POST /gesprekken/{id}/berichten":      {"body", "Ik ook."},
	"POST /gesprekken/{id}/volgen":         {"level", "all"},
	"POST /gesprekken/{id}/wijzig":         {"title", "Anders"},
	"POST /berichten/{id}/reacties":        {"emoji", "👍"},
	"POST /berichten/{id}/wijzig":          {"body", "Anders."},
}

// ground is a space of a visibility with somebody of each kind around it.
type ground struct {
	*pagetest.Group
	visibility community.Visibility
	people     map[byte]community.Actor
	// author wrote what there is; second manages as well, so that a manager can go.
	author, second community.Actor
	places         int
}

func TestEveryAddressForEveryone(t *testing.T) {
	g := pagetest.NewGroup(t)
	for i, visibility := range []community.Visibility{community.Open, community.Closed, community.Hidden} {
		ground := layOut(g, visibility)
		for _, address := range slices.Sorted(maps.Keys(matrix)) {
			answers := matrix[address]
			ground.ask(t, address, answers[min(i, len(answers)-1)])
		}
	}
}

// Every address stands in the matrix, or is about oneself.
func TestTheMatrixHasEveryAddress(t *testing.T) {
	source, err := os.ReadFile("frontend.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?:everyone|members)\("((?:GET|POST) /[^"]*)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 60 {
		t.Fatalf("only %d addresses were found", len(found))
	}
	for _, f := range found {
		if matrix[f[1]] == nil && !slices.Contains(ofOneself, f[1]) {
			t.Errorf("%s has no row", f[1])
		}
	}
}

func layOut(g *pagetest.Group, visibility community.Visibility) *ground {
	name := func(who string) string { return who + " " + string(visibility) }
	a := &ground{
		Group: g, visibility: visibility, people: map[byte]community.Actor{'M': g.Manager}, author: g.Person(name("Auteur")), second: g.Person(name("Tweede")),
	}
	for letter, who := range map[byte]string{
		'o': "Olga", 'e': "Els", 'r': "Rik", 'm': "Mo", 'c': "Cas", 'f': "Fien",
	} {
		a.people[letter] = g.Person(name(who))
	}
	a.people['P'] = g.Person(name("Pia"), community.RoleAdmin)
	g.Join(g.Manager, g.NewSpace(name("Elders"), community.Closed, 0), a.people['e'], community.Manager)
	return a
}

// ask sends a request as everybody, those who can do least first, to a space of
// its own. Where the answer is that there is no such thing, it compares with
// what really is not there.
func (a *ground) ask(t *testing.T, address, expected string) {
	t.Helper()
	method, path, _ := strings.Cut(address, " ")
	there := a.place(t, path)
	absent := regexp.MustCompile(`^(/[a-z]+/)\d+`).ReplaceAllString(there.path, "${1}987654321")
	for i, letter := range []byte(people) {
		browser := a.browser(t, letter)
		send := func(path string) *pagetest.Page {
			if method == http.MethodGet {
				return browser.Get(path)
			}
			return browser.Post(path, a.fields(address, there)...)
		}
		got, want := send(there.path), expected[i]
		if !slices.Contains(statuses[want], got.Status) || toSignIn(got) != (want == 'U') || want == 'S' && strings.Contains(got.Body, title) {
			t.Errorf("%s by %c in %s space: %d to %q, want %c; it says:\n%s", address, letter, a.visibility, got.Status, got.To(), want, got.Main())
		}
		if want == 'N' {
			if missing := send(absent); missing.Status != got.Status || missing.Main() != got.Main() {
				t.Errorf("%s by %c in %s space: hidden says %q, absent says %d %q", address, letter, a.visibility, got.Main(), missing.Status, missing.Main())
			}
		}
		if want == 'K' && method == http.MethodPost {
			there = a.place(t, path) // what was done cannot be done again
		}
	}
}

// title stands in every space that is asked about.
const title = "Wat is dit?"

func (a *ground) browser(t *testing.T, letter byte) *pagetest.Browser {
	t.Helper()
	if letter == 'g' {
		return a.Guest()
	}
	browser := a.As(a.people[letter])
	if letter == 'D' {
		if err := a.Community.Disable(ctx, testkit.MailOf(a.people['D'].Name)); err != nil {
			t.Fatal(err)
		}
	}
	return browser
}

func toSignIn(p *pagetest.Page) bool {
	return p.Status == http.StatusUnauthorized || p.Status == http.StatusSeeOther && strings.HasPrefix(p.To(), "/aanmelden")
}

// place is what an address is about.
type place struct {
	path   string
	answer forum.Post
}

func (a *ground) fields(address string, at place) []string {
	switch address {
	case "POST /gesprekken/{id}/antwoord":
		return []string{"post", fmt.Sprint(at.answer.ID)}
	case "POST /ruimtes/{space}/instellingen":
		return []string{"name", "Anders", "visibility", string(a.visibility)}
	}
	return fields[address]
}

// place makes what an address is about, in a space of its own.
func (a *ground) place(t *testing.T, path string) place {
	t.Helper()
	a.places++
	a.people['D'] = a.Person(fmt.Sprintf("Daan %d %s", a.places, a.visibility))
	space := a.NewSpace("Doel", a.visibility, 0)
	a.Join(a.Manager, space, a.second, community.Manager)
	for letter, role := range map[byte]community.Role{'D': community.Member, 'r': community.Member, 'm': community.Member, 'c': community.Coach, 'f': community.Facilitator} {
		a.Join(a.Manager, space, a.people[letter], role)
	}
	a.Join(a.Manager, space, a.author, community.Member)
	if err := a.Community.RemoveMember(ctx, a.Manager, space.ID, a.people['r'].Person); err != nil {
		t.Fatal(err)
	}
	question := a.Start(a.author, space, forum.Question, title)
	answer := a.Post(a.author, question, "Dit.")
	invitation, err := a.Community.Invite(ctx, a.Manager, space.ID, community.NewInvitation{Uses: new(3)})
	if err != nil {
		t.Fatal(err)
	}
	id := question.ID
	switch {
	case strings.HasPrefix(path, "/ruimtes"):
		id = space.ID
	case strings.HasPrefix(path, "/berichten"):
		id = answer.ID
	}
	return place{answer: answer, path: strings.NewReplacer(
		"{space}", fmt.Sprint(space.ID), "{id}", fmt.Sprint(id), "{person}", fmt.Sprint(a.author.Person), "{invitation}", fmt.Sprint(invitation.ID),
	).Replace(path)}
}
