package leertafel

import (
	"context"
	"slices"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/limits"
)

// Sight is a table as it lies before one person: one view of the data, from
// which following the stream at Rev misses nothing.
type Sight struct {
	Space community.Space
	Table Table
	// Rev is where the stream stands.
	Rev   int64
	Seats []Seat
	// Me is the reader's own seat; the zero Seat without one.
	Me  Seat
	May Rights
	// Cards are those that lie open, in the order in which they came, and Own
	// the reader's that lie face down. Where no author is kept there are none.
	Cards []Card
	Own   []Card
	// Mine are the ids of the reader's cards among Cards.
	Mine    map[int64]bool
	Lessons []Lesson
	// Watch and Aside of the present phase are filled where the reader may see
	// them.
	Watch, Aside string
}

// Rights is what a person may do at a table as it is now.
type Rights struct {
	Prepare, Seat, Start, Lead bool
	// Write a card now, Arrange the stacks, Vote, CheckOut, raise a Hand, write
	// a Lesson.
	Write, Arrange, Vote, CheckOut, Hand, Lesson bool
	// Accept the request to facilitate.
	Accept bool
}

// See returns a table as it lies before actor.
func (l *Leertafel) See(ctx context.Context, actor community.Actor, stream int64) (s Sight, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		at, err := sit(tx, actor, see, stream, ``)
		if err != nil {
			return err
		}
		s = Sight{Space: at.space, Me: at.seat, Mine: map[int64]bool{}}
		if err := tx.Get(&s.Rev, `SELECT rev FROM streams WHERE id = ?`, stream); err != nil {
			return err
		}
		if s.Table, err = loadTable(tx, stream); err != nil {
			return err
		}
		if s.Seats, err = loadSeats(tx, stream, all); err != nil {
			return err
		}
		if s.Lessons, err = loadLessons(tx, `n.stream_id = ? ORDER BY n.id`, stream); err != nil {
			return err
		}
		rows, err := loadCards(tx, `c.stream_id = ? AND c.deleted_at IS NULL AND (c.rev > 0 OR c.author_id = ?) ORDER BY c.created_rev, c.created_at, c.id`,
			stream, actor.Person)
		if err != nil {
			return err
		}
		for _, r := range rows {
			mine := r.AuthorID != nil && *r.AuthorID == actor.Person
			switch card := r.forAll(s.Table.Mode); {
			case card.FaceDown():
				s.Own = append(s.Own, card)
			default:
				s.Cards = append(s.Cards, card)
				s.Mine[card.ID] = mine
			}
		}
		s.May = at.rights()
		if now := s.Table.Now(); now != nil {
			if at.is(Facilitator) {
				s.Aside, s.Watch = now.Aside, now.Watch
			}
			if at.is(Observer) {
				s.Watch = now.Watch
			}
		}
		s.Table.Script = s.Table.Script.forEveryone(s.Table)
		return nil
	})
	return s, err
}

// forEveryone leaves out what is for some alone, and what is handed out later.
func (s Script) forEveryone(t Table) Script {
	s.Phases = slices.Clone(s.Phases)
	for i := range s.Phases {
		p := &s.Phases[i]
		p.Aside, p.Watch = "", ""
		if t.State == Preparing || t.State == Running && i > t.Phase || t.State == Erased {
			p.Handout = ""
		}
	}
	return s
}

func (p place) rights() Rights {
	role := p.seat.acts()
	prepares := p.row.State == Preparing
	r := Rights{
		Prepare: role.may(prepare) && prepares,
		Seat:    role.may(seatPeople) && !p.row.over(),
		Start:   role.may(lead) && prepares,
		Lead:    role.may(lead) && p.row.State == Running,
		Accept:  p.seat.Asked && !p.row.over(),
	}
	if community.MayWrite(p.actor) != nil {
		return Rights{}
	}
	if p.row.State != Running {
		r.Write = r.Prepare
		return r
	}
	work := p.phase().Work
	speaks, arranges := role.may(speak), role.may(arrange)
	openWriting := arranges && (p.row.Mode != Unlinkable || p.is(Facilitator))
	r.Hand = speaks
	r.Arrange = work == Cluster && arranges
	r.Vote = work == Vote && speaks && !p.seat.Voted
	r.CheckOut = work == CheckOut && speaks && !p.seat.CheckedOut
	r.Lesson = p.is(Facilitator) || work == Lessons && openWriting
	switch work {
	case Write:
		r.Write = speaks
	case Facts, Cluster:
		r.Write = openWriting
	}
	return r
}

// CatchUp brings somebody who knows a table up to some rev to where it is now.
type CatchUp struct {
	Rev int64
	// Reset: too much has happened, or the rev was never reached; load it anew.
	Reset   bool
	Table   *Table
	Cards   []Card
	Lessons []Lesson
}

// Since returns what happened at a table after rev since.
func (l *Leertafel) Since(ctx context.Context, actor community.Actor, stream, since int64) (c CatchUp, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		at, err := sit(tx, actor, see, stream, ``)
		if err != nil {
			return err
		}
		c = CatchUp{}
		if err := tx.Get(&c.Rev, `SELECT rev FROM streams WHERE id = ?`, stream); err != nil {
			return err
		}
		if since > c.Rev || since < 0 {
			c.Reset = true
			return nil
		}
		rows, err := loadCards(tx, `c.stream_id = ? AND c.rev > ? ORDER BY c.rev, c.id LIMIT ?`, stream, since, limits.CatchUpPosts+1)
		if err != nil {
			return err
		}
		if len(rows) > limits.CatchUpPosts {
			c.Reset = true
			return nil
		}
		for _, r := range rows {
			c.Cards = append(c.Cards, r.forAll(at.row.Mode))
		}
		if c.Lessons, err = loadLessons(tx, `n.stream_id = ? AND n.rev > ? ORDER BY n.rev`, stream, since); err != nil {
			return err
		}
		if at.row.Rev > since {
			t, err := loadTable(tx, stream)
			c.Table = &t
			return err
		}
		return nil
	})
	return c, err
}

// ChangesSince returns what happened at a table after rev since, in the order
// of rev. It asks nobody's leave: it is for whoever delivers to listeners that
// were let in one by one. A stream that is no table has none.
func (l *Leertafel) ChangesSince(ctx context.Context, stream, since int64) (list []Change, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		var done changes
		there, err := tx.Exists(`SELECT 1 FROM tables WHERE stream_id = ?`, stream)
		if err != nil || !there {
			return err
		}
		t, err := loadTable(tx, stream)
		if err != nil {
			return err
		}
		if t.Rev > since {
			done.table(t)
		}
		rows, err := loadCards(tx, `c.stream_id = ? AND c.rev > ? ORDER BY c.rev, c.id`, stream, since)
		if err != nil {
			return err
		}
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].Rev == rows[0].Rev {
				n++
			}
			cards := make([]Card, n)
			for i, r := range rows[:n] {
				cards[i] = r.forAll(t.Mode)
			}
			done.cards(stream, cards[0].Rev, cards...)
			rows = rows[n:]
		}
		lessons, err := loadLessons(tx, `n.stream_id = ? AND n.rev > ?`, stream, since)
		if err != nil {
			return err
		}
		for _, lesson := range lessons {
			done.lesson(lesson)
		}
		list = done.list
		slices.SortFunc(list, func(a, b Change) int { return int(a.Rev - b.Rev) })
		return nil
	})
	return list, err
}
