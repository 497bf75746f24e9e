package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

// sendNow sends what there is and returns the mails by their reader's name.
func (r *room) sendNow() map[string]letter {
	r.t.Helper()
	sent, err := r.notify.SendNow(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	letters := r.byReader(r.mails())
	if len(letters) != sent {
		r.t.Errorf("%d sent, %d mails", sent, len(letters))
	}
	return letters
}

func (r *room) byReader(mails []letter) map[string]letter {
	r.t.Helper()
	letters := map[string]letter{}
	for _, l := range mails {
		if _, double := letters[l.to]; double {
			r.t.Errorf("two mails to %s", l.to)
		}
		letters[l.to] = l
	}
	return letters
}

// mailRow is a mail as the database has it.
type mailRow struct {
	PersonID  int64
	Kind      string
	Period    string
	State     string
	MessageID string
}

func (r *room) mailRows() (rows []mailRow) {
	r.t.Helper()
	if err := r.DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&rows, `SELECT person_id, kind, period, state, message_id FROM mails ORDER BY id`)
	}); err != nil {
		r.t.Fatal(err)
	}
	return rows
}

func (r *room) states() map[string]int {
	states := map[string]int{}
	for _, row := range r.mailRows() {
		states[row.State]++
	}
	return states
}

func TestDigestHoldsTheWeekInItsOrder(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		r := week(t, w)
		letters := r.sendNow()
		l := letters[testkit.MailOf("Anna")]
		if l.subject != "Je weekoverzicht: 5 berichten voor jou, 2 open vragen, 21 nieuwe berichten" {
			t.Errorf("subject %q", l.subject)
		}
		want := []string{
			"Je weekoverzicht · zaterdag 21 november",
			"Dag Anna, dit is er nieuw voor je op Leerkring.",
			"VOOR JOU",
			"Joke te Winkel noemt je in ‘Koffiehoek’",
			"Yusuf Demir reageert op je in ‘Hoe vertel je een inwoner dat het antwoord nee is?’",
			"Dat ga ik proberen, dank je!",
			"Karin Wolters antwoordt op je vraag ‘Wie heeft een handreiking voor het eerste gesprek?’",
			"Yusuf Demir schreef je een bericht",
			"Heb je donderdag een half uur om samen door het verslag te lopen?",
			"KUN JIJ HELPEN?",
			"Welke app gebruiken jullie voor huisbezoeken?",
			"Vraag van Karin Wolters · Achterhoek leert samen: toegang tot jeugdhulp · 10:00 · nog geen antwoord",
			"Mag een buurtteam bij de gegevens van schuldhulp?",
			"ACHTERHOEK LEERT SAMEN: TOEGANG TOT JEUGDHULP",
			"Hoe vertel je een inwoner dat het antwoord nee is?",
			"Nieuw gesprek van Yusuf Demir · 4 reacties",
			"Zo richt je een warme overdracht in",
			"Nieuw artikel van Yusuf Demir",
			"Koffiehoek",
			"Chat · 14 nieuwe berichten",
			"Joke te Winkel: Morgen taart: de pilot in Lochem is een jaar bezig.",
			"RUIMTE VAN MIEKE MANAGER (OPEN)",
			"Nieuw gesprek van Mieke Manager",
			"Je krijgt dit overzicht elke maandag om 08:00 uur, als er iets nieuws is.",
		}
		text := strings.Join(strings.Fields(strings.ReplaceAll(l.text, "\n  > ", "\n ")), " ")
		for at := 0; len(want) > 0; want = want[1:] {
			found := strings.Index(text[at:], want[0])
			if found < 0 {
				t.Errorf("not there, or not in its order: %s\n%s", want[0], l.text)
				continue
			}
			at += found
		}
		for _, once := range []string{"Morgen taart", "zaal 2?", "Dat ga ik proberen", "huisbezoeken?", "kaart met vijf vragen"} {
			if n := strings.Count(l.text, once); n != 1 {
				t.Errorf("%q stands there %d times", once, n)
			}
		}
		for _, own := range []string{"houvast", "wat wél kan"} {
			if strings.Contains(l.text, own) {
				t.Errorf("Anna is told what she wrote herself: %q", own)
			}
		}
		list := l.header.Get("List-Id")
		if !strings.Contains(list, "<digest.leerkring.voorbeeldstad.example>") || l.header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("headers %v", l.header)
		}
		// What stands in the text stands in the HTML.
		for _, s := range []string{"Koffiehoek", "14 nieuwe berichten", "Kun jij helpen?", "Morgen taart", "/afmelden/digest.", `lang="nl"`} {
			if !strings.Contains(l.html, s) {
				t.Errorf("not in the HTML: %s", s)
			}
		}
		if len(r.sendNow()) != 0 {
			t.Error("again at once: something goes out again")
		}
	})
}

// One hears of everything once, and of what one has read not at all.
func TestDigestTellsOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		if len(r.sendNow()) != 0 {
			t.Fatal("a digest without anything to tell")
		}
		talk := r.Stream(r.manager, r.space, forum.Discussion)
		chat := r.Stream(r.manager, r.space, forum.Channel)
		r.Post(r.bram, chat, "eerste in de chat")
		letters := r.sendNow()
		if len(letters) != 4 { // Mieke hears of Bram, Bram of Mieke, Anna and Anaïs of both
			t.Errorf("%d digests", len(letters))
		}
		r.Post(r.bram, talk, "tweede bericht")
		seen := r.Post(r.bram, chat, "gelezen bericht")
		if err := r.Forum.Seen(ctx, r.anna, chat.ID, seen.Rev); err != nil {
			t.Fatal(err)
		}
		letters = r.sendNow()
		anna := letters[testkit.MailOf("Anna")]
		if !strings.Contains(anna.text, "tweede bericht") || strings.Contains(anna.text, "wijk?") || strings.Contains(anna.text, "Chat") {
			t.Errorf("Anna's second digest:\n%s", anna.text)
		}
		if _, wrote := letters[testkit.MailOf("Bram")]; wrote {
			t.Error("Bram is told of his own posts")
		}
		if len(r.sendNow()) != 0 {
			t.Error("told a third time")
		}
		if got := r.states(); got["planned"] != 0 || got["failed"] != 0 {
			t.Errorf("mails ended as %v", got)
		}
	})
}

// Everything that may change between planning and sending counts as it is when
// it is sent.
func TestDigestIsMadeWhenItIsSent(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		off := community.DigestOff
		changes := map[string]func(stream forum.Stream, post forum.Post){
			"removed": func(forum.Stream, forum.Post) {
				if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, r.anna.Person); err != nil {
					t.Fatal(err)
				}
			},
			"disabled":    func(forum.Stream, forum.Post) { r.disable(r.anna) },
			"deleted":     func(_ forum.Stream, p forum.Post) { r.remove(r.bram, p) },
			"muted":       func(s forum.Stream, _ forum.Post) { r.level(r.anna, s, community.LevelMuted) },
			"space muted": func(forum.Stream, forum.Post) { r.spaceLevel(r.anna, community.LevelMuted) },
			"digest off":  func(forum.Stream, forum.Post) { r.settings(r.anna, community.SettingsChange{Digest: &off}) },
			"read": func(s forum.Stream, p forum.Post) {
				if err := r.Forum.Seen(ctx, r.anna, s.ID, p.Rev); err != nil {
					t.Fatal(err)
				}
			},
		}
		for name, change := range changes {
			r.anna = r.Person("Anna " + name)
			r.Join(r.manager, r.space, r.anna, community.Member)
			stream := r.Stream(r.bram, r.space, forum.Channel)
			post := r.Post(r.bram, stream, "@["+fmt.Sprint(r.anna.Person)+"] het wachtwoord is kanarie")
			r.plan()
			change(stream, post)
			r.work()
			if l, got := r.byReader(r.mails())[testkit.MailOf("Anna "+name)]; got {
				t.Errorf("%s, and still told:\n%s\n%s", name, l.subject, l.text)
			}
			for _, row := range r.mailRows() {
				if row.PersonID == r.anna.Person && row.Kind == "digest" && row.State != "dropped" {
					t.Errorf("%s: the digest ended as %s", name, row.State)
				}
			}
		}
	})
}

func (r *room) disable(who community.Actor) {
	r.t.Helper()
	if err := r.Community.Disable(ctx, testkit.MailOf(who.Name)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) remove(who community.Actor, post forum.Post) {
	r.t.Helper()
	if _, err := r.Forum.Delete(ctx, who, post.ID); err != nil {
		r.t.Fatal(err)
	}
}

// plan moves the clock to a moment at which everybody's digest has come due,
// and plans.
func (r *room) plan() int {
	r.t.Helper()
	r.Clock.Advance(7 * 24 * time.Hour)
	planned, err := r.notify.PlanDigests(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	return planned
}

// Lost access between planning and sending: not a byte of the space goes out
// (A7), in any header either.
func TestDigestLeaksNothing(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		const canary = "kanariegeel"
		name := "Casus " + canary
		if _, err := r.Community.ChangeSpace(ctx, r.manager, r.space.ID, community.SpaceChange{Name: &name}); err != nil {
			t.Fatal(err)
		}
		lost := r.crowd(100)
		open := r.Space(r.manager, community.Open, 0)
		everyone := ""
		for i, person := range lost {
			if _, err := r.Community.PutMember(ctx, r.manager, open.ID, person, community.Member); err != nil {
				t.Fatal(err)
			}
			if i < 20 {
				everyone += fmt.Sprintf("@[%d] ", person)
			}
		}
		for _, kind := range []forum.Kind{forum.Channel, forum.Discussion, forum.Question, forum.Article} {
			in := forum.NewStream{Kind: kind, Title: "Over " + canary, Body: everyone + canary, Tags: []string{canary}}
			stream, err := r.Forum.Start(ctx, r.manager, r.space.ID, in)
			if err != nil {
				t.Fatal(err)
			}
			r.Post(r.bram, stream, everyone+canary)
		}
		r.Stream(r.manager, open, forum.Discussion) // so that there is something to tell
		r.work()
		r.plan()
		for _, person := range lost {
			if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, person); err != nil {
				t.Fatal(err)
			}
		}
		r.work()
		told := 0
		for _, l := range r.mails() {
			if !strings.HasPrefix(l.to, "lid.") {
				continue
			}
			told++
			for part, content := range map[string]string{"raw": l.raw, "subject": l.subject, "text": l.text, "html": l.html} {
				if strings.Contains(strings.ToLower(content), canary) {
					t.Fatalf("the canary is in the %s:\n%s", part, content)
				}
			}
		}
		if told != 100 {
			t.Errorf("%d of 100 were told of the open space", told)
		}
	})
}

func TestPreviewChangesNothing(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		if _, err := r.notify.Preview(ctx, testkit.MailOf("Anna")); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing to tell: %v", err)
		}
		if _, err := r.notify.Preview(ctx, "niemand@oost.example"); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody: %v", err)
		}
		r.Stream(r.bram, r.space, forum.Discussion)
		r.work()
		var first letter
		for range 2 {
			raw, err := r.notify.Preview(ctx, "ANNA@voorbeeldstad.example")
			if err != nil {
				t.Fatal(err)
			}
			first = open(t, raw)
		}
		if rows := r.mailRows(); len(rows) != 0 {
			t.Errorf("rows %+v", rows)
		}
		sent := r.sendNow()[testkit.MailOf("Anna")]
		if sent.text != first.text || sent.subject != first.subject || sent.html != first.html {
			t.Errorf("the preview was\n%s\nand what went out\n%s", first.text, sent.text)
		}
		off := community.DigestOff
		r.settings(r.anna, community.SettingsChange{Digest: &off})
		r.Stream(r.bram, r.space, forum.Discussion)
		if raw, err := r.notify.Preview(ctx, testkit.MailOf("Anna")); err != nil || !strings.HasPrefix(open(t, raw).subject, "Je overzicht: ") {
			t.Errorf("who gets none: %v", err)
		}
		if _, got := r.sendNow()[testkit.MailOf("Anna")]; got {
			t.Error("sent to who wants none")
		}
	})
}

// However much there is, a digest stays a page, and tells what it left out.
func TestDigestIsBounded(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		mine := r.Stream(r.anna, r.space, forum.Discussion)
		for i := range 12 {
			parent := r.manager
			space := r.space
			if i > 3 {
				space = r.Space(parent, community.Open, 0)
				r.Join(parent, space, r.anna, community.Member)
			}
			for range 7 {
				r.Stream(parent, space, forum.Discussion)
				r.Stream(parent, space, forum.Question)
				chat := r.Stream(parent, space, forum.Channel)
				for range 5 {
					r.Post(parent, chat, strings.Repeat("Een heel lange zin die niet ophoudt. ", 30))
				}
			}
			r.Post(r.bram, mine, mentioning(r.anna)+strings.Repeat(" en nog iets", 200))
		}
		l := r.sendNow()[testkit.MailOf("Anna")]
		for _, want := range []string{"Nog 6 berichten voor jou", "Nog 80 open vragen", "gesprekken met nieuws", "Er is ook nieuws in", "12 berichten voor jou, 84 open vragen"} {
			if !strings.Contains(strings.Join(strings.Fields(l.text), " ")+l.subject, want) {
				t.Errorf("not told: %s", want)
			}
		}
		if len(l.raw) > 100<<10 {
			t.Errorf("the mail is %d KB", len(l.raw)>>10) // some mail programs cut off at 102
		}
		if len(r.sendNow()) != 0 {
			t.Error("what was left out is told after all")
		}
	})
}

func TestDigestInEnglish(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		english, daily, hour, zone := "en", community.DigestDaily, 17, "America/New_York"
		r.settings(r.anna, community.SettingsChange{Language: &english, Digest: &daily, Hour: &hour, TimeZone: &zone})
		r.Stream(r.bram, r.space, forum.Question)
		l := r.sendNow()[testkit.MailOf("Anna")]
		for _, want := range []string{"Your daily digest · Saturday 21 November", "CAN YOU HELP?", "· 04:00 · no answer yet", "every day at 17:00"} {
			if !strings.Contains(strings.Join(strings.Fields(l.text), " "), want) {
				t.Errorf("not there: %s\n%s", want, l.text)
			}
		}
		if l.subject != "Your daily digest: 1 open question" {
			t.Error(l.subject)
		}
	})
}
