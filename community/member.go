package community

import (
	"context"
	"time"

	"leerkring/internal/cursor"
	"leerkring/internal/database"
	"leerkring/internal/dutch"
	"leerkring/internal/fault"
)

// Membership is one person in one space.
type Membership struct {
	Person PersonCard
	Role   Role
	Since  time.Time
	// ShutOut: a space above this one has not taken them in, so they read
	// nothing here yet.
	ShutOut bool
}

// Members lists who belongs to a space, by name. q keeps those whose name or
// organisation has it.
func (c *Community) Members(ctx context.Context, actor Actor, spaceID int64, q string, page Page) (members []Membership, next string, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, Read, spaceID); err != nil {
			return err
		}
		if err := checkQuestion(q); err != nil {
			return err
		}
		lastName, lastID, err := afterPerson(tx, page.Cursor)
		if err != nil {
			return err
		}
		var rows []struct {
			ID           int64
			Name         string
			Organisation string
			Role         Role
			Since        time.Time
			ShutOut      bool
		}
		like := "%" + likeEscaped(dutch.Fold(q)) + "%"
		if err := tx.Select(&rows, `SELECT p.id, p.name, coalesce(o.name, '') AS organisation, m.role, m.since,
				EXISTS (SELECT 1 FROM space_gates g WHERE g.space_id = m.space_id AND NOT EXISTS
					(SELECT 1 FROM memberships gm WHERE gm.space_id = g.gate_id AND gm.person_id = m.person_id)) AS shut_out
			FROM memberships m JOIN people p ON p.id = m.person_id LEFT JOIN organisations o ON o.id = p.organisation_id
			WHERE m.space_id = ? AND (p.folded, p.id) > (?, ?) AND (p.folded LIKE ? ESCAPE '\' OR coalesce(o.folded, '') LIKE ? ESCAPE '\')
			ORDER BY p.folded, p.id LIMIT ?`, spaceID, lastName, lastID, like, like, page.Limit+1); err != nil {
			return err
		}
		if len(rows) > page.Limit {
			rows = rows[:page.Limit]
			next = cursor.Encode(rows[len(rows)-1].ID)
		}
		for _, r := range rows {
			members = append(members, Membership{
				Person: PersonCard{ID: r.ID, Name: r.Name, Organisation: r.Organisation},
				Role:   r.Role, Since: r.Since, ShutOut: r.ShutOut,
			})
		}
		return nil
	})
	return members, next, err
}

// Member returns the membership of one person in a space; NotFound when they do
// not belong to it.
func (c *Community) Member(ctx context.Context, actor Actor, spaceID, person int64) (m Membership, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, Read, spaceID); err != nil {
			return err
		}
		m, err = membership(tx, spaceID, person)
		if err == database.ErrNoRows {
			return fault.Missing()
		}
		return err
	})
	return m, err
}

// Leaders lists who leads a space: its managers, then its facilitators, by name,
// at most limit.
func (c *Community) Leaders(ctx context.Context, actor Actor, spaceID int64, limit int) (leaders []Membership, err error) {
	var rows []struct {
		PersonCard
		Role  Role
		Since time.Time
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, Read, spaceID); err != nil {
			return err
		}
		return tx.Select(&rows, `SELECT p.id, p.name, coalesce(o.name, '') AS organisation, m.role, m.since
			FROM memberships m JOIN people p ON p.id = m.person_id LEFT JOIN organisations o ON o.id = p.organisation_id
			WHERE m.space_id = ? AND m.role IN (?) AND p.disabled_at IS NULL ORDER BY m.role DESC, p.folded, p.id LIMIT ?`,
			spaceID, []Role{Facilitator, Manager}, limit) // in the alphabet's order too
	})
	for _, r := range rows {
		leaders = append(leaders, Membership{Person: r.PersonCard, Role: r.Role, Since: r.Since})
	}
	return leaders, err
}

// PutMember makes someone a member, or gives a member another role. An empty
// role means member for a newcomer and no change for a member. Somebody may
// make themselves a member of an open space; others are put in by a
// facilitator or manager, and only a manager makes or changes a manager.
func (c *Community) PutMember(ctx context.Context, actor Actor, spaceID, person int64, role Role) (Membership, error) {
	var put Membership
	changed := false
	err := c.db.Write(ctx, func(tx *database.Tx) (err error) {
		put, changed, err = c.PutMemberIn(tx, actor, spaceID, person, role)
		return err
	})
	if err == nil && changed {
		c.tell.AccessChanged(person)
	}
	return put, err
}

// PutMemberIn is [Community.PutMember] within a transaction. When it changed
// something, say so after the commit with [Community.AccessChanged].
func (c *Community) PutMemberIn(tx *database.Tx, actor Actor, spaceID, person int64, role Role) (put Membership, changed bool, err error) {
	space, err := Enter(tx, actor, Read, spaceID)
	if err != nil {
		return put, false, err
	}
	current, err := roleOf(tx, spaceID, person)
	if err != nil {
		return put, false, err
	}
	if err := mayPutMember(tx, actor, space, person, current, role); err != nil {
		return put, false, err
	}
	if role != "" && !role.Valid() {
		return put, false, fault.InvalidField("role", "not_one_of", "Choices", "member, coach, facilitator, manager")
	}
	if space.Kind == KindDirect {
		return put, false, fault.New(fault.Conflict, "space.direct_stays")
	}
	wanted := role
	if wanted == "" {
		wanted = current
		if current == Outsider {
			wanted = Member
		}
	}
	if current == Manager && wanted != Manager {
		if err := keepAManager(tx, spaceID, person); err != nil {
			return put, false, err
		}
	}
	if wanted != current {
		if err := insertMember(tx, c.clock.Now(), spaceID, person, wanted); err != nil {
			return put, false, err
		}
		if err := c.noteAccess(tx, person); err != nil {
			return put, false, err
		}
	}
	put, err = membership(tx, spaceID, person)
	return put, wanted != current, err
}

// AccessChanged tells, after a commit, that what this person may read has
// changed.
func (c *Community) AccessChanged(person int64) { c.tell.AccessChanged(person) }

func mayPutMember(tx *database.Tx, actor Actor, space Space, person int64, current, wanted Role) error {
	if person == actor.Person && current == Outsider && !allows(space.Role, ManageMembers) {
		if err := space.Allow(actor, Join); err != nil {
			return err
		}
		if wanted != "" && wanted != Member {
			return fault.Refused() // nobody gives themselves a role
		}
		return notRemoved(tx, space.ID, person)
	}
	if person == actor.Person && (wanted == "" || wanted == current) && current != Outsider {
		return space.Allow(actor, Follow) // stands as it is, but a token must be one that may write
	}
	if err := space.Allow(actor, ManageMembers); err != nil {
		return err
	}
	if err := personIsThere(tx, person); err != nil {
		return err
	}
	if (current == Manager || wanted == Manager) && current != wanted && space.Role != Manager {
		return fault.New(fault.Forbidden, "space.only_managers_make_managers")
	}
	return nil
}

// notRemoved refuses whoever was removed by somebody else.
func notRemoved(tx *database.Tx, spaceID, person int64) error {
	removed, err := tx.Exists(`SELECT 1 FROM removals WHERE space_id = ? AND person_id = ?`, spaceID, person)
	if err != nil {
		return err
	}
	if removed {
		return fault.New(fault.Forbidden, "space.was_removed")
	}
	return nil
}

// RemoveMember ends a membership: one's own, or another's by a facilitator or
// manager. What they wrote stays.
func (c *Community) RemoveMember(ctx context.Context, actor Actor, spaceID, person int64) error {
	err := c.db.Write(ctx, func(tx *database.Tx) error { return c.RemoveMemberIn(tx, actor, spaceID, person) })
	if err == nil {
		c.tell.AccessChanged(person)
	}
	return err
}

// RemoveMemberIn is [Community.RemoveMember] within a transaction. Say so after
// the commit with [Community.AccessChanged].
func (c *Community) RemoveMemberIn(tx *database.Tx, actor Actor, spaceID, person int64) error {
	space, err := Enter(tx, actor, Read, spaceID)
	if err != nil {
		return err
	}
	current, err := roleOf(tx, spaceID, person)
	if err != nil {
		return err
	}
	action := ManageMembers
	if person == actor.Person {
		action = Leave
	}
	if err := space.Allow(actor, action); err != nil {
		return err
	}
	if current == Outsider {
		return fault.Missing()
	}
	if space.Kind == KindDirect {
		return fault.New(fault.Conflict, "space.direct_stays")
	}
	if current == Manager {
		if person != actor.Person && space.Role != Manager {
			return fault.New(fault.Forbidden, "space.only_managers_make_managers")
		}
		if err := keepAManager(tx, spaceID, person); err != nil {
			return err
		}
	}
	if person != actor.Person {
		if _, err := tx.Exec(`INSERT INTO removals (space_id, person_id, removed_by, removed_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (space_id, person_id) DO UPDATE SET removed_by = excluded.removed_by, removed_at = excluded.removed_at`,
			spaceID, person, actor.Person, c.clock.Now()); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM memberships WHERE space_id = ? AND person_id = ?`, spaceID, person); err != nil {
		return err
	}
	return c.noteAccess(tx, person)
}

// SetLevel says what actor wants to hear of a space when nothing is said about
// a stream in it. "" is the default.
func (c *Community) SetLevel(ctx context.Context, actor Actor, spaceID int64, level Level) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, Leave, spaceID); err != nil { // for members, like leaving
			return err
		}
		if err := level.Check(); err != nil {
			return err
		}
		var value *Level
		if level != LevelDefault {
			value = &level
		}
		_, err := tx.Exec(`UPDATE memberships SET level = ? WHERE space_id = ? AND person_id = ?`, value, spaceID, actor.Person)
		return err
	})
}

// Check makes sure that there is such a level.
func (l Level) Check() error {
	switch l {
	case LevelDefault, LevelAll, LevelMentions, LevelMuted:
		return nil
	}
	return fault.InvalidField("level", "not_one_of", "Choices", "all, mentions, muted")
}

func membership(tx *database.Tx, spaceID, person int64) (Membership, error) {
	var row struct {
		ID           int64
		Name         string
		Organisation string
		Role         Role
		Since        time.Time
	}
	err := tx.Get(&row, `SELECT p.id, p.name, coalesce(o.name, '') AS organisation, m.role, m.since
		FROM memberships m JOIN people p ON p.id = m.person_id LEFT JOIN organisations o ON o.id = p.organisation_id
		WHERE m.space_id = ? AND m.person_id = ?`, spaceID, person)
	return Membership{Person: PersonCard{ID: row.ID, Name: row.Name, Organisation: row.Organisation}, Role: row.Role, Since: row.Since}, err
}

// insertMember writes a membership and forgets an earlier removal.
func insertMember(tx *database.Tx, now time.Time, spaceID, person int64, role Role) error {
	if _, err := tx.Exec(`INSERT INTO memberships (space_id, person_id, role, since) VALUES (?, ?, ?, ?)
		ON CONFLICT (space_id, person_id) DO UPDATE SET role = excluded.role`, spaceID, person, role, now); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM removals WHERE space_id = ? AND person_id = ?`, spaceID, person)
	return err
}

func roleOf(tx *database.Tx, spaceID, person int64) (Role, error) {
	var role Role
	err := tx.Get(&role, `SELECT role FROM memberships WHERE space_id = ? AND person_id = ?`, spaceID, person)
	if err == database.ErrNoRows {
		return Outsider, nil
	}
	return role, err
}

// keepAManager refuses to let the last manager go. It locks the space's row,
// so that of two who leave at once one stays.
func keepAManager(tx *database.Tx, spaceID, leaving int64) error {
	if _, err := tx.Exec(`UPDATE spaces SET hue = hue WHERE id = ?`, spaceID); err != nil {
		return err
	}
	another, err := tx.Exists(`SELECT 1 FROM memberships WHERE space_id = ? AND role = ? AND person_id <> ? LIMIT 1`,
		spaceID, Manager, leaving)
	if err != nil {
		return err
	}
	if !another {
		return fault.New(fault.Conflict, "space.last_manager")
	}
	return nil
}
