package community

import (
	"context"
	"slices"

	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// This file decides who may do what. There is one table, and three ways to ask
// it: [Enter] gives a space to a function that wants to do something in it,
// [Visible] is the fragment of SQL that every list joins, and [MayListen]
// answers for the sockets. A test compares the three for every role,
// visibility and action.

// Action is something a person does in a space.
type Action int

const (
	// SeeCard: know that the space is there, by its name and description.
	SeeCard Action = iota
	// Read all that lies in the space.
	Read
	// Follow: keep one's own marks on what one reads: how far one read, what one
	// wants to hear.
	Follow
	// Join an open space.
	Join
	// Leave a space one belongs to.
	Leave
	// Write: post, reply, react, vote, start a stream or a child space.
	Write
	// EditOwn and DeleteOwn: change or take back what one wrote.
	EditOwn
	DeleteOwn
	// EditOthers: change what somebody else wrote. Nobody may.
	EditOthers
	// DeleteOthers: take away what somebody else wrote.
	DeleteOthers
	// Tidy: pin and close streams, and put right their titles and tags.
	Tidy
	// AcceptForAsker: choose the answer to somebody else's question.
	AcceptForAsker
	// WriteInClosed: go on in a closed stream.
	WriteInClosed
	// ManageMembers: add and remove people, give roles, invite.
	ManageMembers
	// Manage: change the space itself.
	Manage
)

// Actions lists them all, for the test that compares the answers.
var Actions = []Action{SeeCard, Read, Follow, Join, Leave, Write, EditOwn, DeleteOwn, EditOthers, DeleteOthers,
	Tidy, AcceptForAsker, WriteInClosed, ManageMembers, Manage}

// Role is what a person is in a space.
type Role string

const (
	Outsider    Role = "" // reads an open space
	Member      Role = "member"
	Coach       Role = "coach"
	Facilitator Role = "facilitator"
	Manager     Role = "manager"
)

// Roles are those that can be given, the least first.
var Roles = []Role{Member, Coach, Facilitator, Manager}

// Valid reports whether the role can be given.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// atLeast is the table: the least role that may do it, among those who may
// read the space. Roles are steps: each may what the one before may.
var atLeast = map[Action]Role{
	SeeCard:        Outsider,
	Read:           Outsider,
	Follow:         Outsider,
	Join:           Outsider,
	Leave:          Member,
	Write:          Member,
	EditOwn:        Member,
	DeleteOwn:      Member,
	DeleteOthers:   Facilitator,
	Tidy:           Facilitator,
	AcceptForAsker: Facilitator,
	WriteInClosed:  Facilitator,
	ManageMembers:  Facilitator,
	Manage:         Manager,
	// EditOthers is not here: nobody.
}

// allows reports whether the table lets this role do it.
func allows(role Role, action Action) bool {
	least, ok := atLeast[action]
	return ok && rank(role) >= rank(least)
}

func rank(r Role) int { return slices.Index(Roles, r) } // Outsider is -1

// Enter is the only way a function of the domain gets a space: it returns the
// space when actor may do this in it, and otherwise the fault to answer with.
// What the actor may not know of is NotFound, like what is not there.
func Enter(tx *database.Tx, actor Actor, action Action, spaceID int64) (Space, error) {
	space, err := lookAt(tx, actor, spaceID)
	if err != nil {
		return Space{}, err
	}
	if err := space.Allow(actor, action); err != nil {
		return Space{}, err
	}
	return space, nil
}

// lookAt loads a space with what actor is in it, if they may know of it.
func lookAt(tx *database.Tx, actor Actor, spaceID int64) (Space, error) {
	var s Space
	err := tx.Get(&s, `SELECT `+spaceColumns+` FROM spaces s
		LEFT JOIN memberships m ON m.space_id = s.id AND m.person_id = ?
		WHERE s.id = ?`, actor.Person, actor.Person, actor.Person, spaceID)
	if err == database.ErrNoRows || (err == nil && !s.Readable && !s.CardVisible) {
		return Space{}, fault.Missing()
	}
	return s, err
}

// spaceColumns reads a Space as s, with the asker's membership as m. It takes
// the asker twice.
const spaceColumns = `s.id, s.parent_id, s.kind, s.visibility, s.name, s.description, s.hue, s.created_at,
	coalesce(m.role, '') AS role, coalesce(m.level, '') AS level,
	` + gatesOpen + ` AS readable, ` + cardGatesOpen + ` AS card_visible`

// gatesOpen: the asker is a member of every gate at or above the space s.
const gatesOpen = `NOT EXISTS (SELECT 1 FROM space_gates g WHERE g.space_id = s.id
	AND NOT EXISTS (SELECT 1 FROM memberships gm WHERE gm.space_id = g.gate_id AND gm.person_id = ?))`

// cardGatesOpen: the same, but a closed space's own gate does not hide its card.
const cardGatesOpen = `NOT EXISTS (SELECT 1 FROM space_gates g WHERE g.space_id = s.id
	AND NOT (g.gate_id = s.id AND s.visibility = 'closed')
	AND NOT EXISTS (SELECT 1 FROM memberships gm WHERE gm.space_id = g.gate_id AND gm.person_id = ?))`

// Allow says whether actor, for whom the space was loaded, may do this in it.
// A function that lets somebody do one of two things (delete their own post, or
// another's) asks twice.
func (s Space) Allow(actor Actor, action Action) error {
	if !s.Readable {
		if action == SeeCard && s.CardVisible {
			return nil
		}
		if s.CardVisible && action == Manage {
			return fault.Refused() // they may see the card, so they may know that it cannot be changed
		}
		return fault.Missing()
	}
	switch action {
	case SeeCard, Read:
		return nil
	}
	if err := MayWrite(actor); err != nil {
		return err
	}
	if !allows(s.Role, action) {
		return fault.Refused()
	}
	return nil
}

// Visible returns the condition under which actor may read the space whose id
// stands in column, and the condition's argument. Every list that leaves the
// program joins it.
func Visible(actor Actor, column string) (condition string, arg any) {
	return VisibleTo("?", column), actor.Person
}

// VisibleTo is the same condition for the person whose id stands in another
// column: for the lists of who may hear of something.
func VisibleTo(person, column string) string {
	return `NOT EXISTS (SELECT 1 FROM space_gates g WHERE g.space_id = ` + column + `
	AND NOT EXISTS (SELECT 1 FROM memberships gm WHERE gm.space_id = g.gate_id AND gm.person_id = ` + person + `))`
}

// Audience returns the members of a space who may read it: who hears what
// happens to the space as a whole.
func (c *Community) Audience(ctx context.Context, space int64) (people []int64, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&people, `SELECT m.person_id FROM memberships m WHERE m.space_id = ? AND `+
			VisibleTo("m.person_id", "m.space_id"), space)
	})
	return people, err
}

// MayListen reports whether actor may hear what happens in a stream, and in
// which space it lies: nil, NotFound, or Unavailable when it cannot be known.
func (c *Community) MayListen(ctx context.Context, actor Actor, stream int64) (space int64, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		space, err = MayListen(tx, actor, stream)
		return err
	})
	return space, err
}

// Listening is one person who may hear one stream.
type Listening struct{ PersonID, StreamID int64 }

// Listeners returns which of these people may hear which of these streams: what
// [Community.MayListen] says of each, in one question for many.
func (c *Community) Listeners(ctx context.Context, people, streams []int64) (may []Listening, err error) {
	for somePeople := range slices.Chunk(people, listenersChunk) {
		for someStreams := range slices.Chunk(streams, listenersChunk) {
			var found []Listening
			if err := c.db.Read(ctx, func(tx *database.Tx) error {
				return tx.Select(&found, `SELECT p.id AS person_id, t.id AS stream_id FROM people p, streams t
					WHERE p.id IN (?) AND t.id IN (?) AND `+VisibleTo("p.id", "t.space_id"), somePeople, someStreams)
			}); err != nil {
				return nil, err
			}
			may = append(may, found...)
		}
	}
	return may, nil
}

// listenersChunk keeps a statement within the number of parameters both
// databases take.
const listenersChunk = 1000

// MayListen is the question within a transaction.
func MayListen(tx *database.Tx, actor Actor, stream int64) (space int64, err error) {
	condition, arg := Visible(actor, "t.space_id")
	err = tx.Get(&space, `SELECT t.space_id FROM streams t WHERE t.id = ? AND `+condition, stream, arg)
	if err == database.ErrNoRows {
		return 0, fault.Missing()
	}
	return space, err
}
