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
	return f.vote(ctx, actor, id, true, `INSERT INTO votes (post_id, person_id) VALUES (?, ?) ON CONFLICT DO NOTHING`)
}

// Unvote takes actor's vote back.
func (f *Forum) Unvote(ctx context.Context, actor community.Actor, id int64) (Post, error) {
	return f.vote(ctx, actor, id, false, `DELETE FROM votes WHERE post_id = ? AND person_id = ?`)
}

// ToggleVote votes for a post, or takes the vote back when it is there.
func (f *Forum) ToggleVote(ctx context.Context, actor community.Actor, id int64) (Post, error) {
	there, err := f.marked(ctx, actor, id, `SELECT 1 FROM votes WHERE post_id = ? AND person_id = ?`)
	if err != nil {
		return Post{}, err
	}
	if there {
		return f.Unvote(ctx, actor, id)
	}
	return f.Vote(ctx, actor, id)
}

func (f *Forum) vote(ctx context.Context, actor community.Actor, id int64, adds bool, statement string) (Post, error) {
	return f.changePost(ctx, PostChanged, func(tx *database.Tx) (Post, bool, error) {
		_, _, post, err := enterPost(tx, actor, community.Write, id, forUpdate(tx))
		if err != nil {
			return Post{}, false, err
		}
		if post.Deleted && adds {
			return Post{}, false, fault.New(fault.Conflict, "post.is_deleted")
		}
		n, err := tx.Exec(statement, id, actor.Person)
		if err == nil && n > 0 {
			_, err = tx.Exec(`UPDATE posts SET score = (SELECT count(*) FROM votes WHERE post_id = ?) WHERE id = ?`, id, id)
		}
		return afterMark(tx, post, n, err)
	})
}
