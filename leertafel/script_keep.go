package leertafel

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// KeptScript is a script in a list: one that comes with the product, or a
// version of one that facilitators keep in a space.
type KeptScript struct {
	// Ref names it when a table is laid: the key of an example, or the id.
	Ref string
	// ID is 0 for an example; SpaceID is where it is kept.
	ID      int64
	SpaceID int64
	Version int
	// Versions is how many there are.
	Versions int
	Author   *community.PersonCard
	SavedAt  time.Time
	Script   Script
}

// Scripts lists what a table in a space can go by: those kept in it and in the
// spaces above it that actor may read, then the examples in their language.
func (l *Leertafel) Scripts(ctx context.Context, actor community.Actor, spaceID int64) (list []KeptScript, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		space, err := community.Enter(tx, actor, community.Read, spaceID)
		if err != nil {
			return err
		}
		spaces, err := upFrom(tx, space)
		if err != nil {
			return err
		}
		visible, person := community.Visible(actor, "s.space_id")
		list, err = loadScripts(tx, `s.space_id IN (?) AND s.dropped_at IS NULL AND v.version = s.version AND `+visible+
			` ORDER BY s.title, s.id`, spaces, person)
		return err
	})
	for _, key := range Examples {
		script, _ := Example(actor.Language, key)
		list = append(list, KeptScript{Ref: key, Version: 1, Versions: 1, Script: script})
	}
	return list, err
}

// upFrom returns a space and those above it, by id.
func upFrom(tx *database.Tx, space community.Space) (ids []int64, err error) {
	for ids, next := []int64{space.ID}, space.ParentID; ; {
		if next == nil {
			return ids, nil
		}
		ids = append(ids, *next)
		if err := tx.Get(&next, `SELECT parent_id FROM spaces WHERE id = ?`, *next); err != nil {
			return nil, err
		}
	}
}

// Script returns a kept script; version 0 is the newest.
func (l *Leertafel) Script(ctx context.Context, actor community.Actor, id int64, version int) (script KeptScript, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		_, script, err = enterScript(tx, actor, community.Read, id, version)
		return err
	})
	return script, err
}

// ScriptVersions lists the versions of a kept script, the newest first.
func (l *Leertafel) ScriptVersions(ctx context.Context, actor community.Actor, id int64) (list []KeptScript, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, err := enterScript(tx, actor, community.Read, id, 0); err != nil {
			return err
		}
		list, err = loadScripts(tx, `s.id = ? ORDER BY v.version DESC`, id)
		return err
	})
	return list, err
}

// KeepScript keeps a new script in a space. Facilitators and managers may.
func (l *Leertafel) KeepScript(ctx context.Context, actor community.Actor, spaceID int64, in Script) (kept KeptScript, err error) {
	in = in.tidy()
	err = l.db.Write(ctx, func(tx *database.Tx) error {
		space, err := community.Enter(tx, actor, community.Tidy, spaceID)
		if err != nil {
			return err
		}
		if err := l.checkScript(tx, space, in); err != nil {
			return err
		}
		var id int64
		if err := tx.Get(&id, `INSERT INTO scripts (space_id, title, version, created_at) VALUES (?, ?, 0, ?) RETURNING id`,
			spaceID, in.Title, l.clock.Now()); err != nil {
			return err
		}
		kept, err = l.saveVersion(tx, actor, id, in)
		return err
	})
	return kept, err
}

// ChangeScript saves a script as its next version. With base, the version it
// was made from: a newer one there is a conflict. Tables that go by an earlier
// version keep it. The same text is no new version.
func (l *Leertafel) ChangeScript(ctx context.Context, actor community.Actor, id int64, base int, in Script) (kept KeptScript, err error) {
	in = in.tidy()
	err = l.db.Write(ctx, func(tx *database.Tx) error {
		space, old, err := enterScript(tx, actor, community.Tidy, id, 0)
		if err != nil {
			return err
		}
		if err := l.checkScript(tx, space, in); err != nil {
			return err
		}
		if base != 0 && base != old.Version {
			return fault.New(fault.Conflict, "script.is_newer")
		}
		if body(in) == body(old.Script) {
			kept = old
			return nil
		}
		kept, err = l.saveVersion(tx, actor, id, in)
		return err
	})
	return kept, err
}

// DropScript takes a script out of the lists. Its versions stay for the tables
// that went by them.
func (l *Leertafel) DropScript(ctx context.Context, actor community.Actor, id int64) error {
	return l.db.Write(ctx, func(tx *database.Tx) error {
		if _, _, err := enterScript(tx, actor, community.Tidy, id, 0); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE scripts SET dropped_at = ? WHERE id = ? AND dropped_at IS NULL`, l.clock.Now(), id)
		return err
	})
}

// MayKeepScripts says whether actor may keep scripts in a space, with the fault
// that doing it would give.
func (l *Leertafel) MayKeepScripts(ctx context.Context, actor community.Actor, spaceID int64) error {
	return l.community.May(ctx, actor, community.Tidy, spaceID)
}

// MayChangeScript says whether actor may change a kept script.
func (l *Leertafel) MayChangeScript(ctx context.Context, actor community.Actor, id int64) error {
	return l.db.Read(ctx, func(tx *database.Tx) error {
		_, _, err := enterScript(tx, actor, community.Tidy, id, 0)
		return err
	})
}

func (l *Leertafel) checkScript(tx *database.Tx, space community.Space, in Script) error {
	if err := in.Check(); err != nil {
		return err
	}
	return in.private(func(text string) ([]string, error) { return namesIn(tx, space, 0, text) })
}

func (l *Leertafel) saveVersion(tx *database.Tx, actor community.Actor, id int64, in Script) (KeptScript, error) {
	var version int
	if err := tx.Get(&version, `UPDATE scripts SET version = version + 1, title = ? WHERE id = ? RETURNING version`, in.Title, id); err != nil {
		return KeptScript{}, err
	}
	if _, err := tx.Exec(`INSERT INTO script_versions (script_id, version, body, author_id, created_at) VALUES (?, ?, ?, ?, ?)`,
		id, version, body(in), actor.Person, l.clock.Now()); err != nil {
		return KeptScript{}, err
	}
	_, kept, err := enterScript(tx, actor, community.Read, id, version)
	return kept, err
}

// enterScript is the only way to a kept script: by the space it lies in.
func enterScript(tx *database.Tx, actor community.Actor, action community.Action, id int64, version int) (community.Space, KeptScript, error) {
	list, err := loadScripts(tx, `s.id = ? AND s.dropped_at IS NULL AND v.version = CASE WHEN ? = 0 THEN s.version ELSE ? END`, id, version, version)
	if err != nil {
		return community.Space{}, KeptScript{}, err
	}
	if len(list) == 0 {
		return community.Space{}, KeptScript{}, fault.Missing()
	}
	space, err := community.Enter(tx, actor, action, list[0].SpaceID)
	return space, list[0], err
}

func loadScripts(tx *database.Tx, condition string, args ...any) ([]KeptScript, error) {
	var rows []struct {
		ID, SpaceID        int64
		Version, Newest    int
		Body               string
		AuthorID           int64
		Name, Organisation string
		CreatedAt          time.Time
	}
	if err := tx.Select(&rows, `SELECT s.id, s.space_id, v.version, s.version AS newest, v.body, v.created_at,
			coalesce(v.author_id, 0) AS author_id, coalesce(p.name, '') AS name, coalesce(o.name, '') AS organisation
		FROM scripts s JOIN script_versions v ON v.script_id = s.id
		LEFT JOIN people p ON p.id = v.author_id LEFT JOIN organisations o ON o.id = p.organisation_id
		WHERE `+condition, args...); err != nil {
		return nil, err
	}
	list := make([]KeptScript, len(rows))
	for i, r := range rows {
		list[i] = KeptScript{Ref: strconv.FormatInt(r.ID, 10), ID: r.ID, SpaceID: r.SpaceID, Version: r.Version, Versions: r.Newest, SavedAt: r.CreatedAt}
		if r.AuthorID != 0 {
			list[i].Author = &community.PersonCard{ID: r.AuthorID, Name: r.Name, Organisation: r.Organisation}
		}
		if err := json.Unmarshal([]byte(r.Body), &list[i].Script); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// scriptFor returns the script that a table in a space may go by: an example's
// key, or the id of one kept in that space or above it.
func scriptFor(tx *database.Tx, actor community.Actor, space community.Space, ref string) (Script, error) {
	if script, ok := Example(actor.Language, ref); ok {
		return script, nil
	}
	notThere := fault.InvalidField("script", "not_there")
	id, err := strconv.ParseInt(ref, 10, 64)
	if err != nil {
		return Script{}, notThere
	}
	spaces, err := upFrom(tx, space)
	if err != nil {
		return Script{}, err
	}
	visible, person := community.Visible(actor, "s.space_id")
	list, err := loadScripts(tx, `s.id = ? AND s.space_id IN (?) AND s.dropped_at IS NULL AND v.version = s.version AND `+visible, id, spaces, person)
	if err != nil {
		return Script{}, err
	}
	if len(list) == 0 {
		return Script{}, notThere
	}
	return list[0].Script, nil
}

// body writes a script as it is kept.
func body(s Script) string {
	b, err := json.Marshal(s)
	if err != nil { // strings and numbers alone: it does not fail
		panic(err)
	}
	return string(b)
}
