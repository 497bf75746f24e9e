package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// Vote says that a post helped actor, or that they have the same question. A
// vote that stands changes nothing.
func (f *Forum) Vote(ctx context.Context, actor community.Actor, id int64) (Post, error) {
	return f.vote(ctx, actor, id, `INSERT INTO votes (post_id, person_id) VALUES (?, ?) ON CONFLICT DO NOTHING`)
}

// Unvote takes actor's vote back.
func (f *Forum) Unvote(ctx context.Context, actor community.Actor, id int64) (Post, error) {
	return f.vote(ctx, actor, id, `DELETE FROM votes WHERE post_id = ? AND person_id = ?`)
}

func (f *Forum) vote(ctx context.Context, actor community.Actor, id int64, statement string) (Post, error) {
	return f.changePost(ctx, PostChanged, func(tx *database.Tx) (Post, bool, error) {
		_, _, post, err := enterPost(tx, actor, community.Write, id, forUpdate(tx))
		if err != nil {
			return Post{}, false, err
		}
		if post.Deleted {
			return Post{}, false, fault.New(fault.Conflict, "post.is_deleted")
		}
		n, err := tx.Exec(statement, id, actor.Person)
		if err == nil && n > 0 {
			_, err = tx.Exec(`UPDATE posts SET score = (SELECT count(*) FROM votes WHERE post_id = ?) WHERE id = ?`, id, id)
		}
		return afterMark(tx, post, n, err)
	})
}

// Voted returns for which of these posts actor voted.
func (f *Forum) Voted(ctx context.Context, actor community.Actor, posts []int64) (voted map[int64]bool, err error) {
	var ids []int64
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&ids, `SELECT post_id FROM votes WHERE person_id = ? AND post_id IN (?)`, actor.Person, posts)
	})
	voted = make(map[int64]bool, len(ids))
	for _, id := range ids {
		voted[id] = true
	}
	return voted, err
}
