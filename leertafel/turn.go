package leertafel

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// RaiseHand raises or lowers actor's hand.
func (l *Leertafel) RaiseHand(ctx context.Context, actor community.Actor, stream int64, up bool) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, speak, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if at.row.State != Running {
			return notRunning()
		}
		statement, args := `UPDATE seats SET hand_at = ? WHERE stream_id = ? AND person_id = ? AND hand_at IS NULL`, []any{l.clock.Now(), stream, actor.Person}
		if !up {
			statement, args = `UPDATE seats SET hand_at = NULL WHERE stream_id = ? AND person_id = ? AND hand_at IS NOT NULL`, args[1:]
		}
		n, err := tx.Exec(statement, args...)
		if err != nil {
			return err
		}
		return l.touchIf(tx, at.row, n > 0, done, &t)
	})
	return t, err
}

// GiveTurn gives the floor to somebody who takes part; 0 takes it back. Their
// hand goes down.
func (l *Leertafel) GiveTurn(ctx context.Context, actor community.Actor, stream, person int64) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if at.row.State != Running {
			return notRunning()
		}
		var turn *int64
		if person != 0 {
			seat, err := seatOf(tx, stream, person)
			if err != nil {
				return err
			}
			if !seat.acts().may(speak) {
				return fault.InvalidField("person", "not_there")
			}
			turn = &person
		}
		same := at.row.TurnID == nil && turn == nil || at.row.TurnID != nil && turn != nil && *at.row.TurnID == *turn
		if _, err := tx.Exec(`UPDATE tables SET turn_id = ? WHERE stream_id = ?`, turn, stream); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE seats SET hand_at = NULL WHERE stream_id = ? AND person_id = ?`, stream, person); err != nil {
			return err
		}
		return l.touchIf(tx, at.row, !same, done, &t)
	})
	return t, err
}

// touchIf touches the table when something changed, and reads it into t.
func (l *Leertafel) touchIf(tx *database.Tx, row tableRow, changed bool, done *changes, t *Table) (err error) {
	if changed {
		if err := l.touch(tx, row, done); err != nil {
			return err
		}
	}
	*t, err = loadTable(tx, row.StreamID)
	return err
}
