package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
)

// StreamUnread is what a person has not read in one stream.
type StreamUnread struct {
	StreamID int64
	SpaceID  int64
	Kind     Kind
	PersonID int64
	Unread   int
	Mentions int
}

// UnreadPosts is the one source of what is unread, as the FROM and WHERE of a
// query: the posts p of streams t that member m has not seen (sp is how far
// they did), with n for those that mention them. Posts of their own count not,
// nor what came before they joined, what they may not read, and what they muted.
var UnreadPosts = `memberships m
	JOIN streams t ON t.space_id = m.space_id
	LEFT JOIN stream_people sp ON sp.person_id = m.person_id AND sp.stream_id = t.id
	JOIN posts p ON p.stream_id = t.id AND p.created_rev > coalesce(sp.seen_rev, 0)
		AND p.created_at >= m.since AND p.deleted_at IS NULL AND (p.author_id IS NULL OR p.author_id <> m.person_id)
	LEFT JOIN mentions n ON n.post_id = p.id AND n.person_id = m.person_id
	WHERE t.last_post_rev > coalesce(sp.seen_rev, 0)
	AND coalesce(sp.level, m.level, '') <> 'muted'
	AND ` + community.VisibleTo("m.person_id", "m.space_id")

// countUnread is behind every unread count. The condition is on memberships m
// and streams t. Streams without anything unread are left out.
func countUnread(tx *database.Tx, condition string, args ...any) (counts []StreamUnread, err error) {
	err = tx.Select(&counts, `SELECT t.id AS stream_id, t.space_id, t.kind, m.person_id, count(*) AS unread, count(n.post_id) AS mentions
		FROM `+UnreadPosts+` AND `+condition+` GROUP BY t.id, t.space_id, t.kind, m.person_id`, args...)
	return counts, err
}

// Unread returns what actor has not read, by stream; read streams are left out.
func (f *Forum) Unread(ctx context.Context, actor community.Actor) (counts []StreamUnread, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		counts, err = countUnread(tx, `m.person_id = ?`, actor.Person)
		return err
	})
	return counts, err
}

// UnreadOf returns what each of these people has not read in a stream. Who is
// not in the answer has read it all, or is no member.
func (f *Forum) UnreadOf(ctx context.Context, stream int64, people []int64) (counts []StreamUnread, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		counts, err = countUnread(tx, `t.id = ? AND m.person_id IN (?)`, stream, people)
		return err
	})
	return counts, err
}

// Seen notes that actor has read a stream up to rev, on all their devices. It
// never goes back.
func (f *Forum) Seen(ctx context.Context, actor community.Actor, stream, rev int64) error {
	moved := false
	err := f.db.Write(ctx, func(tx *database.Tx) error {
		_, row, err := enterStream(tx, actor, community.Follow, stream, ``)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO stream_people (person_id, stream_id, seen_rev) VALUES (?, ?, ?)
			ON CONFLICT (person_id, stream_id) DO UPDATE SET seen_rev = excluded.seen_rev
			WHERE stream_people.seen_rev < excluded.seen_rev`, actor.Person, stream, min(max(rev, 0), row.Rev))
		moved = n > 0
		return err
	})
	if err == nil && moved {
		f.tell.Seen(actor.Person, stream)
	}
	return err
}
