package leertafel_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
	"leerkring/internal/testkit"
	"leerkring/leertafel"
)

var ctx = context.Background()

// room is a community with people, and the tables in it.
type room struct {
	*testkit.World
	t      testing.TB
	Tables *leertafel.Leertafel
	queue  *jobs.Queue

	admin, owner, leader community.Actor
	people               []community.Actor // who take part beside the owner
	outsider             community.Actor
	region               community.Space

	mu   sync.Mutex
	told []leertafel.Change
}

func eachRoom(t *testing.T, test func(t *testing.T, r *room)) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) { test(t, newRoom(t, db)) })
}

func newRoom(t testing.TB, db *database.DB) *room {
	r := &room{World: testkit.NewWorld(t, db), t: t}
	r.Tables = leertafel.New(db, r.Clock, r.Community, r.Forum, leertafel.Announcements{Changed: func(c leertafel.Change) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = append(r.told, c)
	}})
	r.queue = jobs.NewQueue(db, r.Clock, slog.New(slog.NewTextHandler(io.Discard, nil)), r.Tables.Handlers())
	r.admin = r.Person("Ada Beheer", community.RoleAdmin)
	r.region = r.Space(r.admin, community.Closed, 0)
	join := func(name, organisation string) community.Actor {
		id, err := r.Community.AddPerson(ctx, community.NewPerson{Name: name, Mail: testkit.MailOf(name), Organisation: organisation})
		r.must(err)
		who := r.SignedIn(id)
		r.Join(r.admin, r.region, who, community.Member)
		return who
	}
	r.owner = join("Ilse Smit", "Gemeente Voorbeeldstad")
	r.leader = join("Gerdien Kolkman", "Regio Achterhoek")
	for i, name := range []string{"Fatma Yilmaz", "Bram Bos", "Cas Vos", "Dora Prins", "Eef Mulder"} {
		r.people = append(r.people, join(name, fmt.Sprintf("Team %d", i)))
	}
	r.outsider = join("Otto Buiten", "Elders")
	return r
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// refused makes sure of the kind of fault.
func (r *room) refused(err error, kind fault.Kind, key ...string) {
	r.t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Kind != kind {
		r.t.Errorf("%v, want %s", err, kind.Code())
		return
	}
	if len(key) > 0 && e.Text.Key != key[0] && (len(e.Fields) == 0 || e.Fields[0].Name+":"+e.Fields[0].Code != key[0]) {
		r.t.Errorf("%v, want %s", err, key[0])
	}
}

// changes returns what was announced since the last call.
func (r *room) changes() []leertafel.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told
	r.told = nil
	return told
}

// lay lays a table with everybody at it and a facilitator who said yes.
func (r *room) lay(mode leertafel.Mode, script string) leertafel.Table {
	r.t.Helper()
	t, err := r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Terug naar vijf plannen", Mode: mode, Script: script, Story: "Wat er gebeurde."})
	r.must(err)
	_, err = r.Tables.PutSeat(ctx, r.owner, t.StreamID, r.leader.Person, leertafel.SeatInput{Role: leertafel.Facilitator})
	r.must(err)
	_, err = r.Tables.Accept(ctx, r.leader, t.StreamID, "")
	r.must(err)
	for _, p := range r.people {
		_, err := r.Tables.PutSeat(ctx, r.owner, t.StreamID, p.Person, leertafel.SeatInput{Role: leertafel.Participant, Involved: "wijkcoach"})
		r.must(err)
	}
	return t
}

// begin lays a table and goes to its first phase with this work.
func (r *room) begin(mode leertafel.Mode, script string, work leertafel.Work) leertafel.Table {
	r.t.Helper()
	t := r.lay(mode, script)
	t, err := r.Tables.Start(ctx, r.leader, t.StreamID)
	r.must(err)
	return r.goTo(t, work)
}

// goTo moves, step by step, to the next phase with this work.
func (r *room) goTo(t leertafel.Table, work leertafel.Work) leertafel.Table {
	r.t.Helper()
	for t.Script.Phases[t.Phase].Work != work {
		t = r.move(t, t.Phase+1)
	}
	return t
}

func (r *room) move(t leertafel.Table, to int) leertafel.Table {
	r.t.Helper()
	from := t.Phase
	t, err := r.Tables.Move(ctx, r.leader, t.StreamID, leertafel.MoveInput{From: &from, To: &to})
	r.must(err)
	return t
}

// card lays a card.
func (r *room) card(who community.Actor, t leertafel.Table, text string) leertafel.Card {
	r.t.Helper()
	c, err := r.Tables.AddCard(ctx, who, leertafel.CardInput{Stream: t.StreamID, Text: text, Nonce: uuid.NewString()})
	r.must(err)
	return c
}

func (r *room) see(who community.Actor, t leertafel.Table) leertafel.Sight {
	r.t.Helper()
	s, err := r.Tables.See(ctx, who, t.StreamID)
	r.must(err)
	return s
}

func (r *room) work() {
	r.t.Helper()
	for {
		n, err := r.queue.Once(ctx)
		r.must(err)
		if n == 0 {
			return
		}
	}
}

func texts(cards []leertafel.Card) (list []string) {
	for _, c := range cards {
		list = append(list, c.Text)
	}
	return list
}

func ptr[T any](v T) *T { return &v }

func in(days int) time.Time { return testkit.Start.AddDate(0, 0, days) }

var _ = forum.Table
