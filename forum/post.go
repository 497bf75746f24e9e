package forum

import (
	"context"
	"time"
	"unicode/utf8"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Post is something a person contributed to a stream.
type Post struct {
	ID       int64
	StreamID int64
	SpaceID  int64
	// Kind is what its stream is.
	Kind Kind
	// Rev is the stream's rev at the last change of this post, CreatedRev at its
	// creation.
	Rev        int64
	CreatedRev int64
	ParentID   *int64
	// ParentAuthor is who wrote the post it answers, "" when that is not kept.
	ParentAuthor string
	Author       *community.PersonCard
	// AuthorRole is what the author is in the space now.
	AuthorRole community.Role
	Anonymous  bool
	// Body is the Markdown as it was sent, HTML what was made of it, safe to
	// show. Both are empty when the post is deleted.
	Body      string
	HTML      string
	CreatedAt time.Time
	EditedAt  *time.Time
	Deleted   bool
	Reactions []Reaction
	// Score is how many people voted for it, and Voters are who.
	Score  int
	Voters []int64
	// Accepted: it is the answer to the question it stands in.
	Accepted bool
}

// Reaction is one emoji under a post, and who put it there, the first first.
type Reaction struct {
	Emoji  string
	People []int64
}

// PostInput is what a post is made from, behind every door.
type PostInput struct {
	Stream int64  `json:"stream"`
	Body   string `json:"body" validate:"max=20000"`
	// Nonce makes a repeat the same post: at most one post comes of it, however
	// often and however simultaneously it is sent.
	Nonce  string `json:"nonce" validate:"omitempty,max=200"`
	Parent int64  `json:"parent"`
	// Anonymous asks to leave the author out. No kind of stream allows it yet.
	Anonymous bool `json:"anonymous"`
	// Attachments are ids of own uploads. There are no uploads yet, so none fits.
	Attachments []int64 `json:"attachments"`
}

// Post writes a post. When it returns without an error the post is on disk. A
// repeat with the same nonce returns the post as it is now.
func (f *Forum) Post(ctx context.Context, actor community.Actor, in PostInput) (Post, error) {
	words := draft(in.Body) // rendering is the costly part, so it comes before the transaction
	post, fresh, err := f.post(ctx, actor, in, words)
	if err == nil && fresh {
		f.announce(postChange(PostCreated, post))
		f.tell.WorkWaits()
	}
	return post, err
}

func (f *Forum) post(ctx context.Context, actor community.Actor, in PostInput, words text) (post Post, fresh bool, err error) {
	err = f.db.Write(ctx, func(tx *database.Tx) error {
		space, stream, err := enterStream(tx, actor, community.Write, in.Stream, forUpdate(tx))
		if err != nil {
			return err
		}
		post, err = f.postIn(tx, actor, space, stream, in, words)
		fresh = err == nil
		if _, refused := fault.As(err); refused && in.Nonce != "" {
			// A repeat gets what the first made, whatever speaks against it by now.
			return orEarlier(tx, actor, in, &post, err)
		}
		return err
	})
	return post, fresh, err
}

func (f *Forum) postIn(tx *database.Tx, actor community.Actor, space community.Space, stream streamRow, in PostInput, words text) (Post, error) {
	if err := checkPost(tx, in, words); err != nil {
		return Post{}, err
	}
	if !stream.Kind.Valid() {
		return Post{}, fault.New(fault.Conflict, "post.takes_no_posts")
	}
	if stream.Closed {
		if err := space.Allow(actor, community.WriteInClosed); err != nil {
			return Post{}, fault.New(fault.Conflict, "post.stream_is_closed")
		}
	}
	names, err := community.Names(tx, space.ID, words.mentions())
	if err != nil {
		return Post{}, err
	}
	at := place{stream: stream.ID, rev: stream.Rev, kind: stream.Kind, space: space, parent: in.Parent}
	return f.insertPost(tx, actor, at, words, names, in.Nonce)
}

// orEarlier gives the post that an earlier request with this nonce made, or the
// refusal when there was none.
func orEarlier(tx *database.Tx, actor community.Actor, in PostInput, post *Post, refusal error) error {
	var id int64
	err := tx.Get(&id, `SELECT id FROM posts WHERE author_id = ? AND nonce = ? AND stream_id = ?`, actor.Person, in.Nonce, in.Stream)
	if err == database.ErrNoRows {
		return refusal
	}
	if err == nil {
		*post, err = loadPost(tx, id)
	}
	return err
}

func checkPost(tx *database.Tx, in PostInput, words text) error {
	if err := fault.Check(in); err != nil {
		return err
	}
	if words.empty() {
		return fault.InvalidField("body", "required")
	}
	if in.Anonymous {
		return fault.InvalidField("anonymous", "not_here")
	}
	if len(in.Attachments) > 0 {
		return fault.InvalidField("attachments", "not_there")
	}
	if in.Parent == 0 {
		return nil
	}
	there, err := tx.Exists(`SELECT 1 FROM posts WHERE id = ? AND stream_id = ?`, in.Parent, in.Stream)
	if err == nil && !there {
		return fault.InvalidField("parent", "not_there")
	}
	return err
}

// place is where a post goes.
type place struct {
	// stream is held by the transaction, and rev is where it stands.
	stream, rev int64
	kind        Kind
	space       community.Space
	parent      int64
	// first: it opens the stream, so the stream itself is the news.
	first bool
}

// insertPost takes the stream's next rev and writes the post under it, with
// all that goes along: counts, mentions, search, and the job that tells others.
// The stream's row is held from before its rev was read until the commit: that
// is what makes the order of rev the order of commits.
func (f *Forum) insertPost(tx *database.Tx, actor community.Actor, at place, words text, names map[int64]string, nonce string) (Post, error) {
	now := f.clock.Now()
	post := Post{
		StreamID: at.stream, SpaceID: at.space.ID, Kind: at.kind,
		Author:     &community.PersonCard{ID: actor.Person, Name: actor.Name, Organisation: actor.Organisation},
		AuthorRole: at.space.Role, Body: words.body, HTML: words.html(names), CreatedAt: now,
	}
	if at.parent != 0 {
		post.ParentID = &at.parent
		if err := tx.Get(&post.ParentAuthor, `SELECT coalesce(a.name, '') FROM posts p LEFT JOIN people a ON a.id = p.author_id
			WHERE p.id = ?`, at.parent); err != nil {
			return post, err
		}
	}
	post.Rev = at.rev + 1
	post.CreatedRev = post.Rev
	var err error
	if post.ID, err = tx.Insert(`INSERT INTO posts (stream_id, rev, created_rev, parent_id, author_id, nonce, body, html, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (author_id, nonce) DO NOTHING`,
		at.stream, post.Rev, post.Rev, post.ParentID, actor.Person, orNull(nonce), post.Body, post.HTML, now); err == database.ErrNoRows {
		return post, nonceIsUsed()
	}
	if err != nil {
		return post, err
	}
	if _, err := tx.Exec(`UPDATE streams SET rev = ?, last_post_rev = ?, last_post_at = ?, post_count = post_count + 1 WHERE id = ?`,
		post.Rev, post.Rev, now, at.stream); err != nil {
		return post, err
	}
	if err := takePart(tx, actor.Person, at.stream); err != nil {
		return post, err
	}
	if at.first {
		if _, err := tx.Exec(`UPDATE streams SET first_post_id = ? WHERE id = ?`, post.ID, at.stream); err != nil {
			return post, err
		}
	}
	if err := insertMentions(tx, post.ID, &actor.Person, at.space, names); err != nil {
		return post, err
	}
	if err := index(tx, post.ID, richtext.Plain(post.HTML)); err != nil {
		return post, err
	}
	heard, err := somebodyMustHear(tx, at, names)
	if err != nil || !heard {
		return post, err
	}
	return post, jobs.Enqueue(tx, now, jobs.Job{Kind: JobPosted, Payload: Posted{Post: post.ID}})
}

// takePart counts a post of somebody in a stream.
func takePart(tx *database.Tx, person, stream int64) error {
	known, err := tx.Exec(`UPDATE stream_people SET posts = posts + 1 WHERE person_id = ? AND stream_id = ? AND posts > 0`, person, stream)
	if err != nil || known > 0 {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO stream_people (person_id, stream_id, posts) VALUES (?, ?, 1)
		ON CONFLICT (person_id, stream_id) DO UPDATE SET posts = 1`, person, stream); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE streams SET participant_count = participant_count + 1 WHERE id = ?`, stream)
	return err
}

// insertMentions notes whom a post is addressed to: whom it names, and in a
// conversation between people everybody else in it.
func insertMentions(tx *database.Tx, post int64, author *int64, space community.Space, names map[int64]string) error {
	if space.Kind == community.KindDirect {
		_, err := tx.Exec(`INSERT INTO mentions (post_id, person_id) SELECT ?, person_id FROM memberships
			WHERE space_id = ? AND person_id <> coalesce(?, 0)`, post, space.ID, author)
		return err
	}
	for person := range names {
		if _, err := tx.Exec(`INSERT INTO mentions (post_id, person_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, post, person); err != nil {
			return err
		}
	}
	return nil
}

// somebodyMustHear spares the queue the chat lines nobody is to be told of: no
// mention, no reply, and nobody who asked for everything.
func somebodyMustHear(tx *database.Tx, at place, names map[int64]string) (bool, error) {
	if len(names) > 0 || at.parent != 0 || at.space.Kind == community.KindDirect || at.kind != Channel {
		return true, nil
	}
	return tx.Exists(`SELECT 1 FROM stream_people WHERE stream_id = ? AND level = 'all'
		UNION ALL SELECT 1 FROM memberships WHERE space_id = ? AND level = 'all' LIMIT 1`, at.stream, at.space.ID)
}

// text is a body on its way into a post.
type text struct {
	body string
	doc  *richtext.Document
	size int
}

func draft(body string) text {
	body = richtext.Normalize(body)
	t := text{body: body, size: utf8.RuneCountInString(body)}
	if t.size <= limits.Body { // else it will be refused
		t.doc = richtext.Parse(body)
	}
	return t
}

func (t text) empty() bool { return fault.Blank(t.body) }

func (t text) mentions() []int64 {
	if t.doc == nil {
		return nil
	}
	return t.doc.Mentions()
}

func (t text) html(names map[int64]string) string {
	if t.doc == nil {
		return ""
	}
	return t.doc.HTML(names)
}
