package leertafel

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// A ballot is handed in once, whole. What is kept is that somebody handed in,
// and the sum of the dots on each card; who put a dot where is never written
// down, in any mode. The sums show when the vote is over.

// Dots is how many of one's dots go on one card.
type Dots struct {
	Card int64 `json:"card"`
	Dots int   `json:"dots"`
}

// HandIn hands in actor's dots.
func (l *Leertafel) HandIn(ctx context.Context, actor community.Actor, stream int64, ballot []Dots) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, speak, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if at.row.State != Running {
			return notRunning()
		}
		if at.phase().Work != Vote {
			return fault.New(fault.Conflict, "ballot.not_now")
		}
		if err := checkBallot(tx, at, ballot); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE seats SET voted = true WHERE stream_id = ? AND person_id = ? AND voted = false`, stream, actor.Person)
		if err != nil || n == 0 {
			return either(err, fault.New(fault.Conflict, "ballot.handed_in"))
		}
		for _, d := range ballot {
			if _, err := tx.Exec(`UPDATE cards SET dots = dots + ? WHERE id = ?`, d.Dots, d.Card); err != nil {
				return err
			}
		}
		if err := l.touch(tx, at.row, done); err != nil {
			return err
		}
		t = *done.list[len(done.list)-1].Table
		return nil
	})
	return t, err
}

// checkBallot makes sure that the dots are there to give, and go on cards of
// this table that can have them.
func checkBallot(tx *database.Tx, at place, ballot []Dots) error {
	rows, err := loadCards(tx, `c.stream_id = ? AND c.rev > 0`, at.row.StreamID)
	if err != nil {
		return err
	}
	votable := Votable(at.row.Script, cardsOf(rows))
	sum, given := 0, map[int64]bool{}
	for _, d := range ballot {
		if d.Dots < 1 || given[d.Card] || !votable[d.Card] {
			return fault.InvalidField("dots", "does_not_fit")
		}
		given[d.Card] = true
		if sum += d.Dots; sum > at.phase().Dots || d.Dots > at.phase().Dots {
			return fault.InvalidField("dots", "too_many", "Max", at.phase().Dots)
		}
	}
	if sum == 0 {
		return fault.InvalidField("dots", "required")
	}
	return nil
}

func cardsOf(rows []cardRow) []Card {
	cards := make([]Card, len(rows))
	for i, r := range rows {
		cards[i] = r.Card
	}
	return cards
}

// Votable returns the cards that dots can go on: what lies on no stack, a stack
// as a whole, and, where the stacks lay ready, the cards on them.
func Votable(script Script, cards []Card) map[int64]bool {
	ready, full := map[int64]bool{}, map[int64]bool{}
	for _, c := range cards {
		if IsReadyStack(script, c) {
			ready[c.ID] = true
		}
		if c.Under != nil {
			full[*c.Under] = true
		}
	}
	votable := map[int64]bool{}
	for _, c := range cards {
		switch {
		case c.FaceDown(), c.Deleted, c.Rating != nil, ready[c.ID], IsFact(script, c) && c.Under == nil && !full[c.ID]:
		case c.Under == nil, ready[*c.Under]:
			votable[c.ID] = true
		}
	}
	return votable
}

// IsReadyStack reports whether a card is the name of a stack that the script
// laid ready.
func IsReadyStack(script Script, c Card) bool {
	return script.workOf(c) == Cluster && slices.Contains(script.Phases[c.Phase].Stacks, c.Text)
}

// IsFact reports whether a card stands on the timeline. One that was laid ready
// for a script with a timeline stays one under a script without.
func IsFact(script Script, c Card) bool {
	work := script.workOf(c)
	return work == Facts || !work.takesCards()
}

// workOf is what one did in the phase in which a card was written.
func (s Script) workOf(c Card) Work {
	if c.Phase >= len(s.Phases) {
		return Talk
	}
	return s.Phases[c.Phase].Work
}

// stackKey is the key of a stack that lies ready: it came with no nonce, and
// nobody can have one that fits.
func stackKey(phase, i int) string { return "stack " + strconv.Itoa(phase) + " " + strconv.Itoa(i) }

// count shows how many dots each card got.
func (l *Leertafel) count(tx *database.Tx, row tableRow, done *changes) error {
	var counted []int64
	if err := tx.Select(&counted, `SELECT id FROM cards WHERE stream_id = ? AND rev > 0 AND deleted_at IS NULL
		AND coalesce(votes, 0) <> dots ORDER BY id`, row.StreamID); err != nil {
		return err
	}
	for ids := range slices.Chunk(counted, together) {
		rev, err := forum.NextRev(tx, row.StreamID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE cards SET votes = CASE WHEN dots > 0 THEN dots END, rev = ? WHERE id IN (?)`, rev, ids); err != nil {
			return err
		}
		if err := noteCards(tx, row, rev, done); err != nil {
			return err
		}
	}
	return nil
}

// newRound forgets the dots of an earlier vote: this is another one.
func newRound(tx *database.Tx, row tableRow) error {
	if _, err := tx.Exec(`UPDATE seats SET voted = false WHERE stream_id = ?`, row.StreamID); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE cards SET dots = 0 WHERE stream_id = ? AND dots > 0`, row.StreamID)
	return err
}

// ByVotes orders cards by their dots, most first, then as they came.
func ByVotes(a, b Card) int {
	votes := func(c Card) int {
		if c.Votes == nil {
			return 0
		}
		return *c.Votes
	}
	return cmp.Or(cmp.Compare(votes(b), votes(a)), cmp.Compare(a.CreatedRev, b.CreatedRev), cmp.Compare(a.ID, b.ID))
}
