package leertafel_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
	"leerkring/leertafel"
)

// While a card lies face down, everything that anybody else can get hold of is
// the same with it as without it.
func TestFaceDownIsNowhere(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		for _, mode := range []leertafel.Mode{leertafel.Named, leertafel.ToFacilitator, leertafel.Unlinkable} {
			table := r.begin(mode, "leertafel", leertafel.Write)
			others := append([]community.Actor{r.owner, r.leader}, r.people[1:]...)
			r.changes()
			r.Changes()
			before := r.everythingFor(others, table)
			secret := "Zonnebloemen" + string(mode)
			card := r.card(r.people[0], table, secret)
			_, err := r.Tables.AddCard(ctx, r.people[0], leertafel.CardInput{Stream: table.StreamID, Text: secret + " in bloei", Nonce: "vast"})
			r.must(err)
			if mode != leertafel.Unlinkable {
				_, err := r.Tables.ChangeCard(ctx, r.people[0], card.ID, leertafel.CardChange{Text: secret + " anders"})
				r.must(err)
			}
			if diff := cmp.Diff(before, r.everythingFor(others, table)); diff != "" {
				t.Errorf("%s: seen by others:\n%s", mode, diff)
			}
			if told, more := r.changes(), r.Changes(); len(told) != 0 || len(more) != 0 {
				t.Errorf("%s: told of: %+v %+v", mode, told, more)
			}
			if at := r.dump(secret); !slices.Equal(at, []string{"cards"}) {
				t.Errorf("%s: it stands in %v", mode, at)
			}
			for _, who := range others {
				_, err := r.Tables.ChangeCard(ctx, who, card.ID, leertafel.CardChange{Text: "x", Nonce: "geraden"})
				r.refused(err, fault.NotFound)
				_, err = r.Tables.PlaceCard(ctx, who, card.ID, 0)
				r.refused(err, fault.NotFound)
				_, err = r.Tables.Author(ctx, who, card.ID)
				r.refused(err, fault.NotFound)
				r.refused(r.Tables.RemoveCard(ctx, who, card.ID, "geraden"), fault.NotFound)
			}
			// A nonce that somebody else used gives nothing of theirs away.
			_, err = r.Tables.AddCard(ctx, r.people[1], leertafel.CardInput{Stream: table.StreamID, Text: "x", Nonce: "vast"})
			if mode == leertafel.Unlinkable {
				r.must(err) // who has the nonce is the writer
			} else {
				r.refused(err, fault.Conflict, "card.nonce_is_used")
			}
			// Then they are shown, together and once.
			table = r.move(table, table.Phase+1)
			if s := r.see(r.owner, table); len(s.Cards) != 2 {
				t.Errorf("%s: %v", mode, texts(s.Cards))
			}
		}
	})
}

// everythingFor is all that these people can ask about a table, in words.
func (r *room) everythingFor(people []community.Actor, table leertafel.Table) map[string]string {
	r.t.Helper()
	said := map[string]string{}
	for _, who := range people {
		note := func(what string, value any, err error) {
			written, _ := json.Marshal(value)
			said[fmt.Sprintf("%s %s", who.Name, what)] = fmt.Sprintf("%s %v", written, err)
		}
		s, err := r.Tables.See(ctx, who, table.StreamID)
		note("see", s, err)
		for _, since := range []int64{0, s.Rev} {
			c, err := r.Tables.Since(ctx, who, table.StreamID, since)
			note(fmt.Sprint("since ", since), c, err)
		}
		changes, err := r.Tables.ChangesSince(ctx, table.StreamID, 0)
		note("changes", len(changes), err)
		stream, err := r.Forum.Stream(ctx, who, table.StreamID)
		note("stream", stream, err)
		caught, err := r.Forum.Since(ctx, who, table.StreamID, 0)
		note("caught", caught, err)
		unread, err := r.Forum.Unread(ctx, who)
		note("unread", unread, err)
		list, _, err := r.Forum.Streams(ctx, who, s.Space.ID, forum.StreamQuery{}, community.Page{Limit: 10})
		note("streams", list, err)
		report, err := r.Tables.Report(ctx, who, table.StreamID)
		note("report", report, err)
		for _, q := range []string{"zonnebloemen", "bloei"} {
			hits, _, err := r.Forum.Search(ctx, who, forum.SearchQuery{Q: q}, community.Page{Limit: 10})
			note("search "+q, hits, err)
		}
	}
	return said
}

// In unlinkable mode nothing that is kept tells who wrote or chose what: hold
// the same session twice, with other people behind the cards and the dots, and
// the two databases are the same, at every step.
func TestUnlinkable(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			hold := func(shift int) (dumps []map[string][]string) {
				db := testkit.SQLite
				if dialect == "postgres" {
					db = testkit.PostgreSQL
				}
				r := newRoom(t, db(t))
				speakers := append([]community.Actor{r.owner}, r.people...)
				behind := func(i int) community.Actor { return speakers[(i+shift)%len(speakers)] }
				table := r.begin(leertafel.Unlinkable, "leertafel", leertafel.Write)
				var cards []leertafel.Card
				for i := range speakers {
					r.Clock.Advance(7_000_000_000)
					c, err := r.Tables.AddCard(ctx, speakers[i], leertafel.CardInput{Stream: table.StreamID, Text: fmt.Sprintf("Gedachte %d", (i+shift)%6),
						Nonce: fmt.Sprintf("nonce %d", (i+shift)%6)})
					r.must(err)
					if c.Author != nil || !c.CreatedAt.Equal(*table.PhaseAt) {
						t.Errorf("%+v", c)
					}
				}
				dumps = append(dumps, r.wholeDump())
				table = r.move(table, table.Phase+1)
				dumps = append(dumps, r.wholeDump())
				cards = r.see(r.owner, table).Cards
				slices.SortFunc(cards, func(a, b leertafel.Card) int { return strings.Compare(a.Text, b.Text) })
				table = r.goTo(table, leertafel.Vote)
				for i := range speakers {
					_, err := r.Tables.HandIn(ctx, behind(i), table.StreamID, []leertafel.Dots{{Card: cards[i%3].ID, Dots: 1 + i%3}})
					r.must(err)
				}
				dumps = append(dumps, r.wholeDump())
				table = r.goTo(table, leertafel.CheckOut)
				for i := range speakers {
					_, err := r.Tables.AddCard(ctx, behind(i), leertafel.CardInput{Stream: table.StreamID, Text: fmt.Sprintf("woord%d", i), Rating: ptr(1 + i%5), Nonce: fmt.Sprintf("uit %d", i)})
					r.must(err)
				}
				dumps = append(dumps, r.wholeDump())
				_, err := r.Tables.Close(ctx, r.leader, table.StreamID)
				r.must(err)
				return append(dumps, r.wholeDump())
			}
			first := hold(0)
			for shift := 1; shift < 6; shift += 2 {
				for i, dump := range hold(shift) {
					if diff := cmp.Diff(first[i], dump); diff != "" {
						t.Errorf("step %d tells who was behind what:\n%s", i, diff)
					}
				}
			}
		})
	}
}

// wholeDump is the whole database, each table's rows in the alphabet's order,
// without what is drawn at random.
func (r *room) wholeDump() map[string][]string {
	r.t.Helper()
	random := map[string]bool{"token_hash": true, "data": true, "value": true, "code": true}
	dump := map[string][]string{}
	for _, table := range r.allTables() {
		for _, row := range r.rows(table) {
			var words []string
			for _, column := range slices.Sorted(maps.Keys(row)) {
				if random[column] || table == "cards" && (column == "id" || column == "under_id") {
					continue
				}
				words = append(words, column+"="+row[column])
			}
			dump[table] = append(dump[table], strings.Join(words, " "))
		}
		slices.Sort(dump[table])
	}
	return dump
}

func TestUnlinkableNeedsFive(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		table := r.lay(leertafel.Unlinkable, "leertafel")
		r.must(r.Tables.RemoveSeat(ctx, r.owner, table.StreamID, r.people[0].Person))
		_, err := r.Tables.PutSeat(ctx, r.owner, table.StreamID, r.people[1].Person, leertafel.SeatInput{Role: leertafel.Observer})
		r.must(err)
		_, err = r.Tables.Start(ctx, r.leader, table.StreamID)
		r.refused(err, fault.Conflict, "table.too_few")
		_, err = r.Tables.PutSeat(ctx, r.owner, table.StreamID, r.people[1].Person, leertafel.SeatInput{Role: leertafel.Participant})
		r.must(err)
		table, err = r.Tables.Start(ctx, r.leader, table.StreamID)
		r.must(err)

		// What would lie open at once is the facilitator's to write.
		table = r.goTo(table, leertafel.Facts)
		_, err = r.Tables.AddCard(ctx, r.owner, leertafel.CardInput{Stream: table.StreamID, Text: "x", Nonce: "1"})
		r.refused(err, fault.Forbidden, "card.facilitator_writes")
		if c := r.card(r.leader, table, "Zo zegt de tafel"); c.Author != nil {
			t.Errorf("%+v", c)
		}

		table = r.goTo(table, leertafel.Write)
		nonce := uuid.NewString()
		card, err := r.Tables.AddCard(ctx, r.people[1], leertafel.CardInput{Stream: table.StreamID, Text: "Eerst", Nonce: nonce})
		r.must(err)
		// Whoever has the nonce changes it, on any device; without it nobody.
		_, err = r.Tables.ChangeCard(ctx, r.people[1], card.ID, leertafel.CardChange{Text: "Dan"})
		r.refused(err, fault.NotFound)
		_, err = r.Tables.ChangeCard(ctx, r.people[1], card.ID, leertafel.CardChange{Text: "Dan", Nonce: nonce})
		r.must(err)
		if s := r.see(r.people[1], table); len(s.Own) != 0 {
			t.Errorf("%+v", s.Own)
		}

		// Somebody goes in the middle: with four left nobody is hidden any more.
		r.must(r.Tables.RemoveSeat(ctx, r.leader, table.StreamID, r.people[2].Person))
		_, err = r.Tables.AddCard(ctx, r.people[1], leertafel.CardInput{Stream: table.StreamID, Text: "Nog een", Nonce: uuid.NewString()})
		r.refused(err, fault.Conflict, "table.too_few")
		table = r.goTo(table, leertafel.Lessons)
		_, err = r.Tables.AddLesson(ctx, r.people[1], leertafel.LessonInput{Stream: table.StreamID, Text: "x", Theme: "y", Owner: r.owner.Person, Due: in(3), Nonce: "l"})
		r.refused(err, fault.Forbidden)
		_, err = r.Tables.AddLesson(ctx, r.leader, leertafel.LessonInput{Stream: table.StreamID, Text: "x", Theme: "y", Owner: r.owner.Person, Due: in(3), Nonce: "l"})
		r.must(err)
		_, err = r.Tables.Close(ctx, r.leader, table.StreamID)
		r.must(err)
		_, err = r.Tables.WriteReport(ctx, r.leader, table.StreamID, leertafel.ReportInput{Body: "Verslag", State: leertafel.Proposed, Quotes: []int64{card.ID}})
		r.refused(err, fault.Invalid, "quotes:nobody_to_ask")
	})
}
