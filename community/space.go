package community

import (
	"context"
	"strings"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Space says who belongs. Everything else lies in exactly one space.
type Space struct {
	ID          int64
	ParentID    *int64
	Kind        SpaceKind
	Visibility  Visibility
	Name        string
	Description string
	// Hue is which of the eight quiet colours marks it, 0 to 7.
	Hue       int
	CreatedAt time.Time

	// What follows is about the person the space was loaded for.

	// Role is theirs, Outsider when they are no member.
	Role Role
	// Level is what they want to hear of this space: "" is the default.
	Level Level
	// Readable: they may read what lies in it. If not, they see its card.
	Readable    bool
	CardVisible bool
	// Members is how many there are; filled in lists and by [Community.Space].
	Members int
}

// SpaceKind is what a space is for.
type SpaceKind string

const (
	KindCommunity    SpaceKind = "community"
	KindCohort       SpaceKind = "cohort"
	KindGroup        SpaceKind = "group"
	KindTable        SpaceKind = "table"
	KindOrganisation SpaceKind = "organisation"
	// KindDirect is a conversation of a few people, made by forum.Direct.
	KindDirect SpaceKind = "direct"
)

// Visibility is who sees a space, as far as its parent lets anyone see it.
type Visibility string

const (
	// Open: every signed-in person reads, members write.
	Open Visibility = "open"
	// Closed: others see its card alone.
	Closed Visibility = "closed"
	// Hidden: to others it is not there.
	Hidden Visibility = "hidden"
)

// Level is what somebody wants to hear of a stream or a space.
type Level string

const (
	LevelDefault  Level = ""
	LevelAll      Level = "all"
	LevelMentions Level = "mentions"
	LevelMuted    Level = "muted"
)

// NewSpace is what a space is made from.
type NewSpace struct {
	Name        string     `json:"name" validate:"notblank,max=200"`
	Kind        SpaceKind  `json:"kind" validate:"required,oneof=community cohort group table organisation"`
	Visibility  Visibility `json:"visibility" validate:"omitempty,oneof=open closed hidden"`
	Parent      int64      `json:"parent" validate:"min=0"`
	Description string     `json:"description" validate:"max=2000"`
}

// MakeSpace makes a space; the maker becomes its manager. Communities,
// organisations and whatever has no parent take a platform administrator, the
// others somebody who may write in the parent. Without a visibility it is
// closed.
func (c *Community) MakeSpace(ctx context.Context, actor Actor, in NewSpace) (Space, error) {
	var made Space
	err := c.db.Write(ctx, func(tx *database.Tx) (err error) {
		made, err = c.MakeSpaceIn(tx, actor, in)
		return err
	})
	return made, err
}

// MakeSpaceIn is [Community.MakeSpace] within a transaction.
func (c *Community) MakeSpaceIn(tx *database.Tx, actor Actor, in NewSpace) (Space, error) {
	in.Name = richtext.Line(in.Name)
	if in.Visibility == "" {
		in.Visibility = Closed
	}
	if err := mayMakeSpace(tx, actor, in); err != nil {
		return Space{}, err
	}
	if err := fault.Check(in); err != nil {
		return Space{}, err
	}
	id, err := insertSpace(tx, c.clock.Now(), actor, in, "")
	if err != nil {
		return Space{}, err
	}
	if err := insertMember(tx, c.clock.Now(), id, actor.Person, Manager); err != nil {
		return Space{}, err
	}
	return spaceWithMembers(tx, actor, id)
}

// mayMakeSpace asks about the parent before anything is said about the body.
func mayMakeSpace(tx *database.Tx, actor Actor, in NewSpace) error {
	if err := MayWrite(actor); err != nil {
		return err
	}
	if in.Parent != 0 {
		if _, err := Enter(tx, actor, Write, in.Parent); err != nil {
			if fault.Is(err, fault.NotFound) {
				return fault.InvalidField("parent", "not_there")
			}
			return err
		}
	}
	needsAdmin := in.Parent == 0 || in.Kind == KindCommunity || in.Kind == KindOrganisation
	if needsAdmin && !actor.IsAdmin() {
		return fault.New(fault.Forbidden, "space.needs_admin")
	}
	return nil
}

func insertSpace(tx *database.Tx, now time.Time, actor Actor, in NewSpace, directKey string) (int64, error) {
	var parent *int64
	if in.Parent != 0 {
		parent = &in.Parent
		if err := checkDepth(tx, in.Parent); err != nil {
			return 0, err
		}
	}
	var key *string
	if directKey != "" {
		key = &directKey
	}
	var id int64
	err := tx.Get(&id, `INSERT INTO spaces (parent_id, kind, visibility, name, description, hue, direct_key, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, (SELECT count(*) % 8 FROM spaces), ?, ?, ?) RETURNING id`,
		parent, in.Kind, in.Visibility, in.Name, strings.TrimSpace(in.Description), key, actor.Person, now)
	if err != nil {
		return 0, err
	}
	return id, setGates(tx, id, parent, in.Visibility)
}

func checkDepth(tx *database.Tx, parent int64) error {
	for depth := 1; ; depth++ {
		if depth >= limits.SpaceDepth {
			return fault.InvalidField("parent", "too_deep", "Max", limits.SpaceDepth)
		}
		var above *int64
		if err := tx.Get(&above, `SELECT parent_id FROM spaces WHERE id = ?`, parent); err != nil {
			return err
		}
		if above == nil {
			return nil
		}
		parent = *above
	}
}

// setGates writes which spaces only members may pass to reach this one: its
// parent's gates, and itself unless it is open.
func setGates(tx *database.Tx, id int64, parent *int64, v Visibility) error {
	if _, err := tx.Exec(`DELETE FROM space_gates WHERE space_id = ?`, id); err != nil {
		return err
	}
	if parent != nil {
		if _, err := tx.Exec(`INSERT INTO space_gates (space_id, gate_id)
			SELECT ?, gate_id FROM space_gates WHERE space_id = ?`, id, *parent); err != nil {
			return err
		}
	}
	if v == Open {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO space_gates (space_id, gate_id) VALUES (?, ?)`, id, id)
	return err
}

// SpaceChange is what of a space is to be different; nil stays as it is.
type SpaceChange struct {
	Name        *string     `json:"name" validate:"omitnil,notblank,max=200"`
	Visibility  *Visibility `json:"visibility" validate:"omitnil,oneof=open closed hidden"`
	Description *string     `json:"description" validate:"omitnil,max=2000"`
}

// ChangeSpace changes a space. Who may read it is decided anew at once, for
// the spaces below it as well.
func (c *Community) ChangeSpace(ctx context.Context, actor Actor, id int64, in SpaceChange) (Space, error) {
	if in.Name != nil {
		name := richtext.Line(*in.Name)
		in.Name = &name
	}
	var changed Space
	gatesMoved := false
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		space, err := Enter(tx, actor, Manage, id)
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		if space.Kind == KindDirect {
			return fault.New(fault.Conflict, "space.direct_stays")
		}
		set(&space.Name, in.Name)
		set(&space.Description, in.Description)
		if in.Visibility != nil && *in.Visibility != space.Visibility {
			gatesMoved = true
			space.Visibility = *in.Visibility
		}
		if _, err := tx.Exec(`UPDATE spaces SET name = ?, description = ?, visibility = ? WHERE id = ?`,
			space.Name, strings.TrimSpace(space.Description), space.Visibility, id); err != nil {
			return err
		}
		if gatesMoved {
			if err := setGatesBelow(tx, id, space.ParentID, space.Visibility); err != nil {
				return err
			}
			if err := c.noteAccess(tx, 0); err != nil {
				return err
			}
		}
		changed, err = spaceWithMembers(tx, actor, id)
		return err
	})
	if err == nil && gatesMoved {
		c.tell.AccessChanged(0)
	}
	return changed, err
}

// setGatesBelow writes the gates of a space and of all below it, from the top.
func setGatesBelow(tx *database.Tx, id int64, parent *int64, v Visibility) error {
	if err := setGates(tx, id, parent, v); err != nil {
		return err
	}
	var children []struct {
		ID         int64
		Visibility Visibility
	}
	if err := tx.Select(&children, `SELECT id, visibility FROM spaces WHERE parent_id = ?`, id); err != nil {
		return err
	}
	for _, child := range children {
		if err := setGatesBelow(tx, child.ID, &id, child.Visibility); err != nil {
			return err
		}
	}
	return nil
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}
