package forum

import (
	"context"
	"slices"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/limits"
)

// CatchUp brings somebody who knows a stream up to some rev to where it is now.
type CatchUp struct {
	// Rev is where the stream is.
	Rev int64
	// Reset: too much has happened, or the rev was never reached; load the
	// stream anew.
	Reset bool
	// Posts are those whose rev is above the one known, in the order of rev.
	Posts []Post
	// Stream is there when its own fields changed.
	Stream *Stream
}

// Since returns what happened in a stream after rev since.
func (f *Forum) Since(ctx context.Context, actor community.Actor, stream, since int64) (c CatchUp, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		_, row, err := enterStream(tx, actor, community.Read, stream, ``)
		if err != nil {
			return err
		}
		c = CatchUp{Rev: row.Rev}
		if since > row.Rev || since < 0 {
			c.Reset = true
			return nil
		}
		posts, err := loadPosts(tx, `p.stream_id = ? AND p.rev > ?`, `ORDER BY p.rev LIMIT ?`, stream, since, limits.CatchUpPosts+1)
		if err != nil {
			return err
		}
		if len(posts) > limits.CatchUpPosts {
			c.Reset = true
			return nil
		}
		c.Posts = posts
		now, err := loadStream(tx, actor, stream)
		if err == nil && now.ChangedRev > since {
			now = now.forEveryone()
			c.Stream = &now
		}
		return err
	})
	return c, err
}

// Rev returns where a stream stands.
func (f *Forum) Rev(ctx context.Context, actor community.Actor, stream int64) (rev int64, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		_, row, err := enterStream(tx, actor, community.Read, stream, ``)
		rev = row.Rev
		return err
	})
	return rev, err
}

// ChangesSince returns the next changes of a stream after rev since, at most
// limit posts, in the order of rev: each post and the stream once, as it is
// now. It asks nobody's leave: it is for whoever delivers to listeners that
// were let in one by one.
func (f *Forum) ChangesSince(ctx context.Context, stream, since int64, limit int) (changes []Change, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		changes = nil
		posts, err := loadPosts(tx, `p.stream_id = ? AND p.rev > ?`, `ORDER BY p.rev LIMIT ?`, stream, since, limit)
		if err != nil {
			return err
		}
		for _, p := range posts {
			changes = append(changes, postChange(eventFor(p, since), p))
		}
		streams, err := loadStreams(tx, community.Actor{}, `t.id = ? AND t.changed_rev > ?`, ``, stream, since)
		if err != nil || len(streams) == 0 {
			return err
		}
		change := streamChange(streams[0])
		if len(posts) < limit || change.Rev < posts[len(posts)-1].Rev {
			changes = append(changes, change)
		}
		slices.SortFunc(changes, func(a, b Change) int { return int(a.Rev - b.Rev) })
		return nil
	})
	return changes, err
}

// eventFor says what a post is to somebody who knows the stream up to since.
func eventFor(p Post, since int64) Event {
	switch {
	case p.CreatedRev > since:
		return PostCreated
	case p.Deleted:
		return PostDeleted
	}
	return PostChanged
}

// Revs returns where these streams are, in one query.
func (f *Forum) Revs(ctx context.Context, streams []int64) (map[int64]int64, error) {
	revs := make(map[int64]int64, len(streams))
	for chunk := range slices.Chunk(streams, 1000) {
		var rows []struct{ ID, Rev int64 }
		if err := f.db.Read(ctx, func(tx *database.Tx) error {
			return tx.Select(&rows, `SELECT id, rev FROM streams WHERE id IN (?)`, chunk)
		}); err != nil {
			return nil, err
		}
		for _, r := range rows {
			revs[r.ID] = r.Rev
		}
	}
	return revs, nil
}
