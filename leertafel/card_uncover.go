package leertafel

import (
	"slices"
	"time"

	"leerkring/forum"
	"leerkring/internal/database"
)

// together is how many cards get one rev and go out as one change: so many fit
// in a frame, whatever is written on them.
const together = 100

// uncover shows what lies face down in the phases before one. The cards are
// taken up and laid down anew in the order of their random ids, so that neither
// their numbers nor the place they are stored in tell who wrote first.
func (l *Leertafel) uncover(tx *database.Tx, row tableRow, before int, done *changes) error {
	rows, err := loadCards(tx, `c.stream_id = ? AND c.rev = 0 AND c.phase < ? ORDER BY c.id`, row.StreamID, before)
	if err != nil || len(rows) == 0 {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM cards WHERE stream_id = ? AND rev = 0 AND phase < ?`, row.StreamID, before); err != nil {
		return err
	}
	for chunk := range slices.Chunk(rows, together) {
		rev, err := forum.NextRev(tx, row.StreamID)
		if err != nil {
			return err
		}
		cards := make([]Card, len(chunk))
		for i := range chunk {
			r := &chunk[i]
			r.Rev, r.CreatedRev = rev, rev
			if err := insertCard(tx, r); err != nil {
				return err
			}
			cards[i] = r.forAll(row.Mode)
		}
		done.cards(row.StreamID, rev, cards...)
	}
	return nil
}

// layStacks lays down the named stacks of a cluster phase, once.
func (l *Leertafel) layStacks(tx *database.Tx, row tableRow, done *changes) error {
	p := row.Script.Phases[row.Phase]
	if p.Work != Cluster || len(p.Stacks) == 0 {
		return nil
	}
	there, err := tx.Exists(`SELECT 1 FROM cards WHERE stream_id = ? AND phase = ? LIMIT 1`, row.StreamID, row.Phase)
	if err != nil || there {
		return err
	}
	rev, err := forum.NextRev(tx, row.StreamID)
	if err != nil {
		return err
	}
	var cards []Card
	for i, name := range p.Stacks {
		stack := cardRow{Card: Card{StreamID: row.StreamID, Phase: row.Phase, Rev: rev, CreatedRev: rev, Text: name,
			CreatedAt: row.PhaseAt.Add(time.Duration(i) * time.Millisecond)}, Key: stackKey(row.Phase, i)}
		if err := insertCard(tx, &stack); err != nil {
			return err
		}
		cards = append(cards, stack.forAll(row.Mode))
	}
	done.cards(row.StreamID, rev, cards...)
	return nil
}
