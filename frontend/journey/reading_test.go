package journey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"leerkring/forum"
	"leerkring/frontend/browsertest"
)

func (s *table) fill(n int) {
	for i := range n {
		s.Post(s.lead, s.channel.ID, fmt.Sprintf("Bericht %d.", i+1))
	}
}

func (s *table) seen(t *testing.T, reader *browsertest.Reader) int {
	t.Helper()
	stream, err := s.Forum.Stream(ctx, reader.Actor, s.channel.ID)
	if err != nil {
		t.Fatal(err)
	}
	return stream.Unread
}

func (s *table) untilRead(t *testing.T, p *browsertest.Page, reader *browsertest.Reader) {
	t.Helper()
	p.Until("the counts are gone", `() => !document.querySelector('.lk-side [data-space] .lk-count')`)
	if n := s.seen(t, reader); n != 0 {
		t.Errorf("%d posts are still unread", n)
	}
}

const shown = `(n) => [...document.querySelectorAll('[data-live] [data-post]')].some((e) => e.innerText.includes('Bericht ' + n + '.'))`

func TestOlderPostsComeWhileScrollingUp(t *testing.T) {
	s := newTable(t)
	s.fill(130)
	if err := s.Forum.Seen(ctx, s.anna.Actor, s.channel.ID, 130); err != nil {
		t.Fatal(err)
	}
	anna := s.anna.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	anna.Live()
	anna.Until("it opens at the end", `() => { const r = document.querySelector('[data-live] li:last-child').getBoundingClientRect(); return r.bottom <= innerHeight && r.top > 0 }`)
	anna.Front()
	for range 3 {
		// What one reads stays where it is when older posts come in above.
		moved := anna.Page.MustEval(`async () => {
			const box = document.querySelector('[data-scroller]')
			const count = () => document.querySelectorAll('[data-live] [data-post]').length
			const was = count()
			box.scrollTop = -box.scrollHeight
			const first = document.querySelector('[data-live] [data-post]')
			const at = first.getBoundingClientRect().top
			for (let i = 0; i < 400 && count() === was; i++) await new Promise((done) => setTimeout(done, 25))
			return count() === was ? 0 : Math.abs(first.getBoundingClientRect().top - at)
		}`).Num()
		if moved > 2 {
			t.Errorf("the line one reads moved %v px", moved)
		}
	}
	anna.Until("all are there", `() => document.querySelectorAll('[data-live] [data-post]').length === 130`)
	if got, want := anna.Value(ids), idsOf(s.all(t, s.channel)); got != want {
		t.Error("the list is not whole and in order")
	}
	anna.Until("the way to the newest is shown", `() => !document.querySelector('.lk-to-new').hidden`)

	// A post of somebody else moves nothing either, and is counted.
	s.Post(s.lead, s.channel.ID, "Bericht 131.")
	anna.Until("it is counted", `() => document.querySelector('.lk-to-new').innerText === '1 nieuw'`)
	anna.Click(".lk-to-new")
	anna.Until("the newest is in sight", `() => { const r = document.querySelector('[data-live] li:last-child').getBoundingClientRect(); return r.bottom <= innerHeight }`)
	s.untilRead(t, anna, s.anna)
}

func TestItOpensAtTheFirstNewPost(t *testing.T) {
	s := newTable(t)
	s.fill(10)
	if err := s.Forum.Seen(ctx, s.anna.Actor, s.channel.ID, 10); err != nil {
		t.Fatal(err)
	}
	s.fill(120)
	anna := s.anna.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	anna.Live()
	anna.Until("the line of what is new is at the top", `() => { const r = document.querySelector('.lk-newline').getBoundingClientRect(); return r.top > 0 && r.top < innerHeight / 2 }`)
	if n := s.seen(t, s.anna); n != 120 {
		t.Errorf("opening it left %d of 120 unread", n)
	}
	anna.Click(".lk-to-new")
	anna.Until("the newest is loaded", shown, 120)
	anna.Until("and in sight", `() => { const r = document.querySelector('[data-live] li:last-child').getBoundingClientRect(); return r.bottom <= innerHeight }`)
	s.untilRead(t, anna, s.anna)
}

func TestCountsFollowOnEveryPage(t *testing.T) {
	s := newTable(t)
	question := s.start(t, s.anna.Actor, forum.Question, "Hoe leg je dit uit?")
	desk := s.anna.Open(forum.StreamPath(question.ID), browsertest.Desk)
	desk.Live()
	s.Post(s.lead, s.channel.ID, "Nieuws")
	desk.Until("the space counts one", `() => document.querySelector('.lk-side [data-space] .lk-count')?.innerText.includes('1')`)
	s.Post(s.bram.Actor, question.ID, fmt.Sprintf("Vraag het @[%d]!", s.anna.Actor.Person))
	desk.Until("the inbox counts one", `() => document.querySelector('.lk-side [data-inbox] .lk-count')?.innerText.includes('1')`)
	desk.Says("Vraag het @Anna Aalbers")
}

func TestNamingSomebody(t *testing.T) {
	s := newTable(t)
	anna := s.anna.Open(forum.StreamPath(s.channel.ID), browsertest.Desk)
	anna.Live()
	anna.Type(box, "Dag @br")
	anna.Until("he is suggested", `() => document.querySelector('.lk-suggest:not([hidden]) [aria-selected=true]')?.innerText.includes('Bram Bos')`)
	anna.Find(box).MustType(input.Enter)
	if got := anna.Value(`() => document.querySelector('#schrijf textarea').value`); got != "Dag @Bram Bos " {
		t.Errorf("the box holds %q", got)
	}
	anna.Go(forum.StreamPath(s.channel.ID)) // a draft keeps who is meant
	anna.Live()
	send(anna, "en welkom")
	anna.Says("Dag @Bram Bos en welkom")
	anna.Until("it has arrived", `() => document.querySelector('[data-live] .mention')`)
	if got, want := s.said(t, s.channel)[0], fmt.Sprintf("Dag @[%d] en welkom", s.bram.Actor.Person); got != want {
		t.Errorf("kept is %q, want %q", got, want)
	}
	// Editing shows the name as well, and keeps who is meant.
	anna.Find(box).MustType(input.ArrowUp)
	anna.Until("the text is there with the name", `() => document.querySelector('[data-edit] textarea')?.value === 'Dag @Bram Bos en welkom'`)
	anna.Find("[data-edit] textarea").MustInput("!").MustType(input.Enter)
	anna.Says("Dag @Bram Bos en welkom!")
	if got, want := s.said(t, s.channel)[0], fmt.Sprintf("Dag @[%d] en welkom!", s.bram.Actor.Person); got != want {
		t.Errorf("kept is %q, want %q", got, want)
	}
}

func TestAThreadBesideItsChannel(t *testing.T) {
	s := newTable(t)
	root := s.Post(s.lead, s.channel.ID, "Wie gaat er mee?")
	path := forum.StreamPath(s.channel.ID)
	anna, bram := s.anna.Open(path, browsertest.Desk), s.bram.Open(path, browsertest.Desk)
	anna.Live()
	bram.Live()

	openSheet(bram, root.ID)
	bram.Click(`.lk-sheet a[href$="/draad"]`)
	bram.Says("Je antwoordt Mieke Leider")
	send(bram, "Ik ga mee")
	anna.Says("In antwoord op")
	anna.Says("1 reactie")
	anna.Click("[data-thread]")
	anna.Until("the thread is beside it", `() => document.querySelector('.lk-aside [data-thread-of]')?.innerText.includes('Ik ga mee')`)
	anna.Type(".lk-aside textarea", "Gezellig")
	anna.Click(".lk-aside form button[type=submit]")
	bram.Says("2 reacties")
	anna.Until("it stands in both", `() => [...document.querySelectorAll('[data-live]')].every((list) => [...list.querySelectorAll('[data-post]')].some((e) => e.innerText.includes('Gezellig')))`)
	if twice := anna.Value(`() => { const all = [...document.querySelectorAll('[id]')].map((e) => e.id); return all.filter((id, i) => all.indexOf(id) !== i).join() }`); twice != "" {
		t.Error("ids stand twice:", twice)
	}
	anna.Click("[data-close-thread]")
	anna.Until("it is closed", `() => !document.querySelector('[data-thread-of]')`)
}

func TestRepliesInADiscussionComeInPlace(t *testing.T) {
	s := newTable(t)
	discussion := s.start(t, s.lead, forum.Discussion, "Wat werkt er?")
	first := s.Post(s.bram.Actor, discussion.ID, "Eerste")
	s.Post(s.lead, discussion.ID, "Tweede")
	path := forum.StreamPath(discussion.ID)
	anna, bram := s.anna.Open(path, browsertest.Desk), s.bram.Open(path, browsertest.Desk)
	anna.Live()
	bram.Live()
	openSheet(anna, first.ID)
	anna.Click(`.lk-sheet a[href$="/draad"]`)
	anna.Type(box, "Onder de eerste")
	anna.Click("#schrijf button[type=submit]")
	bram.Until("it stands under the first", `(id) => document.querySelector('[data-post="' + id + '"]').closest('li').querySelector('.lk-replies')?.innerText.includes('Onder de eerste')`, first.ID)
	bram.Until("without saying whom it answers", `() => !document.querySelector('[data-live] .lk-post-to')`)
	anna.Until("hers has arrived", `() => !document.querySelector('.is-pending')`)

	// The same as the page made anew.
	live := strings.Join(strings.Fields(bram.Value(`() => document.querySelector('[data-live]').innerText`)), " ")
	bram.Go(path)
	bram.Live()
	if fresh := strings.Join(strings.Fields(bram.Value(`() => document.querySelector('[data-live]').innerText`)), " "); strings.ReplaceAll(fresh, "Nieuw voor jou ", "") != strings.ReplaceAll(live, "Nieuw voor jou ", "") {
		t.Errorf("live: %s\nanew: %s", live, fresh)
	}
}

func TestChoosingAnAnswerIsSeenByOthers(t *testing.T) {
	s := newTable(t)
	question := s.start(t, s.anna.Actor, forum.Question, "Hoe leg je dit uit?")
	s.Post(s.lead, question.ID, "Misschien zo")
	best := s.Post(s.bram.Actor, question.ID, "Zo doe je dat")
	path := forum.StreamPath(question.ID)
	anna, bram := s.anna.Open(path, browsertest.Desk), s.bram.Open(path, browsertest.Desk)
	anna.Live()
	bram.Live()
	bram.Says("2 antwoorden")
	openSheet(anna, best.ID)
	anna.Click(`.lk-sheet form[action$="/antwoord"] button`)
	bram.Says("Dit antwoord hielp")
	bram.Until("it stands on top, once", `(id) => document.querySelectorAll('[data-post="' + id + '"]').length === 1 && document.querySelector('[data-part=answer] [data-post="' + id + '"]')`, best.ID)
	bram.Says("Nog 1 ander antwoord")
	bram.Says("Beantwoord")
	bram.Click(fmt.Sprintf(`[data-post="%d"] form[action$="/stem"] button`, best.ID))
	anna.Says("Zo doe je dat")
	anna.Until("the vote is counted", `(id) => /Nuttig\s*1/.test(document.querySelector('[data-post="' + id + '"]').innerText)`, best.ID)
}
