package journey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"leerkring/forum"
	"leerkring/frontend/browsertest"
)

// The session ends while somebody is typing: nothing of it is lost, and it is
// sent once after they sign in again.
func TestTheSessionEndsWhileTyping(t *testing.T) {
	s := newTable(t)
	path := forum.StreamPath(s.channel.ID)
	bram := s.bram.Open(path, browsertest.Desk)
	bram.Live()
	bram.Type(box, "Half af")
	if err := s.Community.SignOutEverywhere(ctx, s.bram.Actor); err != nil {
		t.Fatal(err)
	}
	bram.Says("Je bent niet meer aangemeld")
	bram.Type(box, ", nu wel")
	bram.Find(box).MustType(input.Enter)
	bram.Until("it waits", `() => document.querySelector('.is-pending')?.textContent.includes('Half af, nu wel')`)
	bram.Type(box, "En dit is nog niet af")
	link := bram.Value(`() => document.querySelector('[data-notice=ended] a').getAttribute('href')`)
	if !strings.HasPrefix(link, "/aanmelden?next=%2Fgesprekken") {
		t.Error("the way back is", link)
	}

	s.bram.SignIn()
	bram.Go(path)
	bram.Until("it is sent", `() => [...document.querySelectorAll('[data-live] [data-post]')].some((e) => e.textContent.includes('Half af, nu wel'))`)
	bram.Until("nothing waits any more", `() => !document.querySelector('.is-pending')`)
	if got := bram.Value(`() => document.querySelector('#schrijf textarea').value`); got != "En dit is nog niet af" {
		t.Errorf("the box holds %q", got)
	}
	bram.Go(path)
	bram.Live()
	if bodies := s.said(t, s.channel); len(bodies) != 1 || bodies[0] != "Half af, nu wel" {
		t.Errorf("kept is %q", bodies)
	}
}

// Who signs out leaves nothing at the desk, and the next one there is shown
// nothing of somebody else.
func TestTheNextOneAtTheDeskSeesNothing(t *testing.T) {
	s := newTable(t)
	path := forum.StreamPath(s.channel.ID)
	desk := s.anna.Open(path, browsertest.Desk)
	desk.Live()
	desk.Type(box, "Geheim van Anna")
	desk.Until("it is kept", `() => JSON.stringify(localStorage).includes('Geheim van Anna')`)

	s.anna.Become(s.bram.Actor.Person) // her session ended, he signs in
	desk.Go(path)
	desk.Live()
	if got := desk.Value(`() => document.querySelector('#schrijf textarea').value`); got != "" {
		t.Errorf("the next one sees %q", got)
	}
	desk.Page.MustEval(`() => {
		const form = Object.assign(document.createElement('form'), {method: 'post', action: '/uitgang'})
		document.body.append(form)
		form.append(Object.assign(document.createElement('button'), {type: 'submit'}))
		form.lastChild.click()
	}`)
	desk.Until("he is out", `() => location.pathname === '/aanmelden'`)
	if got := desk.Value(`() => Object.keys(localStorage).join()`); got != "" {
		t.Error("the desk keeps", got)
	}
}

// What is refused stays with its writer, with the reason.
func TestWhatIsRefusedIsNotLost(t *testing.T) {
	s := newTable(t)
	bram := s.bram.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	bram.Live()
	send(bram, strings.Repeat("x", 20_001))
	bram.Says("Niet verstuurd. Niet alles is goed ingevuld")
	bram.Click(".lk-pending-do:nth-of-type(2)")
	if got := bram.Value(`() => String(document.querySelector('#schrijf textarea').value.length)`); got != "20001" {
		t.Error("the box holds", got, "characters")
	}
	bram.Find(box).MustSelectAllText().MustInput("Kort")
	yes, no := true, false
	if _, err := s.Forum.ChangeStream(ctx, s.lead, s.channel.ID, forum.StreamChange{Closed: &yes}); err != nil {
		t.Fatal(err)
	}
	bram.Says("Dit gesprek is gesloten")
	if got := bram.Value(`() => document.querySelector('#schrijf textarea').value`); got != "Kort" {
		t.Errorf("when the stream was closed the box held %q", got)
	}
	if _, err := s.Forum.ChangeStream(ctx, s.lead, s.channel.ID, forum.StreamChange{Closed: &no}); err != nil {
		t.Fatal(err)
	}
	bram.Until("one can write again", `() => document.querySelector('#schrijf button[type=submit]')?.disabled === false`)
	bram.Find(box).MustType(input.Enter)
	bram.Until("it is there", `() => [...document.querySelectorAll('[data-live] [data-post]')].some((e) => e.textContent.includes('Kort'))`)
}

// Missing more than can be caught up with, a page loads its list anew.
func TestMissingTooMuch(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes some hundreds of posts")
	}
	s := newTable(t)
	s.Post(s.lead, s.channel.ID, "Het begin")
	bram := s.bram.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	bram.Live()
	bram.Type(box, "Onderweg")
	s.Stop()
	bram.Until("the line is gone", `() => !document.querySelector('.is-live')`)
	s.Serve()
	for i := range 520 {
		s.Post(s.lead, s.channel.ID, fmt.Sprintf("Bericht %d.", i+1))
	}
	bram.Live()
	bram.Until("the list is new", `() => document.querySelectorAll('[data-live] [data-post]').length >= 50`)
	posts := s.all(t, s.channel)
	got := strings.Fields(bram.Value(ids))
	if whole := idsOf(posts); !strings.Contains(whole, strings.Join(got, " ")) {
		t.Error("the list has a gap:", got)
	}
	if typed := bram.Value(`() => document.querySelector('#schrijf textarea').value`); typed != "Onderweg" {
		t.Errorf("the box holds %q", typed)
	}
}
