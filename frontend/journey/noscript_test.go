package journey

import (
	"fmt"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/browsertest"
)

func TestWithoutScriptEverythingCanBeDone(t *testing.T) {
	s := newTable(t)
	question := s.start(t, s.anna.Actor, forum.Question, "Hoe leg je DigiD uit?")
	answer := s.Post(s.lead, question.ID, "Zo doe je dat")
	anna := s.anna.Blank(browsertest.Phone)
	anna.WithoutScript()

	anna.Go(forum.StreamPath(s.channel.ID))
	anna.Type(box, "Zonder script")
	anna.Click("#schrijf button[type=submit]")
	anna.Says("Zonder script")
	post := s.all(t, s.channel)[0]
	anna.Click(fmt.Sprintf(`[data-post="%d"] [data-popover]`, post.ID))
	anna.Says("Bericht van Anna Aalbers")
	anna.Click(`a[href$="/wijzig"]`)
	anna.Type("[data-edit] textarea", ", en toch goed")
	anna.Click("[data-edit] button[type=submit]")
	anna.Says("Zonder script, en toch goed")
	anna.Click(fmt.Sprintf(`[data-post="%d"] [data-popover]`, post.ID))
	anna.Click(`.lk-emoji [value="👏"]`)
	anna.Until("the reaction is there", `() => document.querySelector('.lk-chip[value="👏"]')`)
	anna.Click(`.lk-chip[value="👏"]`)
	anna.Until("and gone", `() => document.querySelector('#schrijf') && !document.querySelector('.lk-chip')`)
	anna.Click(fmt.Sprintf(`[data-post="%d"] [data-popover]`, post.ID))
	anna.Click(`a[href$="/verwijder"]`)
	anna.Says("Dit bericht verwijderen?")
	anna.Click(`form[action$="/verwijder"] button[type=submit]`)
	anna.Says("Dit bericht is verwijderd")

	anna.Go(forum.StreamPath(question.ID))
	anna.Click(fmt.Sprintf(`[data-post="%d"] [data-popover]`, answer.ID))
	anna.Click(`form[action$="/antwoord"] button`)
	anna.Says("Mooi! Dit antwoord staat nu bovenaan.")
	anna.Click(fmt.Sprintf(`[data-post="%d"] form[action$="/stem"] button`, answer.ID))
	anna.Until("the vote is counted", `() => /Nuttig\s*1/.test(document.querySelector('[data-part=answer]')?.innerText)`)
	anna.Go(fmt.Sprintf("/berichten/%d/draad", answer.ID))
	anna.Type("#antwoord textarea", "Dank je")
	anna.Click("#antwoord button[type=submit]")
	anna.Says("Dank je")

	anna.Go(community.SpacePath(s.space.ID) + "/nieuw?soort=question")
	anna.Type("input[name=title]", "Hoe leg je DigiD anders uit?")
	anna.Type("textarea[name=body]", "Wie weet het?")
	anna.Click("main form button[type=submit]")
	anna.Says("Staat je antwoord er al?")
	anna.Click("main form button[type=submit]")
	anna.Says("Wie weet het?")
	anna.Says("Nog geen antwoord")
}

func TestAskingShowsWhatStandsThere(t *testing.T) {
	s := newTable(t)
	s.start(t, s.anna.Actor, forum.Question, "Hoe leg je uit dat een indicatie stopt?")
	bram := s.bram.Open(community.SpacePath(s.space.ID)+"/nieuw?soort=question", browsertest.Desk)
	bram.Type("input[name=title]", "Wat zeg je als de indicatie stopt?")
	bram.Until("what is like it is shown", `() => document.querySelector('[data-similar]').innerText.includes('Hoe leg je uit dat een indicatie stopt?')`)
	bram.Type("textarea[name=body]", "Wie weet het?")
	bram.Until("it is kept", `() => JSON.stringify(localStorage).includes('Wie weet het?')`)
	bram.Go(community.SpacePath(s.space.ID) + "/nieuw?soort=question")
	if got := bram.Value(`() => document.querySelector('textarea[name=body]').value`); got != "Wie weet het?" {
		t.Errorf("the form holds %q", got)
	}
	bram.Type("input[name=title]", " ")
	bram.Until("it looked again", `() => document.querySelector('[name=sure]')`)
	bram.Click("main form button[type=submit]")
	bram.Says("Nog geen antwoord")
}
