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

// stream returns a stream as a reader has it.
func (s *table) stream(t *testing.T, reader *browsertest.Reader, of forum.Stream) forum.Stream {
	t.Helper()
	stream, err := s.Forum.Stream(ctx, reader.Actor, of.ID)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// untilSeen waits until a reader has seen all of a stream.
func (s *table) untilSeen(t *testing.T, reader *browsertest.Reader, of forum.Stream) {
	t.Helper()
	browsertest.Until(t, "it is seen", func() bool { return s.stream(t, reader, of).Unread == 0 })
}

func (s *table) untilRead(t *testing.T, p *browsertest.Page, reader *browsertest.Reader) {
	t.Helper()
	p.Until("the counts are gone", `() => !document.querySelector('.lk-side [data-space] .lk-count')`)
	s.untilSeen(t, reader, s.channel)
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
	for anna.Number(`() => document.querySelectorAll('[data-older]').length`) > 0 {
		// What one reads stays where it is when older posts come in above.
		moved := anna.Number(`async () => {
			const box = document.querySelector('[data-scroller]')
			const count = () => document.querySelectorAll('[data-live] [data-post]').length
			const was = count()
			box.scrollTop = -box.scrollHeight
			const first = document.querySelector('[data-live] [data-post] .lk-text')
			const at = first.getBoundingClientRect().top
			while (count() === was) await new Promise((done) => setTimeout(done, 25))
			return Math.abs(first.getBoundingClientRect().top - at)
		}`)
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
	if n := s.stream(t, s.anna, s.channel).Unread; n != 120 {
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
	anna.Press(box, input.Enter)
	if got := anna.Value(value); got != "Dag @Bram Bos " {
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
	anna.Press(box, input.ArrowUp)
	anna.Until("the text is there with the name", `() => document.querySelector('[data-edit] textarea')?.value === 'Dag @Bram Bos en welkom'`)
	anna.Type("[data-edit] textarea", "!")
	anna.Press("[data-edit] textarea", input.Enter)
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
	if err := s.Forum.Seen(ctx, s.bram.Actor, discussion.ID, s.stream(t, s.bram, discussion).Rev); err != nil {
		t.Fatal(err)
	}
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

	// The same as the page made anew: for one who reads along, and so has seen it ...
	read := func() string {
		return strings.Join(strings.Fields(bram.Value(`() => document.querySelector('[data-live]').innerText`)), " ")
	}
	live := read()
	s.untilSeen(t, s.bram, discussion)
	bram.Go(path)
	bram.Live()
	if fresh := read(); fresh != live {
		t.Errorf("live: %s\nanew: %s", live, fresh)
	}
}

// ... and for one who does not, to whom it is new.
func TestWhatIsNewIsMarkedAsOnThePageAnew(t *testing.T) {
	s := newTable(t)
	discussion := s.start(t, s.lead, forum.Discussion, "Wat werkt er?")
	first := s.Post(s.bram.Actor, discussion.ID, strings.Repeat("Een lang verhaal.\n\n", 60))
	s.Post(s.lead, discussion.ID, "Al gelezen")
	if err := s.Forum.Seen(ctx, s.bram.Actor, discussion.ID, s.stream(t, s.bram, discussion).Rev); err != nil {
		t.Fatal(err)
	}
	path := forum.StreamPath(discussion.ID)
	bram := s.bram.Open(path, browsertest.Phone)
	bram.Live()
	for i, parent := range []int64{0, first.ID, 0} {
		text := fmt.Sprintf("Nieuw %d", i+1)
		if _, err := s.Forum.Post(ctx, s.anna.Actor, forum.PostInput{Stream: discussion.ID, Body: text, Parent: parent}); err != nil {
			t.Fatal(err)
		}
		bram.Says(text)
	}
	list := `() => [...document.querySelectorAll('[data-live] .lk-newline, [data-live] .lk-new-mark, [data-live] [data-post]')].map((e) => e.dataset.post || e.innerText).join(' ')`
	live := bram.Value(list)
	bram.Go(path)
	bram.Live()
	if fresh := bram.Value(list); fresh != live {
		t.Errorf("live: %s\nanew: %s", live, fresh)
	}
	if !strings.Contains(live, "Nieuw voor jou") {
		t.Error("nothing is marked as new: ", live)
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
