package leertafel

import (
	"context"
	"slices"
	"strings"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Role is what somebody is at a table. Membership of the space decides who may
// be in the room at all; a role, what they may do there.
type Role string

const (
	// Observer sees what everybody sees and does nothing. Members without a seat
	// are observers too.
	Observer Role = "observer"
	// Participant takes part.
	Participant Role = "participant"
	// Owner brought in the case, and takes part.
	Owner Role = "owner"
	// Facilitator leads, and had no part in the case.
	Facilitator Role = "facilitator"
)

// act is something that is done at a table.
type act int

const (
	// see what lies open.
	see act = iota
	// prepare the case, the script, the mode, the date.
	prepare
	// seat people, and let them go.
	seatPeople
	// speak: write cards, vote, check out, raise a hand.
	speak
	// arrange cards on stacks, note facts and lessons.
	arrange
	// lead: start, move on, hold the clock, give the turn, take cards away, close.
	lead
	// answer for oneself: a request to facilitate, a consent, leaving.
	answer
)

// mayDo is the table of who may do what.
var mayDo = map[act][]Role{
	see:        {Observer, Participant, Owner, Facilitator},
	prepare:    {Owner, Facilitator},
	seatPeople: {Owner, Facilitator},
	speak:      {Owner, Participant},
	arrange:    {Owner, Participant, Facilitator},
	lead:       {Facilitator},
	answer:     {Observer, Participant, Owner, Facilitator},
}

func (r Role) may(a act) bool { return slices.Contains(mayDo[a], r) }

// Seat is somebody's place at a table.
type Seat struct {
	Person community.PersonCard
	Role   Role
	// Involved is the part they had in the case; "" is none.
	Involved string
	// Asked: they were asked to facilitate and have not answered yet. Until then
	// they are an observer.
	Asked bool
	// Warned is what they answered to what made their independence doubtful.
	Warned string
	// Voted and CheckedOut: that they did, not what.
	Voted      bool
	CheckedOut bool
}

// seatRow is a seat as it is kept, of somebody who is still in the room.
type seatRow struct {
	PersonID           int64
	Name, Organisation string
	Role               Role
	Involved, Warned   string
	Accepted           bool
	Voted, CheckedOut  bool
}

func (r seatRow) seat() Seat {
	return Seat{
		Person: community.PersonCard{ID: r.PersonID, Name: r.Name, Organisation: r.Organisation}, Role: r.Role,
		Involved: r.Involved, Asked: r.Role == Facilitator && !r.Accepted, Warned: r.Warned, Voted: r.Voted, CheckedOut: r.CheckedOut,
	}
}

// acts is the role somebody acts in.
func (s Seat) acts() Role {
	if s.Role == "" || s.Asked {
		return Observer
	}
	return s.Role
}

// place is a table as one person came to it.
type place struct {
	actor community.Actor
	space community.Space
	row   tableRow
	seat  Seat
}

func (p place) is(role Role) bool { return p.seat.acts() == role }

// phase is the present phase; there is one while the session runs.
func (p place) phase() Phase { return p.row.Script.Phases[p.row.Phase] }

// sit is the only way a function gets a table: by entering its space, and by
// what the person may do at it.
func sit(tx *database.Tx, actor community.Actor, a act, stream int64, lock string) (place, error) {
	row, err := loadRow(tx, stream, lock)
	if err != nil {
		return place{}, err
	}
	action := community.Write
	switch a {
	case see:
		action = community.Read
	}
	space, err := community.Enter(tx, actor, action, row.SpaceID)
	if err != nil {
		return place{}, err
	}
	at := place{actor: actor, space: space, row: row}
	seats, err := loadSeats(tx, stream, `e.person_id = ?`, actor.Person)
	if err != nil {
		return place{}, err
	}
	if len(seats) == 1 {
		at.seat = seats[0]
	}
	if !at.seat.acts().may(a) {
		return place{}, fault.Refused()
	}
	return at, nil
}

// loadSeats reads the seats of those who are still in the room.
func loadSeats(tx *database.Tx, stream int64, condition string, args ...any) ([]Seat, error) {
	var rows []seatRow
	if err := tx.Select(&rows, `SELECT e.person_id, p.name, coalesce(o.name, '') AS organisation, e.role, e.involved, e.warned,
			e.accepted, e.voted, e.checked_out
		FROM seats e JOIN streams x ON x.id = e.stream_id
		JOIN memberships m ON m.space_id = x.space_id AND m.person_id = e.person_id
		JOIN people p ON p.id = e.person_id AND p.disabled_at IS NULL LEFT JOIN organisations o ON o.id = p.organisation_id
		WHERE e.stream_id = ? AND `+condition+` ORDER BY p.folded, p.id`, append([]any{stream}, args...)...); err != nil {
		return nil, err
	}
	seats := make([]Seat, len(rows))
	for i, r := range rows {
		seats[i] = r.seat()
	}
	return seats, nil
}

const all = `1 = 1`

// countRoles counts those in the room who act in one of these roles.
func countRoles(seats []Seat, roles ...Role) (n int) {
	for _, s := range seats {
		if slices.Contains(roles, s.acts()) {
			n++
		}
	}
	return n
}

// SeatInput is the place somebody is given.
type SeatInput struct {
	Role Role `json:"role" validate:"required,oneof=participant observer facilitator"`
	// Involved is the part they had in the case, in a few words.
	Involved string `json:"involved" validate:"max=100"`
}

// PutSeat gives somebody a place, and lets them into the room. A facilitator
// is asked: they lead once they accept. Who was involved in the case cannot be
// one.
func (l *Leertafel) PutSeat(ctx context.Context, actor community.Actor, stream, person int64, in SeatInput) (seat Seat, err error) {
	in.Involved = richtext.Line(in.Involved)
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, seatPeople, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		old, err := seatOf(tx, stream, person)
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		if at.row.over() {
			return isClosed()
		}
		if err := fitsRole(at, old, person, in); err != nil {
			return err
		}
		if _, err := guarded(tx, at, "involved", in.Involved, ""); err != nil {
			return err
		}
		if err := hasRoom(tx, stream, old); err != nil {
			return err
		}
		role, spaceRole := in.Role, community.Member
		if role == Facilitator {
			spaceRole = community.Facilitator
		}
		if person == at.row.OwnerID {
			role, spaceRole = Owner, community.Manager
		}
		_, joined, err := l.community.PutMemberIn(tx, actor, at.space.ID, person, spaceRole)
		if err != nil {
			return err
		}
		if joined {
			done.access = append(done.access, person)
		}
		accepted := old.Role == Facilitator && !old.Asked && role == Facilitator
		if _, err := tx.Exec(`INSERT INTO seats (stream_id, person_id, role, involved, accepted) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (stream_id, person_id) DO UPDATE SET role = excluded.role, involved = excluded.involved, accepted = excluded.accepted`,
			stream, person, role, in.Involved, accepted); err != nil {
			return err
		}
		if seat, err = seatOf(tx, stream, person); err != nil {
			return err
		}
		return l.touch(tx, at.row, done)
	})
	return seat, err
}

// fitsRole refuses a place that goes against who somebody is in the case.
func fitsRole(at place, old Seat, person int64, in SeatInput) error {
	running := at.row.State == Running
	switch {
	case in.Role == Facilitator && person == at.row.OwnerID:
		return fault.New(fault.Conflict, "table.owner_cannot_lead")
	case in.Role == Facilitator && (old.Involved != "" || in.Involved != ""):
		return fault.New(fault.Conflict, "table.involved_cannot_lead")
	case in.Role == Facilitator && running && old.Role == Participant:
		return fault.New(fault.Conflict, "table.participant_cannot_lead")
	case old.Role == Facilitator && in.Role != Facilitator && running:
		return fault.New(fault.Conflict, "table.leader_stays_out")
	}
	return nil
}

// hasRoom bounds how many sit at one table.
func hasRoom(tx *database.Tx, stream int64, old Seat) error {
	if old.Role != "" {
		return nil
	}
	var n int
	if err := tx.Get(&n, `SELECT count(*) FROM seats WHERE stream_id = ?`, stream); err != nil {
		return err
	}
	if n >= limits.TableSeats {
		return fault.New(fault.Conflict, "table.is_full", "Max", limits.TableSeats)
	}
	return nil
}

// seatOf returns somebody's seat; the zero Seat when they have none.
func seatOf(tx *database.Tx, stream, person int64) (Seat, error) {
	seats, err := loadSeats(tx, stream, `e.person_id = ?`, person)
	if err != nil || len(seats) == 0 {
		return Seat{}, err
	}
	return seats[0], nil
}

// RemoveSeat lets somebody go from the table, and out of the room; or actor
// leaves. What they said stays. The owner stays until the table is closed.
func (l *Leertafel) RemoveSeat(ctx context.Context, actor community.Actor, stream, person int64) error {
	return l.change(ctx, func(tx *database.Tx, done *changes) error {
		a := seatPeople
		if person == actor.Person {
			a = answer
		}
		at, err := sit(tx, actor, a, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		old, err := seatOf(tx, stream, person)
		if err != nil {
			return err
		}
		if old.Role == "" {
			return fault.Missing()
		}
		if person == at.row.OwnerID {
			return fault.New(fault.Conflict, "table.owner_stays")
		}
		if _, err := tx.Exec(`DELETE FROM seats WHERE stream_id = ? AND person_id = ?`, stream, person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE tables SET turn_id = NULL WHERE stream_id = ? AND turn_id = ?`, stream, person); err != nil {
			return err
		}
		if err := l.community.RemoveMemberIn(tx, actor, at.space.ID, person); err != nil {
			return err
		}
		done.access = append(done.access, person)
		return l.touch(tx, at.row, done)
	})
}

// Doubt is what makes it doubtful that somebody is independent: they work for
// the same organisation as people who were involved.
type Doubt struct {
	People []community.PersonCard
}

// Doubts returns what actor must answer to before they can facilitate.
func (l *Leertafel) Doubts(ctx context.Context, actor community.Actor, stream int64) (d Doubt, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		at, err := sit(tx, actor, see, stream, ``)
		if err != nil {
			return err
		}
		d, err = doubts(tx, at.row, actor.Person)
		return err
	})
	return d, err
}

func doubts(tx *database.Tx, row tableRow, person int64) (d Doubt, err error) {
	err = tx.Select(&d.People, `SELECT p.id, p.name, o.name AS organisation FROM people me
		JOIN people p ON p.organisation_id = me.organisation_id AND p.id <> me.id JOIN organisations o ON o.id = p.organisation_id
		JOIN seats e ON e.person_id = p.id AND e.stream_id = ? AND (e.involved <> '' OR e.role = ?)
		WHERE me.id = ? ORDER BY p.folded, p.id`, row.StreamID, Owner, person)
	return d, err
}

// Accept takes on the facilitation that actor was asked for. When there is
// doubt about their independence they must say why it holds.
func (l *Leertafel) Accept(ctx context.Context, actor community.Actor, stream int64, explanation string) (seat Seat, err error) {
	explanation = strings.TrimSpace(explanation)
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, answer, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if at.seat.Role != Facilitator {
			return fault.New(fault.Conflict, "table.not_asked")
		}
		if !at.seat.Asked {
			seat = at.seat
			return nil
		}
		if err := fault.Check(struct {
			Answer string `json:"answer" validate:"max=500"`
		}{explanation}); err != nil {
			return err
		}
		if at.row.over() {
			return isClosed()
		}
		d, err := doubts(tx, at.row, actor.Person)
		if err != nil {
			return err
		}
		warned := ""
		if len(d.People) > 0 {
			if warned = explanation; fault.Blank(warned) {
				return fault.InvalidField("answer", "same_organisation", "Organisation", d.People[0].Organisation)
			}
		}
		if _, err := tx.Exec(`UPDATE seats SET accepted = true, warned = ? WHERE stream_id = ? AND person_id = ?`,
			warned, stream, actor.Person); err != nil {
			return err
		}
		if seat, err = seatOf(tx, stream, actor.Person); err != nil {
			return err
		}
		return l.touch(tx, at.row, done)
	})
	return seat, err
}

// MaySeat says whether actor may seat people at a table, with the fault that
// doing it would give; the others ask the same of what they are named for.
func (l *Leertafel) MaySeat(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, seatPeople, stream)
}

// MaySee asks about reading what lies open.
func (l *Leertafel) MaySee(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, see, stream)
}

// MayPrepare asks about the case, the script, the mode and the date.
func (l *Leertafel) MayPrepare(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, prepare, stream)
}

// MayArrange asks about what those who take part and facilitators do.
func (l *Leertafel) MayArrange(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, arrange, stream)
}

// MaySpeak asks about what those who take part do.
func (l *Leertafel) MaySpeak(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, speak, stream)
}

// MayLead asks about what facilitators do.
func (l *Leertafel) MayLead(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, lead, stream)
}

// MayAnswer asks about what one does for oneself.
func (l *Leertafel) MayAnswer(ctx context.Context, actor community.Actor, stream int64) error {
	return l.may(ctx, actor, answer, stream)
}

func (l *Leertafel) may(ctx context.Context, actor community.Actor, a act, stream int64) error {
	return l.db.Read(ctx, func(tx *database.Tx) error {
		_, err := sit(tx, actor, a, stream, ``)
		return err
	})
}
