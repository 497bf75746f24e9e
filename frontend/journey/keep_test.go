package journey

import (
	"math"
	"strings"
	"sync"
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
	bram.Press(box, input.Enter)
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
	if got := bram.Value(value); got != "En dit is nog niet af" {
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
	if got := desk.Value(value); got != "" {
		t.Errorf("the next one sees %q", got)
	}
	desk.Type(box, "Geheim van Bram") // it is not kept again while the page goes
	desk.Value(`() => {
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
	line := s.Behind()
	bram := s.bram.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	bram.Live()
	line.Hold()
	line.Cut()
	bram.Until("the line is gone", `() => !document.querySelector('.is-live')`)
	yes, no := true, false
	if _, err := s.Forum.ChangeStream(ctx, s.lead, s.channel.ID, forum.StreamChange{Closed: &yes}); err != nil {
		t.Fatal(err)
	}
	send(bram, "Net te laat")
	bram.Says("Niet verstuurd. Dit gesprek is gesloten")
	bram.Says("Net te laat")
	bram.Type(box, "Nog iets")
	line.Let()
	bram.Live()
	bram.Until("it is closed", `() => document.querySelector('[data-part=write]').innerText.includes('Dit gesprek is gesloten')`)
	if got := bram.Value(value); got != "Nog iets" {
		t.Errorf("when the stream was closed the box held %q", got)
	}
	bram.Press(box, input.Enter)
	if got := bram.Value(value); got != "Nog iets" {
		t.Errorf("after Enter in a closed stream the box holds %q", got)
	}
	bram.Click(".lk-pending-do:nth-of-type(2)")
	if got := bram.Value(value); got != "Net te laat\n\nNog iets" {
		t.Errorf("the box holds %q", got)
	}
	bram.Lacks("Niet verstuurd")

	if _, err := s.Forum.ChangeStream(ctx, s.lead, s.channel.ID, forum.StreamChange{Closed: &no}); err != nil {
		t.Fatal(err)
	}
	bram.Until("one can write again", `() => document.querySelector('#schrijf button[type=submit]')?.disabled === false`)
	bram.Lacks("Dit gesprek is gesloten")
	bram.Press(box, input.Enter)
	bram.Until("it is there", `() => [...document.querySelectorAll('[data-live] [data-post]')].some((e) => e.textContent.includes('Nog iets'))`)
	bram.Until("nothing waits", `() => !document.querySelector('.is-pending')`)
	if said := s.said(t, s.channel); len(said) != 1 {
		t.Errorf("kept is %q", said)
	}
}

// Missing more than can be caught up with, a page loads its list anew, where it
// is being read.
func TestMissingTooMuch(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes some hundreds of posts")
	}
	s := newTable(t)
	line := s.Behind()
	s.fill(60)
	if err := s.Forum.Seen(ctx, s.bram.Actor, s.channel.ID, 60); err != nil {
		t.Fatal(err)
	}
	bram := s.bram.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	bram.Live()
	bram.Type(box, "Onderweg")
	at := bram.Number(lastAt, 60)
	line.Hold()
	line.Cut()
	bram.Until("the line is gone", `() => !document.querySelector('.is-live')`)
	s.fillMany(t, 520)
	line.Let()
	bram.Live()
	bram.Until("newer posts are there", `() => document.querySelectorAll('[data-live] [data-post]').length > 60 || document.querySelector('[data-newer]')`)
	if now := bram.Number(lastAt, 60); math.Abs(now-at) > 2 {
		t.Errorf("what he read moved from %v to %v", at, now)
	}
	whole := idsOf(s.all(t, s.channel))
	if got := bram.Value(ids); !strings.Contains(whole, got) {
		t.Error("the list has a gap: ", got)
	}
	if typed := bram.Value(value); typed != "Onderweg" {
		t.Errorf("the box holds %q", typed)
	}
	bram.Click(".lk-to-new")
	bram.Until("the newest is there", `(id) => document.querySelector('[data-live] li:last-child [data-post="' + id + '"]')`, s.newest(t, s.channel))
	if typed := bram.Value(value); typed != "Onderweg" {
		t.Errorf("at the newest the box holds %q", typed)
	}
}

// value is what stands in the box of a channel.
const value = `() => document.querySelector('#schrijf textarea').value`

// lastAt is how far from the top the text of a post stands that says so.
const lastAt = `(n) => [...document.querySelectorAll('[data-live] .lk-text')].find((e) => e.innerText.includes('Bericht ' + n + '.')).getBoundingClientRect().top`

// fillMany writes posts into the channel, several at a time.
func (s *table) fillMany(t *testing.T, n int) {
	t.Helper()
	const writers = 20
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range n / writers {
				if _, err := s.Forum.Post(ctx, s.lead, forum.PostInput{Stream: s.channel.ID, Body: "En nog een."}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
