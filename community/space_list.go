package community

import (
	"context"
	"slices"
	"strings"

	"leerkring/internal/cursor"
	"leerkring/internal/database"
)

// Space returns a space, or its card when actor may not read it.
func (c *Community) Space(ctx context.Context, actor Actor, id int64) (space Space, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, SeeCard, id); err != nil {
			return err
		}
		space, err = spaceWithMembers(tx, actor, id)
		return err
	})
	return space, err
}

// Page asks for a part of a list.
type Page struct {
	Limit  int
	Cursor string
}

// Spaces lists the spaces that actor may know of, cards included, in the order
// in which they were made. next is the cursor of what follows, or "".
func (c *Community) Spaces(ctx context.Context, actor Actor, page Page) (spaces []Space, next string, err error) {
	after := int64(0)
	if page.Cursor != "" {
		key, err := cursor.Decode(page.Cursor, 1)
		if err != nil {
			return nil, "", err
		}
		after = key[0]
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Select(&spaces, `SELECT `+spaceColumns+` FROM spaces s
			LEFT JOIN memberships m ON m.space_id = s.id AND m.person_id = ?
			WHERE s.id > ? AND `+cardGatesOpen+` ORDER BY s.id LIMIT ?`,
			actor.Person, actor.Person, actor.Person, after, actor.Person, page.Limit+1); err != nil {
			return err
		}
		if len(spaces) > page.Limit {
			spaces = spaces[:page.Limit]
			next = cursor.Encode(spaces[len(spaces)-1].ID)
		}
		return complete(tx, actor, spaces)
	})
	return spaces, next, err
}

// MySpaces lists the spaces actor is a member of and may read, communities
// before what lies in them, by name.
func (c *Community) MySpaces(ctx context.Context, actor Actor) (spaces []Space, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		spaces, err = MySpaces(tx, actor)
		return err
	})
	return spaces, err
}

// MySpaces is the same within a transaction.
func MySpaces(tx *database.Tx, actor Actor) ([]Space, error) {
	var spaces []Space
	if err := tx.Select(&spaces, `SELECT `+spaceColumns+` FROM memberships m
		JOIN spaces s ON s.id = m.space_id
		WHERE m.person_id = ? AND `+gatesOpen+`
		ORDER BY CASE WHEN s.kind = 'direct' THEN 1 ELSE 0 END, s.name, s.id`,
		actor.Person, actor.Person, actor.Person, actor.Person); err != nil {
		return nil, err
	}
	return spaces, complete(tx, actor, spaces)
}

// Children lists the spaces directly under one that actor may know of.
func (c *Community) Children(ctx context.Context, actor Actor, parent int64) (spaces []Space, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, Read, parent); err != nil {
			return err
		}
		if err := tx.Select(&spaces, `SELECT `+spaceColumns+` FROM spaces s
			LEFT JOIN memberships m ON m.space_id = s.id AND m.person_id = ?
			WHERE s.parent_id = ? AND `+cardGatesOpen+` ORDER BY s.name, s.id`,
			actor.Person, actor.Person, actor.Person, parent, actor.Person); err != nil {
			return err
		}
		return complete(tx, actor, spaces)
	})
	return spaces, err
}

// Above lists the spaces that a space lies in, the highest first. Who may know
// of a space may read those above it.
func (c *Community) Above(ctx context.Context, actor Actor, space Space) (above []Space, err error) {
	if space.ParentID == nil {
		return nil, nil
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		above = nil
		for next := space.ParentID; next != nil; next = above[len(above)-1].ParentID {
			parent, err := lookAt(tx, actor, *next)
			if err != nil {
				return err
			}
			above = append(above, parent)
		}
		slices.Reverse(above)
		return nil
	})
	return above, err
}

func spaceWithMembers(tx *database.Tx, actor Actor, id int64) (Space, error) {
	space, err := lookAt(tx, actor, id)
	if err != nil {
		return Space{}, err
	}
	one := []Space{space}
	err = complete(tx, actor, one)
	return one[0], err
}

// complete fills in how many members each space has, and names direct
// conversations after the others in them.
func complete(tx *database.Tx, actor Actor, spaces []Space) error {
	ids := make([]int64, len(spaces))
	var directs []int64
	for i, s := range spaces {
		ids[i] = s.ID
		if s.Kind == KindDirect {
			directs = append(directs, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var counts []struct {
		SpaceID int64
		N       int
	}
	if err := tx.Select(&counts, `SELECT space_id, count(*) AS n FROM memberships WHERE space_id IN (?) GROUP BY space_id`, ids); err != nil {
		return err
	}
	members := make(map[int64]int, len(counts))
	for _, c := range counts {
		members[c.SpaceID] = c.N
	}
	names, err := directNames(tx, actor, directs)
	if err != nil {
		return err
	}
	for i := range spaces {
		s := &spaces[i]
		s.Members = members[s.ID]
		if s.Kind == KindDirect {
			s.Name = strings.Join(names[s.ID], ", ")
		}
	}
	return nil
}

func directNames(tx *database.Tx, actor Actor, spaces []int64) (map[int64][]string, error) {
	if len(spaces) == 0 {
		return nil, nil
	}
	var people []struct {
		SpaceID int64
		Name    string
	}
	if err := tx.Select(&people, `SELECT m.space_id, p.name FROM memberships m JOIN people p ON p.id = m.person_id
		WHERE m.space_id IN (?) AND m.person_id <> ? ORDER BY m.space_id, p.name`, spaces, actor.Person); err != nil {
		return nil, err
	}
	names := map[int64][]string{}
	for _, p := range people {
		names[p.SpaceID] = append(names[p.SpaceID], p.Name)
	}
	return names, nil
}
