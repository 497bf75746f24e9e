package forum

import (
	"context"
	"slices"
	"time"

	"leerkring/community"
	"leerkring/internal/cursor"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// PostPage is a part of a stream: posts by rising id.
type PostPage struct {
	// Rev is the stream's rev just before the posts were read: following the
	// stream from it misses nothing.
	Rev   int64
	Posts []Post
	// Next is the cursor to go on in the direction that was asked for, or "".
	Next string
	// Older and Newer: there are posts before these, and after.
	Older, Newer bool
}

// PostQuery asks for a part of a stream: the posts after one, before one, around
// one, or the newest.
type PostQuery struct {
	After  int64
	Before int64
	Around int64
	Limit  int
	// Cursor is the Next of an earlier page and stands for After or Before.
	Cursor string
}

const (
	forward  = 1
	backward = 2
)

// Posts returns a part of a stream.
func (f *Forum) Posts(ctx context.Context, actor community.Actor, stream int64, query PostQuery) (page PostPage, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		_, row, err := enterStream(tx, actor, community.Read, stream, ``)
		if err != nil {
			return err
		}
		return page.fill(tx, row, query)
	})
	return page, err
}

// fill reads the part of a stream that is asked for. Its number goes first: what
// happens meanwhile has a higher one.
func (page *PostPage) fill(tx *database.Tx, stream streamRow, query PostQuery) (err error) {
	*page = PostPage{Rev: stream.Rev}
	if query.Cursor != "" {
		if query, err = fromCursor(query); err != nil {
			return err
		}
	}
	switch {
	case query.After != 0:
		err = page.after(tx, stream.ID, query.After, query.Limit)
	case query.Around != 0:
		err = page.around(tx, stream.ID, query.Around, query.Limit)
	default:
		err = page.before(tx, stream.ID, query.Before, query.Limit)
	}
	if err != nil || len(page.Posts) == 0 {
		return err
	}
	page.Newer = page.Posts[len(page.Posts)-1].CreatedRev < stream.LastPostRev
	page.Older, err = tx.Exists(`SELECT 1 FROM posts WHERE stream_id = ? AND created_rev < ? LIMIT 1`,
		stream.ID, page.Posts[0].CreatedRev)
	return err
}

func fromCursor(query PostQuery) (PostQuery, error) {
	key, err := cursor.Decode(query.Cursor, 2)
	if err != nil {
		return query, err
	}
	switch key[0] {
	case forward:
		query.After, query.Before = key[1], 0
	case backward:
		query.After, query.Before = 0, key[1]
	default:
		return query, fault.InvalidField("cursor", "does_not_fit")
	}
	return query, nil
}

// after fills the page with the posts that came after one. Within a stream the
// order of ids is the order of created_rev: both are given under the lock of
// the stream's row.
func (page *PostPage) after(tx *database.Tx, stream, id int64, limit int) (err error) {
	page.Posts, err = loadPosts(tx, `p.stream_id = ? AND p.created_rev > coalesce((SELECT x.created_rev FROM posts x
		WHERE x.stream_id = ? AND x.id <= ? ORDER BY x.id DESC LIMIT 1), 0)`, `ORDER BY p.created_rev LIMIT ?`, stream, stream, id, limit+1)
	if len(page.Posts) > limit {
		page.Posts = page.Posts[:limit]
		page.Next = cursor.Encode(forward, page.Posts[limit-1].ID)
	}
	return err
}

// before fills the page with the posts that came before one, or the newest.
func (page *PostPage) before(tx *database.Tx, stream, id int64, limit int) (err error) {
	condition, args := `p.stream_id = ?`, []any{stream}
	if id != 0 {
		condition += ` AND p.id < ?`
		args = append(args, id)
	}
	page.Posts, err = loadPosts(tx, condition, `ORDER BY p.created_rev DESC LIMIT ?`, append(args, limit+1)...)
	if len(page.Posts) > limit {
		page.Posts = page.Posts[:limit]
		page.Next = cursor.Encode(backward, page.Posts[limit-1].ID)
	}
	slices.Reverse(page.Posts)
	return err
}

// around fills the page so that a post stands in the middle.
func (page *PostPage) around(tx *database.Tx, stream, id int64, limit int) error {
	var earlier PostPage
	if err := earlier.before(tx, stream, id, limit/2); err != nil {
		return err
	}
	if err := page.after(tx, stream, id-1, limit-limit/2); err != nil {
		return err
	}
	page.Posts = append(earlier.Posts, page.Posts...)
	return nil
}

// PostByID returns one post.
func (f *Forum) PostByID(ctx context.Context, actor community.Actor, id int64) (post Post, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, _, err := enterPost(tx, actor, community.Read, id, ``); err != nil {
			return err
		}
		post, err = loadPost(tx, id)
		return err
	})
	return post, err
}

// postRow is what a function needs to know of a post before it acts.
type postRow struct {
	ID        int64
	StreamID  int64
	Rev       int64
	AuthorID  *int64
	Body      string
	HTML      string
	CreatedAt time.Time
	EditedAt  *time.Time
	Deleted   bool
}

// enterPost is the only way a function of the forum gets a post: by entering
// the space its stream lies in. With a lock it holds the stream's row, so that
// all who change one stream stand in one queue.
func enterPost(tx *database.Tx, actor community.Actor, action community.Action, id int64, lock string) (community.Space, streamRow, postRow, error) {
	var stream int64
	var post postRow
	err := tx.Get(&stream, `SELECT stream_id FROM posts WHERE id = ?`, id)
	if err == database.ErrNoRows {
		return community.Space{}, streamRow{}, post, fault.Missing()
	}
	if err != nil {
		return community.Space{}, streamRow{}, post, err
	}
	space, row, err := enterStream(tx, actor, action, stream, lock)
	if err != nil {
		return space, row, post, err
	}
	err = tx.Get(&post, `SELECT id, stream_id, rev, author_id, body, html, created_at, edited_at, deleted_at IS NOT NULL AS deleted
		FROM posts WHERE id = ?`, id)
	return space, row, post, err
}

func (p postRow) isBy(actor community.Actor) bool {
	return p.AuthorID != nil && *p.AuthorID == actor.Person
}
