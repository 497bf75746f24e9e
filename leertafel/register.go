package leertafel

import (
	"context"
	"strings"

	"leerkring/community"
	"leerkring/internal/cursor"
	"leerkring/internal/database"
)

// LessonQuery narrows the register.
type LessonQuery struct {
	// Theme and State: those alone; "" is all.
	Theme string
	State LessonState
}

// Register lists the lessons that left the tables of a space, the newest first.
// It tells of themes and lessons, and compares no people.
func (l *Leertafel) Register(ctx context.Context, actor community.Actor, spaceID int64, query LessonQuery, page community.Page) (list []Lesson, next string, err error) {
	conditions, args := []string{`n.space_id = ?`, `n.shared_at IS NOT NULL`}, []any{spaceID}
	if query.Theme != "" {
		conditions, args = append(conditions, `n.theme = ?`), append(args, query.Theme)
	}
	if query.State != "" {
		conditions, args = append(conditions, `n.state = ?`), append(args, query.State)
	}
	if page.Cursor != "" {
		key, err := cursor.Decode(page.Cursor, 1)
		if err != nil {
			return nil, "", err
		}
		conditions, args = append(conditions, `n.id < ?`), append(args, key[0])
	}
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := community.Enter(tx, actor, community.Read, spaceID); err != nil {
			return err
		}
		list, err = loadLessons(tx, strings.Join(conditions, " AND ")+` ORDER BY n.id DESC LIMIT ?`, append(args, page.Limit+1)...)
		return err
	})
	if len(list) > page.Limit {
		list = list[:page.Limit]
		next = cursor.Encode(list[len(list)-1].ID)
	}
	return list, next, err
}

// Theme is what lessons of several tables have in common.
type Theme struct {
	Theme string
	// Tables is at how many tables it came up.
	Tables int
	// Lessons is how many there are, of which so many are open, done, dropped.
	Lessons, Open, Done, Dropped int
}

// Themes lists the themes of a space's register, the one that came back most
// often first.
func (l *Leertafel) Themes(ctx context.Context, actor community.Actor, spaceID int64) (themes []Theme, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := community.Enter(tx, actor, community.Read, spaceID); err != nil {
			return err
		}
		return tx.Select(&themes, `SELECT theme, count(DISTINCT stream_id) AS tables, count(*) AS lessons,
				count(*) FILTER (WHERE state = 'open') AS open, count(*) FILTER (WHERE state = 'done') AS done,
				count(*) FILTER (WHERE state = 'dropped') AS dropped
			FROM lessons WHERE space_id = ? AND shared_at IS NOT NULL GROUP BY theme ORDER BY count(DISTINCT stream_id) DESC, count(*) DESC, theme LIMIT 200`, spaceID)
	})
	return themes, err
}

// MyLessons lists the open lessons that actor goes on with, the first due
// first.
func (l *Leertafel) MyLessons(ctx context.Context, actor community.Actor) (list []Lesson, err error) {
	visible, person := community.Visible(actor, "n.space_id")
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		list, err = loadLessons(tx, `n.owner_id = ? AND n.state = 'open' AND n.shared_at IS NOT NULL AND `+visible+` ORDER BY n.due_at, n.id LIMIT 100`,
			actor.Person, person)
		return err
	})
	return list, err
}
