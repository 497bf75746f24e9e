package forum

import (
	"context"
	"time"

	"leerkring/community"
	"leerkring/internal/cursor"
	"leerkring/internal/database"
)

// Revision is a text a post had before.
type Revision struct {
	Body      string
	HTML      string
	Author    *community.PersonCard
	CreatedAt time.Time
}

// Revisions lists the earlier texts of a post, the oldest first, without the
// present one. A deleted post has none. next is the cursor of what follows, or "".
func (f *Forum) Revisions(ctx context.Context, actor community.Actor, post int64, page community.Page) (revisions []Revision, next string, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, _, err := enterPost(tx, actor, community.Read, post, ``); err != nil {
			return err
		}
		after := int64(0)
		if page.Cursor != "" {
			key, err := cursor.Decode(page.Cursor, 1)
			if err != nil {
				return err
			}
			after = key[0]
		}
		var rows []struct {
			ID           int64
			Body         string
			HTML         string
			AuthorID     *int64
			Name         string
			Organisation string
			CreatedAt    time.Time
		}
		if err := tx.Select(&rows, `SELECT v.id, v.body, v.html, v.author_id, coalesce(a.name, '') AS name, coalesce(o.name, '') AS organisation, v.created_at
			FROM revisions v LEFT JOIN people a ON a.id = v.author_id LEFT JOIN organisations o ON o.id = a.organisation_id
			WHERE v.post_id = ? AND v.id > ? ORDER BY v.id LIMIT ?`, post, after, page.Limit+1); err != nil {
			return err
		}
		if len(rows) > page.Limit {
			rows = rows[:page.Limit]
			next = cursor.Encode(rows[len(rows)-1].ID)
		}
		for _, r := range rows {
			revision := Revision{Body: r.Body, HTML: r.HTML, CreatedAt: r.CreatedAt}
			if r.AuthorID != nil {
				revision.Author = &community.PersonCard{ID: *r.AuthorID, Name: r.Name, Organisation: r.Organisation}
			}
			revisions = append(revisions, revision)
		}
		return nil
	})
	return revisions, next, err
}
