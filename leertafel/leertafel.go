// Package leertafel keeps sessions in which people look back on a case
// together, led by a facilitator who had no part in it. A table is a stream of
// kind table in a space of kind table: who belongs to the space may read it,
// and its rev counts what happens, so it is followed and resumed like any other
// stream. What lies on the table are cards, not posts.
//
// It owns scripts (script*.go: how a session goes), who sits at a table and
// what each may do (seat.go), the phases and their clock (phase.go, timer.go),
// cards (card*.go), dots (ballot.go), turns (turn.go), lessons (lesson*.go),
// and what leaves the room and what is erased (report.go, erase.go).
//
// The case stays in the room, and a card that lies face down is nobody's but
// its writer's: it has no number in the stream, its id tells nothing, and no
// list, count, event or search knows of it. See docs/decisions/0016.
package leertafel

import (
	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// Leertafel is the door to tables, scripts and lessons. It is safe for
// concurrent use.
type Leertafel struct {
	db        *database.DB
	clock     *clock.Clock
	community *community.Community
	forum     *forum.Forum
	tell      Announcements
}

// Announcements are told after a commit, and must return soon.
type Announcements struct {
	// Changed: a table's stream has a new rev.
	Changed func(Change)
	// WorkWaits: a job has been put in the queue.
	WorkWaits func()
}

// New returns the tables kept in db.
func New(db *database.DB, clock *clock.Clock, c *community.Community, f *forum.Forum, tell Announcements) *Leertafel {
	if tell.Changed == nil {
		tell.Changed = func(Change) {}
	}
	if tell.WorkWaits == nil {
		tell.WorkWaits = func() {}
	}
	return &Leertafel{db: db, clock: clock, community: c, forum: f, tell: tell}
}

// Event is what happened at a table, in the words of the protocol.
type Event string

const (
	TableChanged  Event = "table.changed"
	CardsChanged  Event = "cards.changed"
	LessonChanged Event = "lesson.changed"
)

// Change is one step of a table's stream: the Table, or Cards that got a new
// rev together, or a Lesson, as they are now. It is the same for everyone.
type Change struct {
	StreamID int64
	Rev      int64
	Event    Event
	Table    *Table
	Cards    []Card
	Lesson   *Lesson
}

// changes gathers what a transaction did, to be announced after its commit.
type changes struct {
	list   []Change
	forum  []forum.Change
	access []int64
	jobs   bool
}

func (c *changes) table(t Table) {
	c.list = append(c.list, Change{StreamID: t.StreamID, Rev: t.Rev, Event: TableChanged, Table: &t})
}

func (c *changes) cards(stream, rev int64, cards ...Card) {
	if len(cards) > 0 {
		c.list = append(c.list, Change{StreamID: stream, Rev: rev, Event: CardsChanged, Cards: cards})
	}
}

func (c *changes) lesson(lesson Lesson) {
	c.list = append(c.list, Change{StreamID: lesson.StreamID, Rev: lesson.Rev, Event: LessonChanged, Lesson: &lesson})
}

// announce tells of what was done, in the order of the numbers.
func (l *Leertafel) announce(c changes) {
	for _, person := range c.access {
		l.community.AccessChanged(person)
	}
	for _, change := range c.list {
		l.tell.Changed(change)
	}
	for _, change := range c.forum {
		l.forum.Changed(change)
	}
	if c.jobs {
		l.tell.WorkWaits()
	}
}

// forUpdate makes a SELECT hold the row it reads until the transaction ends;
// forShare lets others hold it too, but nobody change it. SQLite has one
// writer, so there the row is held already.
func forUpdate(tx *database.Tx) string { return lock(tx, ` FOR UPDATE`) }

func forShare(tx *database.Tx) string { return lock(tx, ` FOR SHARE`) }

func lock(tx *database.Tx, how string) string {
	if tx.Dialect == database.PostgreSQL {
		return how
	}
	return ``
}
