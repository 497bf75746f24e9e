package forum

import (
	"context"
	"slices"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
)

// Thread tells of the replies to a post, and of the replies to those.
type Thread struct {
	Replies int
	Last    time.Time
	// People wrote them, the latest first, at most three.
	People []community.PersonCard
}

// threadsUnder returns the threads under those of these posts that are no
// replies themselves, by the post.
func threadsUnder(tx *database.Tx, posts []Post) (map[int64]Thread, error) {
	var roots []int64
	for _, p := range posts {
		if p.ParentID == nil {
			roots = append(roots, p.ID)
		}
	}
	threads := map[int64]Thread{}
	if len(roots) == 0 {
		return threads, nil
	}
	var replies []struct {
		Root         int64
		AuthorID     *int64
		Name         string
		Organisation string
		CreatedAt    time.Time
	}
	if err := tx.Select(&replies, `WITH RECURSIVE under (root, id) AS (
			SELECT parent_id, id FROM posts WHERE parent_id IN (?)
			UNION ALL SELECT u.root, p.id FROM under u JOIN posts p ON p.parent_id = u.id)
		SELECT u.root, p.author_id, coalesce(a.name, '') AS name, coalesce(o.name, '') AS organisation, p.created_at
		FROM under u JOIN posts p ON p.id = u.id
		LEFT JOIN people a ON a.id = p.author_id LEFT JOIN organisations o ON o.id = a.organisation_id
		WHERE p.deleted_at IS NULL ORDER BY p.id DESC`, roots); err != nil {
		return nil, err
	}
	for _, r := range replies {
		t := threads[r.Root]
		if t.Replies == 0 {
			t.Last = r.CreatedAt
		}
		t.Replies++
		if r.AuthorID != nil && len(t.People) < 3 && !contains(t.People, *r.AuthorID) {
			t.People = append(t.People, community.PersonCard{ID: *r.AuthorID, Name: r.Name, Organisation: r.Organisation})
		}
		threads[r.Root] = t
	}
	return threads, nil
}

func contains(people []community.PersonCard, id int64) bool {
	return slices.ContainsFunc(people, func(p community.PersonCard) bool { return p.ID == id })
}

// ThreadSight is a post with all that was said under it, as it lies before one
// reader. Following the stream from Stream.Rev misses nothing.
type ThreadSight struct {
	Space  community.Space
	Stream Stream
	// Root is where it began: the post that was asked for, or the one that it
	// answers. Replies are all under it, the oldest first.
	Root    Post
	Replies []Post
	May     StreamRights
}

// SeeThread returns the thread that a post stands in.
func (f *Forum) SeeThread(ctx context.Context, actor community.Actor, post int64) (s ThreadSight, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		space, row, _, err := enterPost(tx, actor, community.Read, post, ``)
		if err != nil {
			return err
		}
		s = ThreadSight{Space: space, May: streamRights(space, actor, row)}
		if s.Stream, err = loadStream(tx, actor, row.ID); err != nil {
			return err
		}
		root, err := rootOf(tx, post)
		if err != nil {
			return err
		}
		if s.Root, err = loadPost(tx, root); err != nil {
			return err
		}
		s.Replies, err = loadPosts(tx, `p.id IN (WITH RECURSIVE under (id) AS (
			SELECT id FROM posts WHERE parent_id = ?
			UNION ALL SELECT r.id FROM under u JOIN posts r ON r.parent_id = u.id) SELECT id FROM under)`, `ORDER BY p.id`, root)
		return err
	})
	return s, err
}

// rootOf goes from a post up to the one that answers nothing.
func rootOf(tx *database.Tx, post int64) (root int64, err error) {
	err = tx.Get(&root, `WITH RECURSIVE above (id, parent_id) AS (
			SELECT id, parent_id FROM posts WHERE id = ?
			UNION ALL SELECT p.id, p.parent_id FROM above a JOIN posts p ON p.id = a.parent_id)
		SELECT id FROM above WHERE parent_id IS NULL`, post)
	return root, err
}
