// Package journey walks through the live pages with a real browser, as two people
// at two desks do.
package journey

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/browsertest"
)

var ctx = context.Background()

func TestMain(m *testing.M) { browsertest.Main(m) }

// table is a group of two members and who leads them, with a channel, each at a
// browser of their own.
type table struct {
	*browsertest.Site
	lead       community.Actor
	anna, bram *browsertest.Reader
	space      community.Space
	channel    forum.Stream
}

func newTable(t *testing.T) *table {
	t.Helper()
	browser := browsertest.Chromium(t)
	s := &table{Site: browsertest.Start(t)}
	s.lead = s.Person("Mieke Leider", "mieke@voorbeeldstad.example", community.RoleAdmin)
	anna := s.Person("Anna Aalbers", "anna@voorbeeldstad.example", community.RoleMember)
	bram := s.Person("Bram Bos", "bram@voorbeeldstad.example", community.RoleMember)
	space, err := s.Community.MakeSpace(ctx, s.lead, community.NewSpace{Name: "Pilot Samen wonen", Kind: community.KindCommunity, Visibility: community.Closed})
	if err != nil {
		t.Fatal(err)
	}
	s.space = space
	for _, p := range []community.Actor{anna, bram} {
		if _, err := s.Community.PutMember(ctx, s.lead, space.ID, p.Person, community.Member); err != nil {
			t.Fatal(err)
		}
	}
	s.channel = s.start(t, s.lead, forum.Channel, "Algemeen")
	s.anna, s.bram = s.Reader(browser, anna.Person), s.Reader(browser, bram.Person)
	return s
}

func (s *table) start(t *testing.T, author community.Actor, kind forum.Kind, title string) forum.Stream {
	t.Helper()
	in := forum.NewStream{Kind: kind, Title: title}
	if kind != forum.Channel {
		in.Body = "Hoe doen jullie dit in de wijk?"
	}
	stream, err := s.Forum.Start(ctx, author, s.space.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// all returns the posts of a stream as they are kept.
func (s *table) all(t *testing.T, stream forum.Stream) []forum.Post {
	t.Helper()
	var posts []forum.Post
	for before := int64(0); ; before = posts[0].ID {
		page, err := s.Forum.Posts(ctx, s.lead, stream.ID, forum.PostQuery{Before: before, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		if posts = append(page.Posts, posts...); len(page.Posts) < 200 {
			return posts
		}
	}
}

// newest returns the id of the last post.
func (s *table) newest(t *testing.T, stream forum.Stream) int64 {
	t.Helper()
	posts := s.all(t, stream)
	return posts[len(posts)-1].ID
}

// said returns the bodies of a stream.
func (s *table) said(t *testing.T, stream forum.Stream) (bodies []string) {
	t.Helper()
	for _, p := range s.all(t, stream) {
		bodies = append(bodies, p.Body)
	}
	return bodies
}

const box = "#schrijf textarea"

// send writes in the box of a channel and presses Enter.
func send(p *browsertest.Page, text string) {
	p.Type(box, text)
	p.Press(box, input.Enter)
}

// ids are the posts of the page's list, in their order.
const ids = `() => [...document.querySelectorAll('[data-live] [data-post]')].map((e) => e.dataset.post).join(' ')`

func idsOf(posts []forum.Post) string {
	var s []string
	for _, p := range posts {
		s = append(s, fmt.Sprint(p.ID))
	}
	return strings.Join(s, " ")
}

// openSheet opens what can be done with a post.
func openSheet(p *browsertest.Page, post int64) {
	p.Click(fmt.Sprintf(`[data-live] [data-post="%d"] [data-popover]`, post))
	p.Find(".lk-sheet .lk-menu-item")
}

func TestTwoPeopleTalk(t *testing.T) {
	s := newTable(t)
	path := forum.StreamPath(s.channel.ID)
	anna, bram := s.anna.Open(path, browsertest.Desk), s.bram.Open(path, browsertest.Phone)
	anna.Live()
	bram.Live()

	send(anna, "Wie gaat er **mee** naar Aalten?")
	bram.Says("Wie gaat er mee naar Aalten?")
	bram.Says("Anna Aalbers")
	anna.Until("what was on its way has arrived", `() => !document.querySelector('.is-pending')`)
	anna.Says("2 hier")

	bram.Type(box, "Ik!")
	anna.Says("Bram typt…")
	bram.Click("#schrijf button[type=submit]") // Enter is a new line on a phone
	anna.Says("Ik!")
	anna.Until("he types no more", `() => !document.querySelector('.lk-typing').textContent`)

	posts := s.all(t, s.channel)
	if len(posts) != 2 {
		t.Fatalf("kept %v", s.said(t, s.channel))
	}
	openSheet(bram, posts[0].ID)
	bram.Click(`.lk-sheet .lk-emoji [value="💡"]`)
	bram.Until("his own reaction is marked", `() => document.querySelector('.lk-chip[value="💡"]')?.getAttribute('aria-pressed') === 'true'`)
	anna.Until("she sees the reaction", `() => /1/.test(document.querySelector('.lk-chip[value="💡"][aria-pressed=false]')?.textContent)`)

	openSheet(anna, posts[0].ID)
	anna.Click(`.lk-sheet a[href$="/wijzig"]`)
	anna.Replace("[data-edit] textarea", "Wie gaat er mee naar Bredevoort?")
	anna.Click("[data-edit] button[type=submit]")
	bram.Says("Wie gaat er mee naar Bredevoort?")
	bram.Says("bewerkt")
	anna.Until("the form is gone", `() => !document.querySelector('[data-edit]')`)

	openSheet(anna, posts[0].ID)
	anna.Click(`.lk-sheet a[href$="/verwijder"]`)
	anna.Click(`.lk-sheet form[action$="/verwijder"] button[type=submit]`)
	bram.Says("Dit bericht is verwijderd")
	bram.Lacks("Bredevoort")

	want := idsOf(s.all(t, s.channel))
	for name, p := range map[string]*browsertest.Page{"anna": anna, "bram": bram} {
		if got := p.Value(ids); got != want {
			t.Errorf("%s has %s, kept is %s", name, got, want)
		}
	}
}

func TestOneIsCutOffAndComesBackComplete(t *testing.T) {
	s := newTable(t)
	s.Post(s.lead, s.channel.ID, "Voor de storing")
	path := forum.StreamPath(s.channel.ID)
	bram := s.bram.Open(path, browsertest.Desk)
	bram.Live()

	s.Stop()
	bram.Until("the line is gone", `() => !document.querySelector('.is-live')`)
	send(bram, "Geschreven zonder verbinding")
	send(bram, "En nog een")
	bram.Until("both wait", `() => document.querySelectorAll('.is-pending').length === 2`)
	bram.Says("Even geen verbinding")

	s.Serve()
	for i := range 5 {
		s.Post(s.lead, s.channel.ID, fmt.Sprintf("Tijdens de storing %d", i+1))
	}
	bram.Live()
	bram.Says("Tijdens de storing 5")
	bram.Until("what waited is sent", `() => !document.querySelector('.is-pending')`)

	bodies := s.said(t, s.channel)
	for _, text := range []string{"Geschreven zonder verbinding", "En nog een"} {
		if n := strings.Count(strings.Join(bodies, "\n"), text); n != 1 {
			t.Errorf("%q is there %d times", text, n)
		}
	}
	if got, want := bram.Value(ids), idsOf(s.all(t, s.channel)); got != want {
		t.Errorf("he has %s, kept is %s", got, want)
	}
	bram.Until("the line is well", `() => !document.querySelector('[data-line]').textContent`)
}

func TestWhatIsTypedSurvivesLeaving(t *testing.T) {
	s := newTable(t)
	path := forum.StreamPath(s.channel.ID)
	anna := s.anna.Open(path, browsertest.Desk)
	anna.Live()
	anna.Type(box, "Nog niet af")
	anna.Go("/gesprekken/" + fmt.Sprint(s.channel.ID) + "/wijzig?elders")
	anna.Go(path)
	if got := anna.Value(value); got != "Nog niet af" {
		t.Errorf("the box holds %q", got)
	}

}
