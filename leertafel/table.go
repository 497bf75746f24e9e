package leertafel

import (
	"context"
	"encoding/json"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// State is how far a table is.
type State string

const (
	// Preparing: the case is brought in and people are asked.
	Preparing State = "preparing"
	// Running: the session goes by its phases, for an hour or for days.
	Running State = "running"
	// Closed: the lessons have left; the rest waits to be erased.
	Closed State = "closed"
	// Erased: of the case and the cards nothing is left.
	Erased State = "erased"
)

// Mode is how people speak at a table. It is chosen before the session starts
// and never changes after.
type Mode string

const (
	// Named: everybody sees who wrote a card.
	Named Mode = "named"
	// ToFacilitator: only facilitators can see it.
	ToFacilitator Mode = "facilitator"
	// Unlinkable: nobody can, nor could from all that is kept.
	Unlinkable Mode = "unlinkable"
)

// MinimumUnlinkable is how many must take part for cards to be nobody's.
const MinimumUnlinkable = 5

// Table is a session as it is to everyone in the room.
type Table struct {
	StreamID int64
	SpaceID  int64
	Title    string
	// Rev is the stream's rev at the last change of what stands here.
	Rev   int64
	State State
	Mode  Mode
	// Script is what the session goes by; Phase counts from 0. What of it is for
	// some alone is left out of what goes to everyone.
	Script  Script
	Phase   int
	PhaseAt *time.Time
	// TimerAt is when the time of the phase is over; nil is no clock. With Auto
	// the session then goes on by itself.
	TimerAt *time.Time
	Auto    bool
	// Turn has the floor; Hands are raised, the first first.
	Turn  *int64
	Hands []int64
	// Ballots is how many handed in their dots, of Speakers who may.
	Ballots  int
	Speakers int
	// Story is what happened, in Markdown.
	Story     string
	OwnerID   int64
	MeetsAt   *time.Time
	StartedAt *time.Time
	ClosedAt  *time.Time
	// KeepDays after closing, at EraseAt, the case and the cards are erased.
	KeepDays int
	EraseAt  *time.Time
	ErasedAt *time.Time
	// Report is what leaves the room beside lessons.
	ReportState ReportState
	ArticleID   *int64
}

// Now is the present phase; nil when the session does not run.
func (t Table) Now() *Phase {
	if t.State != Running {
		return nil
	}
	return &t.Script.Phases[t.Phase]
}

// tableRow is a table as it is kept.
type tableRow struct {
	StreamID    int64
	SpaceID     int64
	Title       string
	OwnerID     int64
	Rev         int64
	State       State
	Mode        Mode
	ScriptBody  string
	Script      Script `db:"-"`
	Phase       int
	PhaseAt     *time.Time
	TimerAt     *time.Time
	TimerAuto   bool
	TurnID      *int64
	Story       string
	MeetsAt     *time.Time
	StartedAt   *time.Time
	ClosedAt    *time.Time
	KeepDays    int
	ErasedAt    *time.Time
	Report      string
	ReportState ReportState
	ArticleID   *int64
}

func loadRow(tx *database.Tx, stream int64, lock string) (tableRow, error) {
	if lock != "" {
		var held int64 // the table's row alone, not the stream's
		if err := tx.Get(&held, `SELECT stream_id FROM tables WHERE stream_id = ?`+lock, stream); err != nil && err != database.ErrNoRows {
			return tableRow{}, err
		}
	}
	var row tableRow
	err := tx.Get(&row, `SELECT t.stream_id, x.space_id, x.title, coalesce(x.author_id, 0) AS owner_id, t.rev, t.state, t.mode, t.script AS script_body,
			t.phase, t.phase_at, t.timer_at, t.timer_auto, t.turn_id, t.story, t.meets_at, t.started_at, t.closed_at, t.keep_days, t.erased_at,
			t.report, t.report_state, t.article_id
		FROM tables t JOIN streams x ON x.id = t.stream_id WHERE t.stream_id = ?`, stream)
	if err == database.ErrNoRows {
		return row, fault.Missing()
	}
	if err != nil {
		return row, err
	}
	return row, json.Unmarshal([]byte(row.ScriptBody), &row.Script)
}

// loadTable reads a table as it is to everyone.
func loadTable(tx *database.Tx, stream int64) (Table, error) {
	row, err := loadRow(tx, stream, ``)
	if err != nil {
		return Table{}, err
	}
	seats, err := loadSeats(tx, stream, all)
	if err != nil {
		return Table{}, err
	}
	t := Table{
		StreamID: row.StreamID, SpaceID: row.SpaceID, Title: row.Title, Rev: row.Rev, State: row.State, Mode: row.Mode,
		Script: row.Script, Phase: row.Phase, PhaseAt: row.PhaseAt, TimerAt: row.TimerAt, Auto: row.TimerAuto, Turn: row.TurnID,
		Speakers: countRoles(seats, Owner, Participant), Story: row.Story, OwnerID: row.OwnerID, MeetsAt: row.MeetsAt,
		StartedAt: row.StartedAt, ClosedAt: row.ClosedAt, KeepDays: row.KeepDays, EraseAt: row.eraseAt(), ErasedAt: row.ErasedAt,
		ReportState: row.ReportState, ArticleID: row.ArticleID,
	}
	for _, s := range seats {
		if s.Voted && s.acts().may(speak) {
			t.Ballots++
		}
	}
	err = tx.Select(&t.Hands, `SELECT e.person_id FROM seats e JOIN memberships m ON m.space_id = ? AND m.person_id = e.person_id
		WHERE e.stream_id = ? AND e.hand_at IS NOT NULL ORDER BY e.hand_at, e.person_id`, row.SpaceID, stream)
	return t, err
}

// over: the session has ended.
func (r tableRow) over() bool { return r.State == Closed || r.State == Erased }

func (r tableRow) eraseAt() *time.Time {
	if r.ClosedAt == nil || r.ErasedAt != nil {
		return nil
	}
	at := r.ClosedAt.AddDate(0, 0, r.KeepDays)
	return &at
}

// touch gives the table's own fields the stream's next rev, and notes the
// change.
func (l *Leertafel) touch(tx *database.Tx, row tableRow, done *changes) error {
	rev, err := forum.NextRev(tx, row.StreamID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE tables SET rev = ? WHERE stream_id = ?`, rev, row.StreamID); err != nil {
		return err
	}
	t, err := loadTable(tx, row.StreamID)
	if err == nil {
		done.table(t)
	}
	return err
}

// change runs a transaction and announces, after its commit, what it did.
func (l *Leertafel) change(ctx context.Context, fn func(tx *database.Tx, done *changes) error) error {
	var done changes
	err := l.db.Write(ctx, func(tx *database.Tx) error {
		done = changes{}
		return fn(tx, &done)
	})
	if err == nil {
		l.announce(done)
	}
	return err
}

// NewTable is what a table is laid with.
type NewTable struct {
	Title string `json:"title" validate:"notblank,max=200"`
	// Script is the key of an example, or the id of a kept one; "" is leertafel.
	Script string `json:"script" validate:"max=40"`
	// Mode is how people will speak; "" is named.
	Mode Mode `json:"mode" validate:"omitempty,oneof=named facilitator unlinkable"`
	// Story is what happened, in Markdown.
	Story string `json:"story" validate:"max=20000"`
	// Keep is why the story keeps what may lead to a person.
	Keep string `json:"keep" validate:"max=200"`
}

// Lay lays a table: actor brings in a case and becomes its owner. In a space of
// kind table it is laid there; in any other it gets a hidden room of its own.
func (l *Leertafel) Lay(ctx context.Context, actor community.Actor, spaceID int64, in NewTable) (t Table, err error) {
	if in.Script == "" {
		in.Script = Examples[0]
	}
	if in.Mode == "" {
		in.Mode = Named
	}
	var started forum.Stream
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		space, err := community.Enter(tx, actor, community.Write, spaceID)
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		script, err := scriptFor(tx, actor, space, in.Script)
		if err != nil {
			return err
		}
		at := place{actor: actor, space: space}
		if _, err := guarded(tx, at, "title", in.Title, ""); err != nil {
			return err
		}
		if _, err := guarded(tx, at, "story", in.Story, in.Keep); err != nil {
			return err
		}
		if space.Kind != community.KindTable {
			if space, err = l.community.MakeSpaceIn(tx, actor, community.NewSpace{
				Name: in.Title, Kind: community.KindTable, Visibility: community.Hidden, Parent: spaceID}); err != nil {
				return err
			}
		}
		if started, err = l.forum.StartTable(tx, actor, space.ID, in.Title); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO tables (stream_id, state, mode, script, story) VALUES (?, ?, ?, ?, ?)`,
			started.ID, Preparing, in.Mode, body(script), in.Story); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO seats (stream_id, person_id, role) VALUES (?, ?, ?)`, started.ID, actor.Person, Owner); err != nil {
			return err
		}
		t, err = loadTable(tx, started.ID)
		return err
	})
	if err == nil {
		l.forum.Started(started)
	}
	return t, err
}

// TableChange is what of a table is to be different; nil stays as it is.
type TableChange struct {
	Story *string `json:"story" validate:"omitnil,max=20000"`
	// Keep is why the story keeps what may lead to a person.
	Keep   string  `json:"keep" validate:"max=200"`
	Script *string `json:"script" validate:"omitnil,max=40"`
	Mode   *Mode   `json:"mode" validate:"omitnil,oneof=named facilitator unlinkable"`
	// MeetsAt is when people come together; the zero time takes it away.
	MeetsAt *time.Time `json:"meets_at"`
	// KeepDays is how long case and cards are kept after closing.
	KeepDays *int `json:"keep_days" validate:"omitnil,min=1,max=365"`
}

// Change changes what is prepared. Once the session has started only how long
// things are kept can still change, and from then on only to a shorter time
// when it is closed.
func (l *Leertafel) Change(ctx context.Context, actor community.Actor, stream int64, in TableChange) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, prepare, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		row := at.row
		if row.State != Preparing && (in.Story != nil || in.Script != nil || in.Mode != nil || in.MeetsAt != nil) {
			return fault.New(fault.Conflict, "table.has_started")
		}
		if in.KeepDays != nil {
			if row.State == Erased || row.State == Closed && *in.KeepDays > row.KeepDays {
				return fault.New(fault.Conflict, "table.keeps_no_longer")
			}
			row.KeepDays = *in.KeepDays
		}
		if in.Story != nil {
			if _, err := guarded(tx, at, "story", *in.Story, in.Keep); err != nil {
				return err
			}
			row.Story = *in.Story
		}
		if in.Script != nil {
			if row.Script, err = scriptFor(tx, actor, at.space, *in.Script); err != nil {
				return err
			}
			if err := keepFacts(tx, row); err != nil {
				return err
			}
		}
		if in.Mode != nil {
			row.Mode = *in.Mode
		}
		if in.MeetsAt != nil {
			row.MeetsAt = nil
			if !in.MeetsAt.IsZero() {
				moment := in.MeetsAt.UTC().Truncate(time.Minute)
				row.MeetsAt = &moment
			}
		}
		if _, err := tx.Exec(`UPDATE tables SET story = ?, script = ?, mode = ?, meets_at = ?, keep_days = ? WHERE stream_id = ?`,
			row.Story, body(row.Script), row.Mode, row.MeetsAt, row.KeepDays, stream); err != nil {
			return err
		}
		if in.KeepDays != nil && row.State == Closed {
			if err := l.planErasure(tx, row, done); err != nil {
				return err
			}
		}
		if err := l.touch(tx, row, done); err != nil {
			return err
		}
		t = *done.list[len(done.list)-1].Table
		return nil
	})
	return t, err
}

// keepFacts moves the facts that lie ready to the phase that has them in the
// table's script.
func keepFacts(tx *database.Tx, row tableRow) error {
	phase, ok := row.Script.first(Facts)
	if !ok {
		phase = 0 // where they are read
	}
	_, err := tx.Exec(`UPDATE cards SET phase = ? WHERE stream_id = ?`, phase, row.StreamID)
	return err
}

// first returns the first phase with this work.
func (s Script) first(work Work) (phase int, ok bool) {
	for i, p := range s.Phases {
		if p.Work == work {
			return i, true
		}
	}
	return 0, false
}

func isClosed() error { return fault.New(fault.Conflict, "table.is_closed") }

func notRunning() error { return fault.New(fault.Conflict, "table.does_not_run") }
