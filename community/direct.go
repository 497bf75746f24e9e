package community

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// Direct returns the space of a conversation between actor and these people,
// made when it is new (fresh). All are members alike; nobody leads. One can
// only talk to people one shares a space with.
func Direct(tx *database.Tx, now time.Time, actor Actor, people []int64) (space Space, fresh bool, err error) {
	if err := MayWrite(actor); err != nil {
		return space, false, err
	}
	people = append(slices.Clone(people), actor.Person)
	slices.Sort(people)
	people = slices.Compact(people)
	if len(people) < 2 {
		return space, false, fault.InvalidField("people", "required")
	}
	if len(people) > limits.DirectPeople {
		return space, false, fault.InvalidField("people", "too_many", "Max", limits.DirectPeople-1)
	}
	id, err := directOf(tx, people)
	if err == database.ErrNoRows {
		if err := mayTalkTo(tx, actor, people); err != nil {
			return space, false, err
		}
		fresh = true
		id, err = insertDirect(tx, now, actor, people)
	}
	if err != nil {
		return space, false, err
	}
	space, err = spaceWithMembers(tx, actor, id)
	return space, fresh, err
}

func directOf(tx *database.Tx, people []int64) (id int64, err error) {
	err = tx.Get(&id, `SELECT id FROM spaces WHERE direct_key = ?`, directKey(people))
	return id, err
}

func directKey(people []int64) string {
	parts := make([]string, len(people))
	for i, p := range people {
		parts[i] = strconv.FormatInt(p, 10)
	}
	return strings.Join(parts, ",")
}

// mayTalkTo makes sure that actor shares a space with each of these people, or
// is an administrator.
func mayTalkTo(tx *database.Tx, actor Actor, people []int64) error {
	condition, arg := Visible(actor, "m.space_id")
	var known []int64
	query, args := `SELECT DISTINCT x.person_id FROM memberships m JOIN memberships x ON x.space_id = m.space_id
		JOIN people p ON p.id = x.person_id AND p.disabled_at IS NULL
		WHERE m.person_id = ? AND x.person_id IN (?) AND `+condition, []any{actor.Person, people, arg}
	if actor.IsAdmin() {
		query, args = `SELECT id FROM people WHERE id IN (?) AND disabled_at IS NULL`, []any{people}
	}
	if err := tx.Select(&known, query, args...); err != nil {
		return err
	}
	for _, p := range people {
		if p != actor.Person && !slices.Contains(known, p) {
			return fault.InvalidField("people", "not_there")
		}
	}
	return nil
}

func insertDirect(tx *database.Tx, now time.Time, actor Actor, people []int64) (int64, error) {
	id, err := insertSpace(tx, now, actor, NewSpace{Kind: KindDirect, Visibility: Hidden}, directKey(people))
	if err != nil {
		return 0, err
	}
	for _, p := range people {
		if err := insertMember(tx, now, id, p, Member); err != nil {
			return 0, err
		}
	}
	return id, nil
}
