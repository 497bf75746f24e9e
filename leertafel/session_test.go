package leertafel_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
	"leerkring/leertafel"
)

// A whole session, from the case to the erasure.
func TestSession(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		fatma, bram := r.people[0], r.people[1]
		table := r.lay(leertafel.Named, "leertafel")
		if s := r.see(r.owner, table); s.Space.Visibility != community.Hidden || s.Space.Kind != community.KindTable || s.Me.Role != leertafel.Owner {
			t.Errorf("%+v", s.Space)
		}
		_, err := r.Tables.See(ctx, r.outsider, table.StreamID)
		r.refused(err, fault.NotFound)

		// The facts lie ready; they belong to the case, so they have no author.
		fact, err := r.Tables.AddCard(ctx, r.owner, leertafel.CardInput{Stream: table.StreamID, Text: "De school belde", Moment: "maandag", Nonce: uuid.NewString()})
		r.must(err)
		if fact.Author != nil || fact.Phase != 1 || fact.FaceDown() {
			t.Errorf("%+v", fact)
		}
		_, err = r.Tables.ChangeCard(ctx, r.leader, fact.ID, leertafel.CardChange{Text: "De school belde op", Moment: ptr("maandag 8 uur")})
		r.must(err)
		_, err = r.Tables.AddCard(ctx, fatma, leertafel.CardInput{Stream: table.StreamID, Text: "x", Nonce: "n"})
		r.refused(err, fault.Conflict, "table.does_not_run")

		_, err = r.Tables.Start(ctx, r.owner, table.StreamID)
		r.refused(err, fault.Forbidden)
		table, err = r.Tables.Start(ctx, r.leader, table.StreamID)
		r.must(err)
		if table.State != leertafel.Running || table.Phase != 0 || table.TimerAt == nil || !table.TimerAt.Equal(r.Clock.Now().Add(20*time.Minute)) {
			t.Errorf("%+v", table)
		}
		_, err = r.Tables.Change(ctx, r.owner, table.StreamID, leertafel.TableChange{Mode: ptr(leertafel.Unlinkable)})
		r.refused(err, fault.Conflict, "table.has_started")

		// Facts of everybody, with their names.
		table = r.goTo(table, leertafel.Facts)
		if c := r.card(fatma, table, "De corporatie kondigde een ontruiming aan"); c.Author == nil || c.Author.ID != fatma.Person {
			t.Errorf("%+v", c)
		}

		// Silent writing.
		table = r.goTo(table, leertafel.Write)
		one, two := r.card(fatma, table, "We belden elkaar"), r.card(bram, table, "Niemand had de regie")
		third := r.card(bram, table, "Te veel plannen")
		if !one.FaceDown() {
			t.Errorf("%+v", one)
		}
		if s := r.see(fatma, table); !slices.Equal(texts(s.Own), []string{"We belden elkaar"}) || len(s.Cards) != 2 {
			t.Errorf("own %v, open %v", texts(s.Own), texts(s.Cards))
		}
		_, err = r.Tables.ChangeCard(ctx, r.leader, one.ID, leertafel.CardChange{Text: "x"})
		r.refused(err, fault.NotFound)
		_, err = r.Tables.ChangeCard(ctx, fatma, one.ID, leertafel.CardChange{Text: "We belden elkaar elke dag"})
		r.must(err)
		r.refused(r.Tables.RemoveCard(ctx, fatma, third.ID, ""), fault.NotFound)
		r.must(r.Tables.RemoveCard(ctx, bram, third.ID, ""))
		r.refused(r.Tables.RemoveCard(ctx, bram, third.ID, ""), fault.NotFound)

		// The cards are shown, with who wrote them.
		table = r.move(table, table.Phase+1)
		open := r.see(r.owner, table)
		if got := texts(open.Cards); !slices.Contains(got, "We belden elkaar elke dag") || !slices.Contains(got, "Niemand had de regie") || len(got) != 4 {
			t.Errorf("%v", got)
		}
		_, err = r.Tables.ChangeCard(ctx, fatma, one.ID, leertafel.CardChange{Text: "Toch niet"})
		r.refused(err, fault.Conflict, "card.phase_is_over")

		// Stacks.
		table = r.goTo(table, leertafel.Cluster)
		stack := r.card(bram, table, "Regie")
		_, err = r.Tables.PlaceCard(ctx, fatma, two.ID, stack.ID)
		r.must(err)
		_, err = r.Tables.PlaceCard(ctx, fatma, stack.ID, one.ID)
		r.refused(err, fault.Conflict, "card.cannot_lie_there") // a stack goes on no stack
		_, err = r.Tables.PlaceCard(ctx, fatma, one.ID, two.ID)
		r.refused(err, fault.Conflict, "card.cannot_lie_there") // nor a card under one that lies under another
		_, err = r.Tables.PlaceCard(ctx, r.outsider, one.ID, stack.ID)
		r.refused(err, fault.NotFound)

		// Dots.
		table = r.goTo(table, leertafel.Vote)
		_, err = r.Tables.HandIn(ctx, fatma, table.StreamID, []leertafel.Dots{{Card: stack.ID, Dots: 2}, {Card: one.ID, Dots: 2}})
		r.refused(err, fault.Invalid, "dots:too_many")
		for _, wrong := range [][]leertafel.Dots{{}, {{Card: two.ID, Dots: 1}}, {{Card: fact.ID, Dots: 1}}, {{Card: stack.ID, Dots: -1}, {Card: one.ID, Dots: 2}},
			{{Card: stack.ID, Dots: 1}, {Card: stack.ID, Dots: 1}}, {{Card: 12345, Dots: 1}}} {
			_, err = r.Tables.HandIn(ctx, fatma, table.StreamID, wrong)
			r.refused(err, fault.Invalid)
		}
		after, err := r.Tables.HandIn(ctx, fatma, table.StreamID, []leertafel.Dots{{Card: stack.ID, Dots: 2}, {Card: one.ID, Dots: 1}})
		r.must(err)
		if after.Ballots != 1 || after.Speakers != 6 {
			t.Errorf("%d of %d", after.Ballots, after.Speakers)
		}
		_, err = r.Tables.HandIn(ctx, fatma, table.StreamID, []leertafel.Dots{{Card: one.ID, Dots: 1}})
		r.refused(err, fault.Conflict, "ballot.handed_in")
		_, err = r.Tables.HandIn(ctx, r.leader, table.StreamID, []leertafel.Dots{{Card: one.ID, Dots: 1}})
		r.refused(err, fault.Forbidden)
		for _, c := range r.see(r.leader, table).Cards {
			if c.Votes != nil {
				t.Errorf("counted already: %+v", c)
			}
		}
		table = r.move(table, table.Phase+1)
		for _, c := range r.see(r.leader, table).Cards {
			switch {
			case c.ID == stack.ID && (c.Votes == nil || *c.Votes != 2), c.ID == one.ID && (c.Votes == nil || *c.Votes != 1), c.ID == two.ID && c.Votes != nil:
				t.Errorf("%+v", c)
			}
		}

		// Turns.
		_, err = r.Tables.RaiseHand(ctx, bram, table.StreamID, true)
		r.must(err)
		r.Clock.Advance(time.Second)
		now, err := r.Tables.RaiseHand(ctx, fatma, table.StreamID, true)
		r.must(err)
		if diff := cmp.Diff([]int64{bram.Person, fatma.Person}, now.Hands); diff != "" {
			t.Error(diff)
		}
		now, err = r.Tables.GiveTurn(ctx, r.leader, table.StreamID, bram.Person)
		r.must(err)
		if *now.Turn != bram.Person || !slices.Equal(now.Hands, []int64{fatma.Person}) {
			t.Errorf("%+v", now)
		}
		_, err = r.Tables.GiveTurn(ctx, bram, table.StreamID, fatma.Person)
		r.refused(err, fault.Forbidden)
		_, err = r.Tables.GiveTurn(ctx, r.leader, table.StreamID, r.outsider.Person)
		r.refused(err, fault.Invalid)

		// Lessons.
		input := leertafel.LessonInput{Stream: table.StreamID, Text: "Eén plan, één regisseur", Theme: "Regie", Owner: bram.Person, Due: in(30), Nonce: "les 1"}
		_, err = r.Tables.AddLesson(ctx, fatma, input)
		r.refused(err, fault.Conflict, "lesson.not_now")
		table = r.goTo(table, leertafel.Lessons)
		lesson, err := r.Tables.AddLesson(ctx, fatma, input)
		r.must(err)
		again, err := r.Tables.AddLesson(ctx, fatma, input)
		r.must(err)
		if again.ID != lesson.ID {
			t.Errorf("twice: %d and %d", lesson.ID, again.ID)
		}
		input.Owner, input.Nonce = r.outsider.Person, "les 2"
		_, err = r.Tables.AddLesson(ctx, fatma, input)
		r.refused(err, fault.Invalid, "owner:not_there")
		input.Owner, input.Due = bram.Person, in(-1)
		_, err = r.Tables.AddLesson(ctx, fatma, input)
		r.refused(err, fault.Invalid, "due:not_to_come")
		_, err = r.Tables.Lesson(ctx, r.outsider, lesson.ID)
		r.refused(err, fault.NotFound)

		// Checking out.
		table = r.goTo(table, leertafel.CheckOut)
		out := leertafel.CardInput{Stream: table.StreamID, Text: "opgelucht", Nonce: "uit"}
		_, err = r.Tables.AddCard(ctx, fatma, out)
		r.refused(err, fault.Invalid, "rating:required")
		out.Rating = ptr(4)
		_, err = r.Tables.AddCard(ctx, fatma, out)
		r.must(err)
		out.Nonce = "nog een"
		_, err = r.Tables.AddCard(ctx, fatma, out)
		r.refused(err, fault.Conflict, "card.checked_out")
		if s := r.see(fatma, table); s.May.CheckOut || len(s.Own) != 1 {
			t.Errorf("%+v", s.May)
		}

		// The end.
		_, err = r.Tables.Close(ctx, fatma, table.StreamID)
		r.refused(err, fault.Forbidden)
		table, err = r.Tables.Close(ctx, r.leader, table.StreamID)
		r.must(err)
		if table.State != leertafel.Closed || table.EraseAt == nil || !table.EraseAt.Equal(r.Clock.Now().AddDate(0, 0, 30)) {
			t.Errorf("%+v", table)
		}
		stream, err := r.Forum.Stream(ctx, r.owner, table.StreamID)
		r.must(err)
		if !stream.Closed {
			t.Error("the stream is open")
		}
		left, err := r.Tables.Lesson(ctx, r.outsider, lesson.ID)
		r.must(err)
		if left.SharedAt == nil || left.Owner.ID != bram.Person || !left.DueAt.Equal(in(30).Truncate(24*time.Hour)) {
			t.Errorf("%+v", left)
		}
		register, _, err := r.Tables.Register(ctx, r.outsider, r.region.ID, leertafel.LessonQuery{}, community.Page{Limit: 10})
		r.must(err)
		themes, err := r.Tables.Themes(ctx, r.outsider, r.region.ID)
		r.must(err)
		if len(register) != 1 || len(themes) != 1 || themes[0] != (leertafel.Theme{Theme: "Regie", Tables: 1, Lessons: 1, Open: 1}) {
			t.Errorf("%+v %+v", register, themes)
		}
		mine, err := r.Tables.MyLessons(ctx, bram)
		r.must(err)
		if len(mine) != 1 {
			t.Errorf("%+v", mine)
		}
		_, err = r.Tables.ChangeLesson(ctx, fatma, lesson.ID, leertafel.LessonChange{State: ptr(leertafel.LessonDone)})
		r.refused(err, fault.Forbidden)
		_, err = r.Tables.ChangeLesson(ctx, bram, lesson.ID, leertafel.LessonChange{State: ptr(leertafel.LessonDropped)})
		r.refused(err, fault.Invalid, "outcome:required")
		done, err := r.Tables.ChangeLesson(ctx, bram, lesson.ID, leertafel.LessonChange{State: ptr(leertafel.LessonDone), Outcome: ptr("Afgesproken met drie teams")})
		r.must(err)
		if done.State != leertafel.LessonDone || done.EndedAt == nil {
			t.Errorf("%+v", done)
		}
		_, err = r.Tables.ChangeLesson(ctx, bram, lesson.ID, leertafel.LessonChange{Text: ptr("Iets anders")})
		r.refused(err, fault.Conflict, "lesson.has_left")

		// The erasure.
		r.work()
		if s := r.see(r.owner, table); len(s.Cards) == 0 {
			t.Error("erased too early")
		}
		r.Clock.Advance(30 * 24 * time.Hour)
		r.work()
		s := r.see(r.owner, table)
		if s.Table.State != leertafel.Erased || len(s.Cards) != 0 || s.Table.Story != "" || len(s.Lessons) != 1 {
			t.Errorf("%+v", s)
		}
		for _, word := range []string{"De school", "We belden", "Niemand had", "wijkcoach", "opgelucht", "Wat er gebeurde"} {
			if at := r.dump(word); len(at) > 0 {
				t.Errorf("%q still stands in %v", word, at)
			}
		}
	})
}

func TestWhoCanLead(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		fatma, bram, cas := r.people[0], r.people[1], r.people[2]
		table, err := r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Casus"})
		r.must(err)
		stream := table.StreamID
		ask := func(by, who community.Actor, role leertafel.Role, involved string) error {
			_, err := r.Tables.PutSeat(ctx, by, stream, who.Person, leertafel.SeatInput{Role: role, Involved: involved})
			return err
		}
		r.refused(ask(r.owner, r.owner, leertafel.Facilitator, ""), fault.Conflict, "table.owner_cannot_lead")
		r.must(ask(r.owner, fatma, leertafel.Participant, "wijkcoach"))
		r.refused(ask(r.owner, fatma, leertafel.Facilitator, ""), fault.Conflict, "table.involved_cannot_lead")
		r.refused(ask(r.owner, bram, leertafel.Facilitator, "consulent"), fault.Conflict, "table.involved_cannot_lead")
		r.refused(ask(fatma, bram, leertafel.Participant, ""), fault.Forbidden)
		r.refused(ask(r.outsider, bram, leertafel.Participant, ""), fault.NotFound)
		r.refused(ask(r.owner, bram, "manager", ""), fault.Invalid, "role:not_one_of")
		r.refused(ask(r.owner, bram, leertafel.Participant, "wijkcoach, bel 06-12345678"), fault.Invalid, "involved:private")

		// Nobody leads before they said yes, and who is asked decides.
		r.must(ask(r.owner, bram, leertafel.Facilitator, ""))
		_, err = r.Tables.Start(ctx, bram, stream)
		r.refused(err, fault.Forbidden)
		_, err = r.Tables.Accept(ctx, fatma, stream, "")
		r.refused(err, fault.Conflict, "table.not_asked")
		_, err = r.Tables.Accept(ctx, bram, stream, "")
		r.must(err)
		r.refused(ask(r.owner, bram, leertafel.Facilitator, "wijkcoach"), fault.Conflict, "table.involved_cannot_lead")

		// A colleague of somebody involved must say why they are independent.
		colleague := r.Person("Nel Naast") // of Gemeente Voorbeeldstad, like the owner
		r.Join(r.admin, r.region, colleague, community.Member)
		r.must(ask(bram, colleague, leertafel.Facilitator, ""))
		doubt, err := r.Tables.Doubts(ctx, colleague, stream)
		r.must(err)
		if len(doubt.People) != 1 || doubt.People[0].ID != r.owner.Person {
			t.Errorf("%+v", doubt)
		}
		_, err = r.Tables.Accept(ctx, colleague, stream, " ")
		r.refused(err, fault.Invalid, "answer:same_organisation")
		seat, err := r.Tables.Accept(ctx, colleague, stream, "Ander team, andere wijk")
		r.must(err)
		if seat.Asked || seat.Warned != "Ander team, andere wijk" {
			t.Errorf("%+v", seat)
		}

		// In the middle another takes over: who takes part cannot, who watches can.
		r.must(ask(r.owner, cas, leertafel.Observer, ""))
		_, err = r.Tables.Start(ctx, bram, stream)
		r.must(err)
		r.must(ask(r.owner, r.people[3], leertafel.Participant, ""))
		r.refused(ask(r.owner, r.people[3], leertafel.Facilitator, ""), fault.Conflict, "table.participant_cannot_lead")
		r.refused(ask(r.owner, bram, leertafel.Participant, ""), fault.Conflict, "table.leader_stays_out")
		r.must(ask(r.owner, cas, leertafel.Facilitator, ""))
		_, err = r.Tables.Accept(ctx, cas, stream, "")
		r.must(err)
		from, to := 0, 1
		_, err = r.Tables.Move(ctx, cas, stream, leertafel.MoveInput{From: &from, To: &to})
		r.must(err)

		// Who is let go is out of the room.
		r.must(r.Tables.RemoveSeat(ctx, cas, stream, fatma.Person))
		_, err = r.Tables.See(ctx, fatma, stream)
		r.refused(err, fault.NotFound)
		r.refused(r.Tables.RemoveSeat(ctx, cas, stream, r.owner.Person), fault.Conflict, "table.owner_stays")
		r.must(r.Tables.RemoveSeat(ctx, r.people[3], stream, r.people[3].Person))
		_, err = r.Tables.See(ctx, r.people[3], stream)
		r.refused(err, fault.NotFound)
		// Also when they were removed by the members page of the space.
		space := r.see(r.owner, table).Space
		r.must(r.Community.RemoveMember(ctx, r.owner, space.ID, cas.Person))
		_, err = r.Tables.Move(ctx, cas, stream, leertafel.MoveInput{From: &to, To: &from})
		r.refused(err, fault.NotFound)
	})
}

// Two facilitators press at the same time: one step.
func TestMoveOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		table := r.lay(leertafel.Named, "leertafel")
		second := r.outsider
		_, err := r.Tables.PutSeat(ctx, r.owner, table.StreamID, second.Person, leertafel.SeatInput{Role: leertafel.Facilitator})
		r.must(err)
		_, err = r.Tables.Accept(ctx, second, table.StreamID, "")
		r.must(err)
		table, err = r.Tables.Start(ctx, r.leader, table.StreamID)
		r.must(err)
		r.changes()
		for step := range len(table.Script.Phases) - 1 {
			from, to := step, step+1
			var both sync.WaitGroup
			for _, who := range []community.Actor{r.leader, second, r.leader} {
				both.Go(func() {
					got, err := r.Tables.Move(ctx, who, table.StreamID, leertafel.MoveInput{From: &from, To: &to})
					if err != nil || got.Phase != to {
						t.Errorf("phase %d, want %d: %v", got.Phase, to, err)
					}
				})
			}
			both.Wait()
		}
		steps := 0
		for _, c := range r.changes() {
			if c.Event == leertafel.TableChanged {
				steps++
			}
		}
		if want := len(table.Script.Phases) - 1; steps != want {
			t.Errorf("%d steps were told of, want %d", steps, want)
		}
		from, to := 0, 2
		_, err = r.Tables.Move(ctx, second, table.StreamID, leertafel.MoveInput{From: &from, To: &to})
		r.refused(err, fault.Conflict, "table.elsewhere")
		from, to = len(table.Script.Phases)-1, len(table.Script.Phases)
		_, err = r.Tables.Move(ctx, second, table.StreamID, leertafel.MoveInput{From: &from, To: &to})
		r.refused(err, fault.Invalid, "to:too_high")
	})
}

// The clock is kept with the table: it runs on whoever looks at it, and moves
// the session once.
func TestTimer(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		table := r.begin(leertafel.Named, "leertafel", leertafel.Write)
		phase := table.Phase
		set := func(seconds int, extend, auto bool) leertafel.Table {
			t.Helper()
			table, err := r.Tables.SetTimer(ctx, r.leader, table.StreamID, leertafel.TimerInput{Seconds: &seconds, Extend: extend, Auto: auto})
			r.must(err)
			return table
		}
		start := r.Clock.Now()
		if got := set(60, false, true); !got.TimerAt.Equal(start.Add(time.Minute)) || !got.Auto {
			t.Errorf("%+v", got)
		}
		if got := set(60, true, true); !got.TimerAt.Equal(start.Add(2 * time.Minute)) {
			t.Errorf("%v", got.TimerAt)
		}
		r.card(r.people[0], table, "Net op tijd")
		r.Clock.Advance(time.Minute)
		r.work() // the clock that was set first is not the one that stands
		if got := r.see(r.owner, table).Table.Phase; got != phase {
			t.Fatalf("phase %d, want %d", got, phase)
		}
		r.Clock.Advance(time.Minute)
		r.work()
		s := r.see(r.owner, table)
		if s.Table.Phase != phase+1 || !slices.Contains(texts(s.Cards), "Net op tijd") {
			t.Errorf("phase %d, cards %v", s.Table.Phase, texts(s.Cards))
		}
		// A card for the phase that is over is refused, not laid elsewhere.
		_, err := r.Tables.AddCard(ctx, r.people[0], leertafel.CardInput{Stream: table.StreamID, Phase: &phase, Text: "Te laat", Nonce: "laat"})
		r.refused(err, fault.Conflict, "card.phase_is_over")
		// Without auto nothing moves, and 0 takes the clock away.
		set(1, false, false)
		r.Clock.Advance(time.Hour)
		r.work()
		if got := set(0, false, true); got.TimerAt != nil || got.Auto || got.Phase != phase+1 {
			t.Errorf("%+v", got)
		}
		_, err = r.Tables.SetTimer(ctx, r.people[0], table.StreamID, leertafel.TimerInput{Seconds: ptr(5)})
		r.refused(err, fault.Forbidden)
	})
}

// Going back uncovers nothing, and what was shown stays shown.
func TestMoveBack(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		table := r.begin(leertafel.Named, "leertafel", leertafel.Write)
		r.card(r.people[0], table, "Eerst")
		table = r.move(table, 0)
		if s := r.see(r.people[1], table); len(s.Cards) != 0 {
			t.Errorf("%v", texts(s.Cards))
		}
		table = r.move(table, 2)
		r.card(r.people[1], table, "Later")
		if s := r.see(r.people[0], table); !slices.Equal(texts(s.Own), []string{"Eerst"}) || len(s.Cards) != 0 {
			t.Errorf("%v %v", texts(s.Own), texts(s.Cards))
		}
		table = r.move(table, 6) // past the vote, which nobody took part in
		table = r.move(table, 2)
		r.card(r.people[2], table, "Nog een")
		if s := r.see(r.owner, table); len(s.Cards) != 2 {
			t.Errorf("%v", texts(s.Cards))
		}
		table = r.move(table, 5)
		if s := r.see(r.owner, table); len(s.Cards) != 3 {
			t.Errorf("%v", texts(s.Cards))
		}
		// A second vote is another one.
		vote := func(who community.Actor) {
			cards := r.see(who, table).Cards
			_, err := r.Tables.HandIn(ctx, who, table.StreamID, []leertafel.Dots{{Card: cards[0].ID, Dots: 3}})
			r.must(err)
		}
		vote(r.people[0])
		vote(r.people[1])
		table = r.move(table, 6)
		table = r.move(table, 5) // back: the vote goes on
		_, err := r.Tables.HandIn(ctx, r.people[0], table.StreamID, []leertafel.Dots{{Card: r.see(r.owner, table).Cards[0].ID, Dots: 1}})
		r.refused(err, fault.Conflict, "ballot.handed_in")
		table = r.move(table, 4)
		table = r.move(table, 5) // anew
		vote(r.people[0])
		table = r.move(table, 6)
		if c := r.see(r.owner, table).Cards[0]; c.Votes == nil || *c.Votes != 3 {
			t.Errorf("%+v", c)
		}
	})
}

// Named stacks lie ready, once.
func TestStacksLieReady(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		table := r.begin(leertafel.Named, "ontwerpen", leertafel.Write)
		a, b := r.card(r.owner, table, "Werkt op een telefoon"), r.card(r.people[0], table, "Spreekt voor")
		table = r.goTo(table, leertafel.Cluster)
		cards := r.see(r.owner, table).Cards
		var names []string
		must := int64(0)
		for _, c := range cards {
			if leertafel.IsReadyStack(table.Script, c) {
				names = append(names, c.Text)
				if c.Text == "Moet" {
					must = c.ID
				}
			}
		}
		if diff := cmp.Diff([]string{"Moet", "Zou moeten", "Kan", "Nu niet"}, names); diff != "" {
			t.Error(diff)
		}
		for _, c := range []leertafel.Card{a, b} {
			_, err := r.Tables.PlaceCard(ctx, r.people[1], c.ID, must)
			r.must(err)
		}
		table = r.move(table, table.Phase-1)
		table = r.move(table, table.Phase+1)
		if n := len(r.see(r.owner, table).Cards); n != 6 {
			t.Errorf("%d cards", n)
		}
		table = r.goTo(table, leertafel.Vote)
		_, err := r.Tables.HandIn(ctx, r.owner, table.StreamID, []leertafel.Dots{{Card: must, Dots: 1}})
		r.refused(err, fault.Invalid)
		_, err = r.Tables.HandIn(ctx, r.owner, table.StreamID, []leertafel.Dots{{Card: a.ID, Dots: 5}})
		r.must(err)
	})
}

// The facilitator takes a card away; what lay under it lies loose.
func TestModeration(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		table := r.begin(leertafel.ToFacilitator, "leertafel", leertafel.Write)
		one, two := r.card(r.people[0], table, "Een"), r.card(r.people[1], table, "Twee")
		r.refused(r.Tables.RemoveCard(ctx, r.leader, one.ID, ""), fault.NotFound) // nobody takes away what lies face down
		table = r.goTo(table, leertafel.Cluster)
		_, err := r.Tables.PlaceCard(ctx, r.owner, two.ID, one.ID)
		r.must(err)
		r.refused(r.Tables.RemoveCard(ctx, r.owner, one.ID, ""), fault.Forbidden)
		r.changes()
		r.must(r.Tables.RemoveCard(ctx, r.leader, one.ID, ""))
		told := r.changes()
		if len(told) != 1 || len(told[0].Cards) != 2 {
			t.Fatalf("%+v", told)
		}
		for _, c := range told[0].Cards {
			if c.ID == one.ID && (!c.Deleted || c.Text != "") || c.ID == two.ID && c.Under != nil {
				t.Errorf("%+v", c)
			}
		}
		// Only the facilitator knows who wrote it.
		author, err := r.Tables.Author(ctx, r.leader, two.ID)
		r.must(err)
		if author == nil || author.ID != r.people[1].Person {
			t.Errorf("%+v", author)
		}
		_, err = r.Tables.Author(ctx, r.owner, two.ID)
		r.refused(err, fault.Forbidden)
		for _, c := range r.see(r.leader, table).Cards {
			if c.Author != nil {
				t.Errorf("%+v", c)
			}
		}
	})
}

// What leads to a person is kept only with a reason.
func TestPrivacyGuard(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		_, err := r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Casus", Story: "Bel haar op 06-12345678."})
		r.refused(err, fault.Invalid, "story:private")
		table := r.begin(leertafel.Named, "leertafel", leertafel.Facts)
		add := func(text, keep string) (leertafel.Card, error) {
			return r.Tables.AddCard(ctx, r.owner, leertafel.CardInput{Stream: table.StreamID, Text: text, Keep: keep, Nonce: uuid.NewString()})
		}
		_, err = add("Fatma Yilmaz belde", "") // she sits at the table
		r.must(err)
		_, err = add("Otto Buiten belde", "") // he does not
		r.refused(err, fault.Invalid, "text:private")
		kept, err := add("Otto Buiten belde", "Hij is wethouder")
		r.must(err)
		if kept.Kept != "Hij is wethouder" {
			t.Errorf("%+v", kept)
		}
		plain, err := add("De wijkcoach belde", "voor de zekerheid")
		r.must(err)
		if plain.Kept != "" {
			t.Errorf("%+v", plain)
		}
		found, err := r.Tables.Findings(ctx, r.owner, spaceOf(r, table), table.StreamID, "Mail otto@voorbeeld.example of Otto Buiten")
		r.must(err)
		if len(found) != 2 {
			t.Errorf("%+v", found)
		}
		if e, ok := fault.As(func() error { _, err := add("Otto Buiten belde", ""); return err }()); !ok || strings.Contains(e.Error(), "Otto") {
			t.Errorf("what goes to the log holds the text: %v", e)
		}
	})
}

// Before a report leaves, everybody it takes agrees.
func TestReport(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.Join(r.admin, r.region, r.leader, community.Facilitator)
		table := r.begin(leertafel.Named, "leertafel", leertafel.Write)
		quoted, refused := r.card(r.people[0], table, "Bel elkaar eerst"), r.card(r.people[1], table, "Dit wil ik niet kwijt")
		table = r.goTo(table, leertafel.Lessons)
		_, err := r.Tables.AddLesson(ctx, r.owner, leertafel.LessonInput{Stream: table.StreamID, Text: "Eerst bellen", Theme: "Contact", Owner: r.owner.Person, Due: in(9), Nonce: "l"})
		r.must(err)
		write := func(state leertafel.ReportState, body string, quotes ...int64) (leertafel.Report, error) {
			return r.Tables.WriteReport(ctx, r.leader, table.StreamID, leertafel.ReportInput{Body: body, State: state, Quotes: quotes})
		}
		_, err = write(leertafel.Draft, "x")
		r.refused(err, fault.Conflict, "report.too_early")
		table, err = r.Tables.Close(ctx, r.leader, table.StreamID)
		r.must(err)
		draft, err := r.Tables.Report(ctx, r.leader, table.StreamID)
		r.must(err)
		if draft.State != leertafel.Draft || !strings.Contains(draft.Body, "Eerst bellen") || strings.Contains(draft.Body, "Bel elkaar") {
			t.Errorf("%+v", draft)
		}
		hidden, err := r.Tables.Report(ctx, r.owner, table.StreamID)
		r.must(err)
		if hidden.Body != "" {
			t.Errorf("%+v", hidden)
		}
		shown, err := write(leertafel.Shown, draft.Body+"\n\nDank.")
		if e, ok := fault.As(err); ok {
			t.Fatal(e.Fields[0].Text.Args, draft.Body)
		}
		_, err = write(leertafel.Draft, "terug")
		r.refused(err, fault.Conflict, "report.was_shown")
		_, err = r.Tables.Publish(ctx, r.leader, table.StreamID)
		r.refused(err, fault.Conflict, "report.asks_nobody")
		_, err = r.Tables.Agree(ctx, r.owner, table.StreamID, true)
		r.refused(err, fault.Conflict, "report.asks_nobody")

		proposed, err := write(leertafel.Proposed, shown.Body, quoted.ID, refused.ID)
		r.must(err)
		if len(proposed.Consents) != 3 || !strings.Contains(proposed.Body, "> Bel elkaar eerst") {
			t.Errorf("%+v", proposed)
		}
		agree := func(who community.Actor, yes bool) {
			t.Helper()
			_, err := r.Tables.Agree(ctx, who, table.StreamID, yes)
			r.must(err)
		}
		agree(r.owner, true)
		agree(r.people[0], true)
		agree(r.people[1], false)
		_, err = r.Tables.Agree(ctx, r.people[2], table.StreamID, true)
		r.refused(err, fault.Conflict, "report.asks_others")
		_, err = r.Tables.Publish(ctx, r.leader, table.StreamID)
		r.refused(err, fault.Conflict, "report.not_all_agree")
		// Without what somebody refused it goes out, after all agreed anew.
		_, err = write(leertafel.Proposed, shown.Body, quoted.ID)
		r.must(err)
		_, err = r.Tables.Publish(ctx, r.leader, table.StreamID)
		r.refused(err, fault.Conflict, "report.not_all_agree")
		agree(r.owner, true)
		agree(r.people[0], true)
		published, err := r.Tables.Publish(ctx, r.leader, table.StreamID)
		r.must(err)
		again, err := r.Tables.Publish(ctx, r.leader, table.StreamID)
		r.must(err)
		if published.State != leertafel.Published || published.ArticleID == nil || *again.ArticleID != *published.ArticleID {
			t.Errorf("%+v %+v", published, again)
		}
		article, err := r.Forum.See(ctx, r.outsider, *published.ArticleID, forumQuery)
		r.must(err)
		if body := article.Opening.Body; !strings.Contains(body, "Bel elkaar eerst") || strings.Contains(body, "Dit wil ik niet") || strings.Contains(body, "Wat er gebeurde") {
			t.Errorf("%s", body)
		}
		if at := r.dump("Dit wil ik niet"); len(at) != 1 || at[0] != "cards" {
			t.Errorf("a quote that was refused stands in %v", at)
		}
	})
}

var forumQuery = forum.PostQuery{Limit: 10}
