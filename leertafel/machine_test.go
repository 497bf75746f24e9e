package leertafel_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
	"leerkring/leertafel"
)

// Random people do random things at a table, sensible and not. After each step
// the rules hold, and somebody who only ever heard the changes sees the same
// table as somebody who just came in.
func TestStateMachine(t *testing.T) {
	for _, store := range []struct {
		name   string
		checks string
	}{{"sqlite", "30"}, {"postgres", "3"}} {
		t.Run(store.name, func(t *testing.T) {
			db := testkit.SQLite
			if store.name == "postgres" {
				db = testkit.PostgreSQL
			}
			r := newRoom(t, db(t))
			flag.Set("rapid.nofailfile", "true")
			old := flag.Lookup("rapid.checks").Value.String()
			if old == "100" { // unless somebody asks for more
				flag.Set("rapid.checks", store.checks)
				defer flag.Set("rapid.checks", old)
			}
			rapid.Check(t, func(t *rapid.T) {
				m := newMachine(t, r)
				t.Repeat(map[string]func(*rapid.T){
					"seat": m.seat, "unseat": m.unseat, "accept": m.accept, "start": m.start, "move": m.move, "move on": m.moveOn,
					"timer": m.timer, "time passes": m.timePasses, "card": m.card, "card again": m.cardAgain, "change": m.changeCard,
					"remove": m.removeCard, "place": m.place, "ballot": m.ballot, "hand": m.hand, "turn": m.turn,
					"work": m.doWork, "more work": m.doWork, "still more work": m.doWork, "hard work": m.doWork,
					"lesson": m.lesson, "end lesson": m.endLesson, "mode": m.mode, "close": m.close, "report": m.report, "agree": m.agree,
					"": m.check,
				})
			})
		})
	}
}

// machine is one table under trial, and what we know of it without asking.
type machine struct {
	*room
	rt     *rapid.T
	people []community.Actor
	table  leertafel.Table
	// written is who wrote each card, by its text, which is drawn once.
	written map[string]written
	n       int
	// startedIn is the mode when the session started.
	startedIn leertafel.Mode
	// handed is how many dots were taken in the present vote.
	handed int
	// What a listener made of the changes it heard.
	rev     int64
	heard   leertafel.Table
	cards   map[int64]leertafel.Card
	lessons map[int64]leertafel.Lesson
	revs    map[int64]bool
	refuses int
}

type written struct {
	by    community.Actor
	nonce string
	id    int64
}

func newMachine(rt *rapid.T, r *room) *machine {
	r.Clock.Set(testkit.Start)
	m := &machine{room: r, rt: rt, written: map[string]written{}, cards: map[int64]leertafel.Card{}, lessons: map[int64]leertafel.Lesson{}, revs: map[int64]bool{}}
	m.people = append([]community.Actor{r.owner, r.leader, r.outsider}, r.people...)
	r.changes()
	r.Changes()
	mode := rapid.SampledFrom([]leertafel.Mode{leertafel.Named, leertafel.ToFacilitator, leertafel.Unlinkable}).Draw(rt, "mode")
	script := rapid.SampledFrom(leertafel.Examples).Draw(rt, "script")
	if rapid.IntRange(0, 4).Draw(rt, "all seated") > 0 {
		m.table = r.lay(mode, script)
		if work := rapid.SampledFrom(append(leertafel.Works, "")).Draw(rt, "begins with"); work != "" {
			m.begun(work)
		}
	} else {
		var err error
		m.table, err = r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Tafel", Mode: mode, Script: script})
		r.must(err)
	}
	return m
}

// begun starts the session and goes on to a phase with this work, with cards of
// everybody.
func (m *machine) begun(work leertafel.Work) {
	var err error
	m.table, err = m.Tables.Start(ctx, m.leader, m.table.StreamID)
	m.must(err)
	m.startedIn = m.table.Mode
	for m.table.Now().Work != work && m.table.Phase+1 < len(m.table.Script.Phases) {
		if m.table.Now().Work == leertafel.Write {
			for _, who := range append(slices.Clone(m.room.people), m.owner) {
				m.n++
				text, nonce := fmt.Sprintf("kaart %d.", m.n), fmt.Sprintf("nonce %d of %d", m.n, m.table.StreamID)
				card, err := m.Tables.AddCard(ctx, who, leertafel.CardInput{Stream: m.table.StreamID, Text: text, Nonce: nonce})
				m.must(err)
				m.written[text] = written{by: who, nonce: nonce, id: card.ID}
			}
		}
		m.table = m.room.move(m.table, m.table.Phase+1)
	}
}

// doWork does what the phase asks for.
func (m *machine) doWork(t *rapid.T) {
	now := m.now()
	if now.State != leertafel.Running {
		t.Skip()
	}
	switch now.Now().Work {
	case leertafel.Cluster:
		m.place(t)
	case leertafel.Vote:
		m.ballot(t)
	case leertafel.Lessons:
		m.lesson(t)
	case leertafel.Talk:
		m.hand(t)
	default:
		m.card(t)
	}
}

func (m *machine) who(t *rapid.T) community.Actor {
	return rapid.SampledFrom(m.people).Draw(t, "who")
}

// mostly returns the one who may, and sometimes anybody.
func (m *machine) mostly(t *rapid.T, who community.Actor) community.Actor {
	if rapid.IntRange(0, 4).Draw(t, "chance") > 0 {
		return who
	}
	return m.who(t)
}

// expect notes how a step ended: done, or refused with a fault. Anything else
// is a defect. What was refused changed nothing.
func (m *machine) expect(t *rapid.T, err error) bool {
	if err == nil {
		return true
	}
	e, ok := fault.As(err)
	if !ok || e.Kind == fault.Unavailable {
		t.Fatalf("a defect: %v", err)
	}
	m.refuses++
	if told := m.peek(); len(told) > 0 {
		t.Fatalf("%v, but it told of %+v", err, told)
	}
	return false
}

// peek looks at what was announced and leaves it there.
func (m *machine) peek() []leertafel.Change {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told
}

// now is the table as it is, asked of the database.
func (m *machine) now() leertafel.Table {
	s, err := m.Tables.See(ctx, m.owner, m.table.StreamID)
	if err != nil {
		m.rt.Fatal(err)
	}
	return s.Table
}

func (m *machine) role(who community.Actor) leertafel.Role {
	s, err := m.Tables.See(ctx, who, m.table.StreamID)
	if err != nil {
		return ""
	}
	if s.Me.Asked {
		return leertafel.Observer
	}
	return s.Me.Role
}

func (m *machine) seat(t *rapid.T) {
	by, who := m.mostly(t, m.owner), m.who(t)
	in := leertafel.SeatInput{
		Role:     rapid.SampledFrom([]leertafel.Role{leertafel.Participant, leertafel.Participant, leertafel.Observer, leertafel.Facilitator}).Draw(t, "role"),
		Involved: rapid.SampledFrom([]string{"", "", "wijkcoach"}).Draw(t, "involved"),
	}
	role := m.role(by)
	seat, err := m.Tables.PutSeat(ctx, by, m.table.StreamID, who.Person, in)
	if !m.expect(t, err) {
		return
	}
	if role != leertafel.Owner && role != leertafel.Facilitator {
		t.Fatalf("%s, %q, gave a seat", by.Name, role)
	}
	if seat.Role == leertafel.Facilitator && seat.Involved != "" {
		t.Fatalf("%+v", seat)
	}
}

func (m *machine) unseat(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "seldom") > 0 {
		t.Skip()
	}
	by, who := m.mostly(t, m.owner), m.who(t)
	if !m.expect(t, m.Tables.RemoveSeat(ctx, by, m.table.StreamID, who.Person)) {
		return
	}
	if who.Person == m.owner.Person {
		t.Fatal("the owner is gone")
	}
	if _, err := m.Tables.See(ctx, who, m.table.StreamID); !fault.Is(err, fault.NotFound) {
		t.Fatalf("%s still sees it: %v", who.Name, err)
	}
}

func (m *machine) accept(t *rapid.T) {
	who := m.mostly(t, m.leader)
	seat, err := m.Tables.Accept(ctx, who, m.table.StreamID, rapid.SampledFrom([]string{"", "Een ander team"}).Draw(t, "why"))
	if m.expect(t, err) && (seat.Involved != "" || seat.Person.ID == m.owner.Person) {
		t.Fatalf("%+v", seat)
	}
}

func (m *machine) start(t *rapid.T) {
	who := m.mostly(t, m.leader)
	role, before := m.role(who), m.now()
	after, err := m.Tables.Start(ctx, who, m.table.StreamID)
	if !m.expect(t, err) {
		return
	}
	if role != leertafel.Facilitator || after.State != leertafel.Running {
		t.Fatalf("%q started it: %+v", role, after)
	}
	if before.State == leertafel.Preparing {
		m.startedIn = after.Mode
		if after.Mode == leertafel.Unlinkable && after.Speakers < leertafel.MinimumUnlinkable {
			t.Fatalf("unlinkable with %d", after.Speakers)
		}
	}
}

func (m *machine) move(t *rapid.T) { m.step(t, rapid.IntRange(0, 12).Draw(t, "to")) }

func (m *machine) moveOn(t *rapid.T) { m.step(t, m.now().Phase+1) }

func (m *machine) step(t *rapid.T, to int) {
	who := m.mostly(t, m.leader)
	role, before := m.role(who), m.now()
	from := before.Phase
	if rapid.IntRange(0, 9).Draw(t, "old news") == 0 {
		from--
	}
	after, err := m.Tables.Move(ctx, who, m.table.StreamID, leertafel.MoveInput{From: &from, To: &to})
	if !m.expect(t, err) {
		return
	}
	if role != leertafel.Facilitator || after.Phase != to || before.State != leertafel.Running {
		t.Fatalf("%q moved %d to %d: at %d", role, from, to, after.Phase)
	}
	if to > before.Phase && after.Script.Phases[to].Work == leertafel.Vote {
		m.handed = 0
	}
}

func (m *machine) timer(t *rapid.T) {
	seconds := rapid.SampledFrom([]int{0, 1, 60, 600}).Draw(t, "seconds")
	who := m.mostly(t, m.leader)
	_, err := m.Tables.SetTimer(ctx, who, m.table.StreamID, leertafel.TimerInput{
		Seconds: &seconds, Extend: rapid.Bool().Draw(t, "extend"), Auto: rapid.Bool().Draw(t, "auto")})
	m.expect(t, err)
}

func (m *machine) timePasses(t *rapid.T) {
	m.Clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 59, 61, 3600}).Draw(t, "seconds")) * time.Second)
	before := m.now()
	m.work()
	after := m.now()
	if after.Phase == before.Phase {
		return
	}
	if after.Phase != before.Phase+1 || !before.Auto || before.TimerAt.After(m.Clock.Now()) {
		t.Fatalf("from %+v to %+v by itself", before, after)
	}
	if after.Script.Phases[after.Phase].Work == leertafel.Vote {
		m.handed = 0
	}
}

func (m *machine) card(t *rapid.T) {
	who := m.who(t)
	m.n++
	text, nonce := fmt.Sprintf("kaart %d.", m.n), fmt.Sprintf("nonce %d of %d", m.n, m.table.StreamID)
	before, role := m.now(), m.role(who)
	in := leertafel.CardInput{Stream: m.table.StreamID, Text: text, Nonce: nonce}
	if before.State == leertafel.Running && before.Now().Work == leertafel.CheckOut {
		in.Rating = ptr(rapid.IntRange(1, 5).Draw(t, "rating"))
	}
	card, err := m.Tables.AddCard(ctx, who, in)
	if !m.expect(t, err) {
		return
	}
	m.written[text] = written{by: who, nonce: nonce, id: card.ID}
	works := map[leertafel.Work][]leertafel.Role{
		leertafel.Write: {leertafel.Owner, leertafel.Participant}, leertafel.CheckOut: {leertafel.Owner, leertafel.Participant},
		leertafel.Facts: {leertafel.Owner, leertafel.Participant, leertafel.Facilitator}, leertafel.Cluster: {leertafel.Owner, leertafel.Participant, leertafel.Facilitator},
	}
	if before.State == leertafel.Preparing {
		if role != leertafel.Owner && role != leertafel.Facilitator {
			t.Fatalf("%q wrote a fact beforehand", role)
		}
		return
	}
	work := before.Now().Work
	if !slices.Contains(works[work], role) {
		t.Fatalf("%q wrote in a phase to %s", role, work)
	}
	if hidden := work == leertafel.Write || work == leertafel.CheckOut; hidden != card.FaceDown() {
		t.Fatalf("%+v in a phase to %s", card, work)
	}
	if before.Mode == leertafel.Unlinkable && !card.FaceDown() && role != leertafel.Facilitator {
		t.Fatalf("%s wrote for all to see who", who.Name)
	}
}

// cardAgain sends a card again, as a phone does that did not hear the answer.
func (m *machine) cardAgain(t *rapid.T) {
	text, w, ok := m.someCard(t)
	if !ok {
		t.Skip()
	}
	card, err := m.Tables.AddCard(ctx, w.by, leertafel.CardInput{Stream: m.table.StreamID, Text: text, Nonce: w.nonce})
	if m.expect(t, err) && card.ID != w.id && w.id != 0 {
		t.Fatalf("the same card twice: %d and %d", w.id, card.ID)
	}
}

func (m *machine) someCard(t *rapid.T) (string, written, bool) {
	var list []string
	for text, w := range m.written {
		if w.id != 0 {
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		return "", written{}, false
	}
	slices.Sort(list)
	text := rapid.SampledFrom(list).Draw(t, "card")
	return text, m.written[text], true
}

func (m *machine) changeCard(t *rapid.T) {
	text, w, ok := m.someCard(t)
	if !ok {
		t.Skip()
	}
	who := m.mostly(t, w.by)
	m.n++
	other := fmt.Sprintf("kaart %d.", m.n)
	in := leertafel.CardChange{Text: other}
	if who.Person == w.by.Person {
		in.Nonce = w.nonce
	}
	if _, err := m.Tables.ChangeCard(ctx, who, w.id, in); m.expect(t, err) {
		prepares := m.now().State == leertafel.Preparing
		if who.Person != w.by.Person && !prepares {
			t.Fatalf("%s changed what %s wrote", who.Name, w.by.Name)
		}
		delete(m.written, text)
		m.written[other] = w
	}
}

func (m *machine) removeCard(t *rapid.T) {
	text, w, ok := m.someCard(t)
	if !ok {
		t.Skip()
	}
	who := m.mostly(t, w.by)
	nonce := ""
	if who.Person == w.by.Person {
		nonce = w.nonce
	}
	role, state := m.role(who), m.now().State
	if m.expect(t, m.Tables.RemoveCard(ctx, who, w.id, nonce)) {
		if who.Person != w.by.Person && role != leertafel.Facilitator && state != leertafel.Preparing {
			t.Fatalf("%s, %q, took away what %s wrote", who.Name, role, w.by.Name)
		}
		delete(m.written, text)
	}
}

func (m *machine) place(t *rapid.T) {
	_, one, ok := m.someCard(t)
	if !ok {
		t.Skip()
	}
	_, two, _ := m.someCard(t)
	under := two.id
	if one.id == two.id {
		under = 0
	}
	_, err := m.Tables.PlaceCard(ctx, m.who(t), one.id, under)
	m.expect(t, err)
}

func (m *machine) ballot(t *rapid.T) {
	who := m.who(t)
	before, err := m.Tables.See(ctx, who, m.table.StreamID)
	if err != nil {
		t.Skip()
	}
	votable := leertafel.Votable(before.Table.Script, before.Cards)
	careful := rapid.IntRange(0, 3).Draw(t, "careful") > 0
	var dots []leertafel.Dots
	for _, c := range before.Cards {
		if careful && (!votable[c.ID] || len(dots) == 2) {
			continue
		}
		if n := rapid.SampledFrom([]int{0, 1, 1, 2}).Draw(t, "dots"); n > 0 {
			dots = append(dots, leertafel.Dots{Card: c.ID, Dots: n})
		}
	}
	after, err := m.Tables.HandIn(ctx, who, m.table.StreamID, dots)
	if !m.expect(t, err) {
		return
	}
	sum := 0
	for _, d := range dots {
		sum += d.Dots
	}
	m.handed += sum
	if sum > after.Now().Dots || before.Me.Voted || after.Ballots != before.Table.Ballots+1 {
		t.Fatalf("%d dots by %+v: %+v", sum, before.Me, after)
	}
}

func (m *machine) hand(t *rapid.T) {
	_, err := m.Tables.RaiseHand(ctx, m.who(t), m.table.StreamID, rapid.Bool().Draw(t, "up"))
	m.expect(t, err)
}

func (m *machine) turn(t *rapid.T) {
	who := int64(0)
	if rapid.Bool().Draw(t, "give") {
		who = m.who(t).Person
	}
	_, err := m.Tables.GiveTurn(ctx, m.mostly(t, m.leader), m.table.StreamID, who)
	m.expect(t, err)
}

func (m *machine) lesson(t *rapid.T) {
	m.n++
	_, err := m.Tables.AddLesson(ctx, m.mostly(t, m.leader), leertafel.LessonInput{Stream: m.table.StreamID, Text: fmt.Sprintf("les %d", m.n), Theme: "Regie",
		Owner: m.who(t).Person, Due: in(30), Nonce: fmt.Sprintf("les %d of %d", m.n, m.table.StreamID)})
	m.expect(t, err)
}

func (m *machine) endLesson(t *rapid.T) {
	var ids []int64
	for id := range m.lessons {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		t.Skip()
	}
	slices.Sort(ids)
	state := rapid.SampledFrom([]leertafel.LessonState{leertafel.LessonDone, leertafel.LessonDropped, leertafel.LessonOpen}).Draw(t, "state")
	outcome := rapid.SampledFrom([]string{"", "Het paste niet"}).Draw(t, "outcome")
	lesson, err := m.Tables.ChangeLesson(ctx, m.who(t), rapid.SampledFrom(ids).Draw(t, "lesson"), leertafel.LessonChange{State: &state, Outcome: &outcome})
	if m.expect(t, err) && lesson.State == leertafel.LessonDropped && lesson.Outcome == "" {
		t.Fatal("dropped without a reason")
	}
}

func (m *machine) mode(t *rapid.T) {
	_, err := m.Tables.Change(ctx, m.mostly(t, m.owner), m.table.StreamID, leertafel.TableChange{
		Mode: ptr(rapid.SampledFrom([]leertafel.Mode{leertafel.Named, leertafel.ToFacilitator, leertafel.Unlinkable}).Draw(t, "mode"))})
	m.expect(t, err)
}

func (m *machine) close(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "seldom") > 0 {
		t.Skip()
	}
	_, err := m.Tables.Close(ctx, m.mostly(t, m.leader), m.table.StreamID)
	m.expect(t, err)
}

func (m *machine) report(t *rapid.T) {
	_, err := m.Tables.WriteReport(ctx, m.mostly(t, m.leader), m.table.StreamID, leertafel.ReportInput{Body: "Verslag",
		State: rapid.SampledFrom([]leertafel.ReportState{leertafel.Draft, leertafel.Shown, leertafel.Proposed}).Draw(t, "state")})
	m.expect(t, err)
}

func (m *machine) agree(t *rapid.T) {
	_, err := m.Tables.Agree(ctx, m.who(t), m.table.StreamID, rapid.Bool().Draw(t, "yes"))
	m.expect(t, err)
}

// check is what holds after each step.
func (m *machine) check(t *rapid.T) {
	m.listen(t)
	fresh, err := m.Tables.See(ctx, m.owner, m.table.StreamID)
	if err != nil {
		t.Fatal(err)
	}
	table := fresh.Table
	if table.StartedAt != nil && table.Mode != m.startedIn {
		t.Fatalf("it started %s and is %s", m.startedIn, table.Mode)
	}
	m.converged(t, fresh)
	for _, s := range fresh.Seats {
		if s.Role == leertafel.Facilitator && (s.Involved != "" || s.Person.ID == m.owner.Person) {
			t.Fatalf("not independent: %+v", s)
		}
	}
	votes := 0
	for _, c := range fresh.Cards {
		if c.Votes != nil {
			votes += *c.Votes
		}
		if c.Author != nil && table.Mode != leertafel.Named {
			t.Fatalf("%s: %+v", table.Mode, c)
		}
		if c.Under != nil {
			if top, ok := m.cards[*c.Under]; !ok || top.Under != nil || top.Deleted {
				t.Fatalf("%+v lies under %+v", c, top)
			}
		}
	}
	if past := table.State != leertafel.Running || table.Now().Work != leertafel.Vote; past && table.State != leertafel.Erased && votes > m.handed {
		t.Fatalf("%d votes of %d dots", votes, m.handed)
	}
	m.nothingHidden(t, table)
}

// listen takes in the changes, as the hub gives them out.
func (m *machine) listen(t *rapid.T) {
	for _, c := range m.Changes() { // of the stream's own fields
		m.revs[c.Rev] = true
	}
	for _, c := range m.changes() {
		if c.StreamID != m.table.StreamID {
			continue // an earlier one, whose time was over
		}
		if m.revs[c.Rev] || c.Rev < m.rev && c.Event != leertafel.TableChanged {
			t.Fatalf("number %d after %d", c.Rev, m.rev)
		}
		m.revs[c.Rev] = true
		m.rev = max(m.rev, c.Rev)
		switch c.Event {
		case leertafel.TableChanged:
			m.heard = *c.Table
		case leertafel.CardsChanged:
			for _, card := range c.Cards {
				if card.Rev != c.Rev || card.FaceDown() {
					t.Fatalf("%+v in %d", card, c.Rev)
				}
				m.cards[card.ID] = card
			}
		case leertafel.LessonChanged:
			m.lessons[c.Lesson.ID] = *c.Lesson
		}
	}
}

// converged compares what was heard with what is there, and with what catching
// up gives; and no number is missing.
func (m *machine) converged(t *rapid.T, fresh leertafel.Sight) {
	for rev := int64(1); rev <= fresh.Rev; rev++ {
		if !m.revs[rev] {
			t.Fatalf("nobody was told of %d", rev)
		}
	}
	heard := map[int64]string{}
	for id, c := range m.cards {
		if !c.Deleted && fresh.Table.State != leertafel.Erased {
			heard[id] = written2(c)
		}
	}
	there := map[int64]string{}
	for _, c := range fresh.Cards {
		there[c.ID] = written2(c)
	}
	if diff := cmp.Diff(there, heard); diff != "" {
		t.Fatalf("cards: who came in (-) and who listened (+) differ:\n%s", diff)
	}
	if m.heard.StreamID != 0 {
		table := m.heard
		if diff := cmp.Diff([]any{fresh.Table.State, fresh.Table.Phase, fresh.Table.Turn, fresh.Table.Hands, fresh.Table.TimerAt, fresh.Table.Ballots, fresh.Table.Rev},
			[]any{table.State, table.Phase, table.Turn, table.Hands, table.TimerAt, table.Ballots, table.Rev}); diff != "" {
			t.Fatalf("the table: who came in (-) and who listened (+) differ:\n%s", diff)
		}
	}
	caught, err := m.Tables.Since(ctx, m.owner, m.table.StreamID, 0)
	if err != nil || caught.Rev != fresh.Rev || len(caught.Lessons) != len(fresh.Lessons) {
		t.Fatalf("%+v, %v", caught, err)
	}
	again := 0
	for _, c := range caught.Cards {
		if !c.Deleted {
			again++
		}
	}
	if again != len(fresh.Cards) {
		t.Fatalf("catching up gives %d cards, there are %d", again, len(fresh.Cards))
	}
	repaired, err := m.Tables.ChangesSince(ctx, m.table.StreamID, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(repaired); i++ {
		if repaired[i].Rev <= repaired[i-1].Rev {
			t.Fatalf("%d after %d", repaired[i].Rev, repaired[i-1].Rev)
		}
	}
}

func written2(c leertafel.Card) string {
	b, _ := json.Marshal(c)
	return string(b)
}

// nothingHidden makes sure that nobody gets hold of another's card that lies
// face down, and that an unlinkable table holds no author.
func (m *machine) nothingHidden(t *rapid.T, table leertafel.Table) {
	var rows []struct {
		Text     string
		AuthorID *int64
		Rev      int64
	}
	if err := m.DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&rows, `SELECT text, author_id, rev FROM cards WHERE stream_id = ?`, m.table.StreamID)
	}); err != nil {
		t.Fatal(err)
	}
	hidden := map[string]written{}
	for _, row := range rows {
		if row.Rev == 0 {
			hidden[row.Text] = m.written[row.Text]
		}
		if table.Mode == leertafel.Unlinkable && row.AuthorID != nil {
			t.Fatalf("an author is kept: %+v", row)
		}
	}
	if len(hidden) == 0 {
		return
	}
	for range 3 {
		who := m.who(t)
		s, err := m.Tables.See(ctx, who, m.table.StreamID)
		if err != nil {
			continue
		}
		c, _ := m.Tables.Since(ctx, who, m.table.StreamID, 0)
		all, _ := json.Marshal([]any{s, c})
		for text, w := range hidden {
			own := w.by.Person == who.Person && table.Mode != leertafel.Unlinkable
			if strings.Contains(string(all), text) != own {
				t.Fatalf("%s sees %q of %s: %v", who.Name, text, w.by.Name, !own)
			}
		}
	}
}
