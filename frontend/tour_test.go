package frontend_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/browsertest"
	"leerkring/frontend/style"
)

// The people of the demo who look at the pages.
const (
	leader   = "Programmaleider van de regio"
	admin    = "Beheerder van het platform"
	member   = "Deelnemer van een pilot"
	newcomer = "Nieuwe collega, net uitgenodigd"
	guest    = ""
)

// visit is a page and who looks at it.
type visit struct {
	who, path string
	// then is script that brings the page in another state, named by state: a
	// menu that is open.
	state, then string
}

func (v visit) String() string { return strings.TrimSuffix(v.path+" "+v.state, " ") }

// tour returns a visit to every page there is, with what the demo holds.
func tour(t *testing.T, site *browsertest.Site) []visit {
	t.Helper()
	me := site.Actor(site.Who(leader))
	mine := func(path string) visit { return visit{who: leader, path: path} }
	space := spaceNamed(t, site, me, "Achterhoek leert")
	closed := spaceNamed(t, site, me, "Leergang Over de schutting, groep 4")
	at := community.SpacePath(space.ID)
	colleague := fmt.Sprintf("%s/leden/%d", at, site.Who(newcomer))
	invitation, err := site.Community.Invite(ctx, me, space.ID, community.NewInvitation{Uses: new(3)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Community.CreateToken(ctx, me.Person, "Rooster", community.ScopeRead); err != nil {
		t.Fatal(err)
	}
	tokens, err := site.Community.MyTokens(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := site.Community.MyMail(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Community.RequestSignIn(ctx, community.SignInRequest{Mail: mail}); err != nil {
		t.Fatal(err)
	}

	var visits []visit
	for _, path := range style.Paths() {
		visits = append(visits, visit{who: guest, path: path})
	}
	visits = append(visits,
		mine("/"), visit{who: newcomer, path: "/"}, mine("/ruimtes"), visit{who: newcomer, path: "/ruimtes"}, mine("/ruimtes/nieuw"), visit{who: admin, path: "/ruimtes/nieuw"},
		mine(at), mine(at+"?onderwerp=geenzin"), mine(at+"/vragen"), mine(at+"/vragen?welke=open"), mine(at+"/kennis"), mine(at+"/chat"),
		mine(community.SpacePath(closed.ID)), mine(at+"/leden"), mine(at+"/leden?q=niemandheetzo"), mine(colleague), mine(colleague+"?weg=1"),
		mine(at+"/vertrek"), mine(at+"/instellingen"), mine(at+"/uitnodigingen"),
		mine(fmt.Sprintf("%s/uitnodigingen/%d/intrekken", at, invitation.ID)),
		mine("/vragen"), mine("/vragen?welke=alle"), visit{who: newcomer, path: "/vragen?welke=mijn"}, mine("/meldingen"), visit{who: newcomer, path: "/meldingen?welke=nieuw"},
		mine("/zoeken"), mine("/zoeken?q=gesprek"), mine("/zoeken?q=xyzzyplugh"), mine("/zoeken?q=karin"),
		mine(fmt.Sprintf("/mensen/%d", site.Who(newcomer))), mine(fmt.Sprintf("/mensen/%d", me.Person)),
		mine("/instellingen"), mine("/instellingen/profiel"), mine("/instellingen/tokens"),
		mine(fmt.Sprintf("/instellingen/tokens/%d/intrekken", tokens[0].ID)),
		mine("/toegankelijkheid"), visit{who: guest, path: "/toegankelijkheid"}, mine("/nergens"), visit{who: guest, path: "/nergens"},
		visit{who: guest, path: "/aanmelden"}, visit{who: guest, path: "/aanmelden/onzin"}, visit{who: guest, path: "/uitnodiging/" + invitation.Code}, visit{who: guest, path: "/uitnodiging/onzin"},
		visit{who: newcomer, path: "/uitnodiging/" + invitation.Code}, visit{who: guest, path: stopAddress(t, site, mail)},
	)
	for _, kind := range []forum.Kind{forum.Channel, forum.Discussion, forum.Question, forum.Article} {
		streams, _, err := site.Forum.Streams(ctx, me, space.ID, forum.StreamQuery{Kind: kind}, community.Page{Limit: 1})
		if err != nil || len(streams) == 0 {
			t.Fatalf("no %s in the demo: %v", kind, err)
		}
		visits = append(visits, mine(at+"/nieuw?soort="+string(kind)), mine(forum.StreamPath(streams[0].ID)), mine(forum.StreamPath(streams[0].ID)+"/wijzig"))
		if kind != forum.Discussion {
			continue
		}
		post, err := site.Forum.Post(ctx, me, forum.PostInput{Stream: streams[0].ID, Body: "Van mij, en **nadrukkelijk**."})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := site.Forum.Edit(ctx, me, post.ID, forum.EditInput{Body: "Van mij, en *schuin*."}); err != nil {
			t.Fatal(err)
		}
		own := forum.PostPath(post.ID)
		visits = append(visits, mine(own), mine(own+"/wijzig"), mine(own+"/verwijder"), mine(own+"/versies"), mine(own+"/draad"))
	}
	return visits
}

func spaceNamed(t *testing.T, site *browsertest.Site, actor community.Actor, name string) community.Space {
	t.Helper()
	spaces, _, err := site.Community.Spaces(ctx, actor, community.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spaces {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the demo has no space %q", name)
	return community.Space{}
}

// stopAddress is the link in the head of somebody's digest.
func stopAddress(t *testing.T, site *browsertest.Site, mail string) string {
	t.Helper()
	message, err := site.Notify.Preview(ctx, mail)
	if err != nil {
		t.Fatal(err)
	}
	head := strings.ReplaceAll(string(message), "\r\n ", "")
	link := regexp.MustCompile(`List-Unsubscribe: ?<` + regexp.QuoteMeta(site.URL) + `([^>]+)>`).FindStringSubmatch(head)
	if link == nil {
		t.Fatal("the digest has no link to stop it")
	}
	return link[1]
}

// states returns pages in the states that one brings them in with script.
func states(t *testing.T, site *browsertest.Site) []visit {
	t.Helper()
	me := site.Actor(site.Who(leader))
	space := spaceNamed(t, site, me, "Achterhoek leert")
	channels, _, err := site.Forum.Streams(ctx, me, space.ID, forum.StreamQuery{Kind: forum.Channel}, community.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	channel := forum.StreamPath(channels[0].ID)
	state := func(path, name, then string) visit { return visit{who: leader, path: path, state: name, then: then} }
	return []visit{
		state("/", "menu", `() => { document.querySelector('[data-open-menu]').click(); return '' }`),
		state(channel, "menu", `() => { document.querySelector('[data-menu-box] summary').click(); return '' }`),
		state(channel, "bericht", `async () => {
			document.querySelector('.lk-place:last-child .lk-post-more').click()
			while (!document.querySelector('.lk-sheet--free')) await new Promise((done) => setTimeout(done, 20))
			return ''
		}`),
		state("/vragen", "waar", `() => { document.querySelector('[data-menu-box] summary').click(); return '' }`),
	}
}
