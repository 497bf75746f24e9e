package leertafel

import (
	"context"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// Start starts the session with its first phase. From now on the mode of
// speaking stands.
func (l *Leertafel) Start(ctx context.Context, actor community.Actor, stream int64) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if at.row.State == Running {
			t, err = loadTable(tx, stream) // somebody else pressed at the same time
			return err
		}
		if at.row.State != Preparing {
			return isClosed()
		}
		seats, err := loadSeats(tx, stream, all)
		if err != nil {
			return err
		}
		switch speakers := countRoles(seats, Owner, Participant); {
		case at.row.Mode == Unlinkable && speakers < MinimumUnlinkable:
			return tooFew()
		case speakers < 2:
			return fault.New(fault.Conflict, "table.nobody_there")
		}
		if _, err := tx.Exec(`UPDATE tables SET state = ?, started_at = ? WHERE stream_id = ?`, Running, l.clock.Now(), stream); err != nil {
			return err
		}
		t, err = l.enter(tx, at.row, 0, done)
		return err
	})
	return t, err
}

func tooFew() error {
	return fault.New(fault.Conflict, "table.too_few", "Min", MinimumUnlinkable)
}

// MoveInput is a step from one phase to another, counted from 0.
type MoveInput struct {
	From *int `json:"from" validate:"required,min=0"`
	To   *int `json:"to" validate:"required,min=0"`
}

// Move goes to another phase, forward or back. Of two who press at once the
// first makes the step, and for the second it has been made. What lay face down
// in the phases that are now past is shown, and dots are counted.
func (l *Leertafel) Move(ctx context.Context, actor community.Actor, stream int64, in MoveInput) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		if at.row.State != Running {
			return notRunning()
		}
		if *in.To >= len(at.row.Script.Phases) {
			return fault.InvalidField("to", "too_high", "Max", len(at.row.Script.Phases)-1)
		}
		switch at.row.Phase {
		case *in.To:
			t, err = loadTable(tx, stream)
		case *in.From:
			t, err = l.move(tx, at.row, *in.To, done)
		default:
			err = fault.New(fault.Conflict, "table.elsewhere")
		}
		return err
	})
	return t, err
}

// move leaves the present phase for another.
func (l *Leertafel) move(tx *database.Tx, row tableRow, to int, done *changes) (Table, error) {
	if err := l.uncover(tx, row, to, done); err != nil {
		return Table{}, err
	}
	if to > row.Phase && row.Script.Phases[row.Phase].Work == Vote {
		if err := l.count(tx, row, done); err != nil {
			return Table{}, err
		}
	}
	if to > row.Phase && row.Script.Phases[to].Work == Vote {
		if err := newRound(tx, row); err != nil {
			return Table{}, err
		}
	}
	return l.enter(tx, row, to, done)
}

// enter begins a phase: its clock runs, hands are down, and its stacks lie
// ready.
func (l *Leertafel) enter(tx *database.Tx, row tableRow, phase int, done *changes) (Table, error) {
	now := l.clock.Now()
	p := row.Script.Phases[phase]
	var timer *time.Time
	if p.Minutes > 0 {
		end := now.Add(time.Duration(p.Minutes) * time.Minute)
		timer = &end
	}
	if _, err := tx.Exec(`UPDATE tables SET phase = ?, phase_at = ?, timer_at = ?, timer_auto = false, turn_id = NULL WHERE stream_id = ?`,
		phase, now, timer, row.StreamID); err != nil {
		return Table{}, err
	}
	if _, err := tx.Exec(`UPDATE seats SET hand_at = NULL WHERE stream_id = ? AND hand_at IS NOT NULL`, row.StreamID); err != nil {
		return Table{}, err
	}
	row.Phase, row.PhaseAt = phase, &now
	if err := l.layStacks(tx, row, done); err != nil {
		return Table{}, err
	}
	if err := l.touch(tx, row, done); err != nil {
		return Table{}, err
	}
	return *done.list[len(done.list)-1].Table, nil
}

// Close ends the session: everything that lies face down is shown, dots are
// counted, and the lessons leave the room. The rest is erased after the time
// that was set.
func (l *Leertafel) Close(ctx context.Context, actor community.Actor, stream int64) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		row := at.row
		if row.over() {
			t, err = loadTable(tx, stream)
			return err
		}
		if row.State != Running {
			return notRunning()
		}
		if err := l.uncover(tx, row, len(row.Script.Phases), done); err != nil {
			return err
		}
		if row.Script.Phases[row.Phase].Work == Vote {
			if err := l.count(tx, row, done); err != nil {
				return err
			}
		}
		if err := l.shareLessons(tx, at, done); err != nil {
			return err
		}
		now := l.clock.Now()
		row.State, row.ClosedAt = Closed, &now
		if _, err := tx.Exec(`UPDATE tables SET state = ?, closed_at = ?, timer_at = NULL, timer_auto = false, turn_id = NULL WHERE stream_id = ?`,
			Closed, now, stream); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE seats SET hand_at = NULL, voted = false, checked_out = false WHERE stream_id = ?`, stream); err != nil {
			return err
		}
		if err := l.draftReport(tx, at, done); err != nil {
			return err
		}
		if err := l.planErasure(tx, row, done); err != nil {
			return err
		}
		closed, err := l.forum.CloseTable(tx, stream)
		if err != nil {
			return err
		}
		done.forum = append(done.forum, closed)
		if err := l.touch(tx, row, done); err != nil {
			return err
		}
		t = *done.list[len(done.list)-1].Table
		return nil
	})
	return t, err
}
