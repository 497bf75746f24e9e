package forum

import (
	"context"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/richtext"
)

// Stream is an ordered conversation in a space.
type Stream struct {
	ID       int64
	SpaceID  int64
	Kind     Kind
	Title    string
	Category string
	Tags     []string
	Pinned   bool
	Closed   bool
	// Author is who started it; nil when that is not kept.
	Author *community.PersonCard
	// AnswerID is the post accepted as the answer to a question.
	AnswerID *int64
	// FirstPostID is the post it opened with.
	FirstPostID *int64
	// Rev counts the changes in the stream; ChangedRev is the last one of the
	// stream's own fields, LastPostRev the one at which the newest post came.
	Rev         int64
	ChangedRev  int64
	LastPostRev int64
	// Posts is how many there are that are not deleted; Participants is how many
	// people wrote them.
	Posts        int
	Participants int
	CreatedAt    time.Time
	LastPostAt   *time.Time

	// What follows is about the person the stream was loaded for.

	// Level is what they hear of it, worked out from what they chose and what
	// they did here. Empty in announcements.
	Level community.Level
	// OwnLevel is what they chose for this stream; empty is the default.
	OwnLevel community.Level
	// SeenRev is how far they read; Unread and Mentions are what came since.
	SeenRev  int64
	Unread   int
	Mentions int
}

// Kind is what a stream is.
type Kind string

const (
	Channel    Kind = "channel"
	Discussion Kind = "discussion"
	Question   Kind = "question"
	Article    Kind = "article"
	// Table is kept by a room above this one: see [Forum.StartTable].
	Table Kind = "table"
)

// Valid reports whether streams of this kind can be started here: they are
// conversations, and take posts.
func (k Kind) Valid() bool {
	return k == Channel || k == Discussion || k == Question || k == Article
}

// forEveryone leaves out what the stream is to one person.
func (s Stream) forEveryone() Stream {
	s.Level, s.OwnLevel, s.SeenRev, s.Unread, s.Mentions = "", "", 0, 0, 0
	return s
}

// NewStream is what a stream is started from.
type NewStream struct {
	Kind  Kind   `json:"kind" validate:"required,oneof=channel discussion question article"`
	Title string `json:"title" validate:"notblank,max=200"`
	// Body becomes the first post. All kinds but a channel need one.
	Body     string   `json:"body" validate:"max=20000"`
	Tags     []string `json:"tags" validate:"max=10,dive,notblank,max=40"`
	Category string   `json:"category" validate:"max=200"`
	// Nonce makes a repeat of the same request the same stream; "" is none.
	Nonce string `json:"nonce" validate:"omitempty,max=200"`
}

// Start starts a stream. A repeat with the same nonce returns the stream that
// the first made.
func (f *Forum) Start(ctx context.Context, actor community.Actor, spaceID int64, in NewStream) (Stream, error) {
	in = tidyStream(in)
	opening := draft(in.Body)
	var names map[int64]string
	var started Stream
	var changes []Change
	fresh := false
	err := f.db.Write(ctx, func(tx *database.Tx) error {
		changes, fresh = nil, false
		space, err := community.Enter(tx, actor, community.Write, spaceID)
		if err != nil {
			return err
		}
		if err := checkStream(in, opening); err != nil {
			return err
		}
		if earlier, err := startedBefore(tx, actor, space.ID, in.Nonce); err != nil || earlier != 0 {
			if err == nil {
				started, err = loadStream(tx, actor, earlier)
			}
			return err
		}
		fresh = true
		if names, err = community.Names(tx, space.ID, opening.mentions()); err != nil {
			return err
		}
		id, err := f.insertStream(tx, actor, space.ID, in)
		if err != nil {
			return err
		}
		if !opening.empty() {
			post, err := f.insertPost(tx, actor, place{stream: id, kind: in.Kind, space: space, first: true}, opening, names, in.Nonce)
			if err != nil {
				return err
			}
			changes = append(changes, postChange(PostCreated, post))
		}
		if started, err = loadStream(tx, actor, id); err != nil {
			return err
		}
		return index(tx, titleDoc(id), titleWords(started))
	})
	if err == nil && fresh {
		f.tell.Started(started.forEveryone())
		f.announce(changes...)
		f.tell.WorkWaits()
	}
	return started, err
}

func tidyStream(in NewStream) NewStream {
	in.Title, in.Category = richtext.Line(in.Title), richtext.Line(in.Category)
	in.Tags = tidyTags(in.Tags)
	return in
}

// tidyTags cleans tags and drops doubles; the order stays.
func tidyTags(tags []string) []string {
	seen := map[string]bool{}
	tidy := make([]string, 0, len(tags))
	for _, tag := range tags {
		tag = richtext.Line(tag)
		if !seen[tag] {
			seen[tag] = true
			tidy = append(tidy, tag)
		}
	}
	return tidy
}

func checkStream(in NewStream, opening text) error {
	if err := fault.Check(in); err != nil {
		return err
	}
	if opening.empty() && (in.Body != "" || in.Kind != Channel) {
		return fault.InvalidField("body", "required")
	}
	return nil
}

// startedBefore returns the stream an earlier request with this nonce made.
func startedBefore(tx *database.Tx, actor community.Actor, spaceID int64, nonce string) (id int64, err error) {
	if nonce == "" {
		return 0, nil
	}
	var earlier struct{ ID, SpaceID int64 }
	err = tx.Get(&earlier, `SELECT id, space_id FROM streams WHERE author_id = ? AND nonce = ?`, actor.Person, nonce)
	if err == database.ErrNoRows {
		// A stream's first post has its nonce too. One that another request has
		// committed since we looked is no other post: our own writing will find it.
		used, err := tx.Exists(`SELECT 1 FROM posts p WHERE p.author_id = ? AND p.nonce = ? AND NOT EXISTS
			(SELECT 1 FROM streams t WHERE t.first_post_id = p.id AND t.nonce = p.nonce)`, actor.Person, nonce)
		if err == nil && used {
			return 0, nonceIsUsed()
		}
		return 0, err
	}
	if err == nil && earlier.SpaceID != spaceID {
		return 0, nonceIsUsed()
	}
	return earlier.ID, err
}

func nonceIsUsed() error { return fault.New(fault.Conflict, "post.nonce_is_used") }

func (f *Forum) insertStream(tx *database.Tx, actor community.Actor, spaceID int64, in NewStream) (id int64, err error) {
	err = tx.Get(&id, `INSERT INTO streams (space_id, kind, title, category, author_id, nonce, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		spaceID, in.Kind, in.Title, in.Category, actor.Person, orNull(in.Nonce), f.clock.Now())
	if err != nil {
		return 0, err
	}
	return id, insertTags(tx, id, in.Tags)
}

func insertTags(tx *database.Tx, stream int64, tags []string) error {
	for i, tag := range tags {
		if _, err := tx.Exec(`INSERT INTO stream_tags (stream_id, position, tag) VALUES (?, ?, ?)`, stream, i, tag); err != nil {
			return err
		}
	}
	return nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// StreamChange is what of a stream is to be different; nil stays as it is.
type StreamChange struct {
	Title    *string   `json:"title" validate:"omitnil,notblank,max=200"`
	Tags     *[]string `json:"tags" validate:"omitnil,max=10,dive,notblank,max=40"`
	Category *string   `json:"category" validate:"omitnil,max=200"`
	Pinned   *bool     `json:"pinned"`
	Closed   *bool     `json:"closed"`
}

// ChangeStream changes a stream's own fields. Who started it may put right its
// title, tags and category and may close it; facilitators and managers may do
// that for any stream, and pin.
func (f *Forum) ChangeStream(ctx context.Context, actor community.Actor, id int64, in StreamChange) (Stream, error) {
	if in.Title != nil {
		title := richtext.Line(*in.Title)
		in.Title = &title
	}
	if in.Category != nil {
		category := richtext.Line(*in.Category)
		in.Category = &category
	}
	if in.Tags != nil {
		tags := tidyTags(*in.Tags)
		in.Tags = &tags
	}
	var stream Stream
	changed := false
	err := f.db.Write(ctx, func(tx *database.Tx) error {
		changed = false
		space, old, err := enterStream(tx, actor, community.Read, id, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := mayChangeStream(space, actor, old, in); err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		if in.Closed != nil && !old.Kind.Valid() {
			return fault.InvalidField("closed", "not_here") // whoever keeps it closes it
		}
		if stream, err = loadStream(tx, actor, id); err != nil {
			return err
		}
		changed = apply(&stream, in)
		if !changed {
			return nil
		}
		if err := saveStream(tx, &stream, in.Tags != nil); err != nil {
			return err
		}
		return reindex(tx, titleDoc(id), titleWords(stream))
	})
	if err == nil && changed {
		f.announce(streamChange(stream))
	}
	return stream, err
}

func mayChangeStream(space community.Space, actor community.Actor, old streamRow, in StreamChange) error {
	isAuthor := old.AuthorID != nil && *old.AuthorID == actor.Person
	if isAuthor && in.Pinned == nil {
		return space.Allow(actor, community.EditOwn)
	}
	return space.Allow(actor, community.Tidy)
}

// apply changes the fields and reports whether any is different now.
func apply(s *Stream, in StreamChange) bool {
	before := *s
	if in.Title != nil {
		s.Title = *in.Title
	}
	if in.Category != nil {
		s.Category = *in.Category
	}
	if in.Pinned != nil {
		s.Pinned = *in.Pinned
	}
	if in.Closed != nil {
		s.Closed = *in.Closed
	}
	if in.Tags != nil {
		s.Tags = *in.Tags
	}
	return before.Title != s.Title || before.Category != s.Category || before.Pinned != s.Pinned ||
		before.Closed != s.Closed || !sameTags(before.Tags, s.Tags)
}

func sameTags(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// saveStream writes a stream's own fields under the next rev.
func saveStream(tx *database.Tx, s *Stream, tags bool) error {
	var row struct{ Rev int64 }
	if err := tx.Get(&row, `UPDATE streams SET rev = rev + 1, changed_rev = rev + 1, title = ?, category = ?, pinned = ?, closed = ?, answer_id = ?
		WHERE id = ? RETURNING rev`, s.Title, s.Category, s.Pinned, s.Closed, s.AnswerID, s.ID); err != nil {
		return err
	}
	s.Rev, s.ChangedRev = row.Rev, row.Rev
	if !tags {
		return nil
	}
	if _, err := tx.Exec(`DELETE FROM stream_tags WHERE stream_id = ?`, s.ID); err != nil {
		return err
	}
	return insertTags(tx, s.ID, s.Tags)
}

// streamRow is what a function needs to know of a stream before it acts.
type streamRow struct {
	ID          int64
	SpaceID     int64
	Kind        Kind
	Rev         int64
	LastPostRev int64
	Closed      bool
	AuthorID    *int64
	AnswerID    *int64
	FirstPostID *int64
}

// enterStream is the only way a function of the forum gets a stream: by
// entering the space it lies in.
func enterStream(tx *database.Tx, actor community.Actor, action community.Action, id int64, lock string) (community.Space, streamRow, error) {
	var row streamRow
	err := tx.Get(&row, `SELECT id, space_id, kind, rev, last_post_rev, closed, author_id, answer_id, first_post_id
		FROM streams WHERE id = ?`+lock, id)
	if err == database.ErrNoRows {
		return community.Space{}, row, fault.Missing()
	}
	if err != nil {
		return community.Space{}, row, err
	}
	space, err := community.Enter(tx, actor, action, row.SpaceID)
	return space, row, err
}
