package forum

import (
	"context"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
)

// Thread tells of the replies to a post.
type Thread struct {
	Post    int64
	Replies int
	Last    time.Time
	// People wrote them, the latest first, at most three.
	People []community.PersonCard
}

// Threads returns the threads under these posts of a stream, those that have
// any.
func (f *Forum) Threads(ctx context.Context, actor community.Actor, stream int64, posts []int64) (threads map[int64]Thread, err error) {
	threads = map[int64]Thread{}
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, err := enterStream(tx, actor, community.Read, stream, ``); err != nil {
			return err
		}
		var replies []struct {
			ParentID     int64
			AuthorID     *int64
			Name         string
			Organisation string
			CreatedAt    time.Time
		}
		if err := tx.Select(&replies, `SELECT p.parent_id, p.author_id, coalesce(a.name, '') AS name,
				coalesce(o.name, '') AS organisation, p.created_at
			FROM posts p LEFT JOIN people a ON a.id = p.author_id LEFT JOIN organisations o ON o.id = a.organisation_id
			WHERE p.parent_id IN (?) AND p.stream_id = ? AND p.deleted_at IS NULL ORDER BY p.created_rev DESC`, posts, stream); err != nil {
			return err
		}
		for _, r := range replies {
			t := threads[r.ParentID]
			if t.Replies == 0 {
				t.Post, t.Last = r.ParentID, r.CreatedAt
			}
			t.Replies++
			if r.AuthorID != nil && len(t.People) < 3 && !contains(t.People, *r.AuthorID) {
				t.People = append(t.People, community.PersonCard{ID: *r.AuthorID, Name: r.Name, Organisation: r.Organisation})
			}
			threads[r.ParentID] = t
		}
		return nil
	})
	return threads, err
}

func contains(people []community.PersonCard, id int64) bool {
	for _, p := range people {
		if p.ID == id {
			return true
		}
	}
	return false
}

// Replies returns the posts that answer a post, the oldest first.
func (f *Forum) Replies(ctx context.Context, actor community.Actor, post int64) (replies []Post, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		_, stream, _, err := enterPost(tx, actor, community.Read, post, ``)
		if err != nil {
			return err
		}
		replies, err = loadPosts(tx, `p.stream_id = ? AND p.parent_id = ?`, `ORDER BY p.created_rev`, stream.ID, post)
		return err
	})
	return replies, err
}
