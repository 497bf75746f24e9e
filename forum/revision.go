package forum

import (
	"context"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
)

// Revision is a text a post had before.
type Revision struct {
	Body      string
	HTML      string
	Author    *community.PersonCard
	CreatedAt time.Time
}

// Revisions returns the earlier texts of a post, the oldest first, without the
// present one. A deleted post has none.
func (f *Forum) Revisions(ctx context.Context, actor community.Actor, post int64) (revisions []Revision, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, _, err := enterPost(tx, actor, community.Read, post, ``); err != nil {
			return err
		}
		var rows []struct {
			Body         string
			HTML         string
			AuthorID     *int64
			Name         string
			Organisation string
			CreatedAt    time.Time
		}
		if err := tx.Select(&rows, `SELECT v.body, v.html, v.author_id, coalesce(a.name, '') AS name, coalesce(o.name, '') AS organisation, v.created_at
			FROM revisions v LEFT JOIN people a ON a.id = v.author_id LEFT JOIN organisations o ON o.id = a.organisation_id
			WHERE v.post_id = ? ORDER BY v.id`, post); err != nil {
			return err
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
	return revisions, err
}
