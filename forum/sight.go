package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
)

// Sight is a stream as it lies before one reader: the part of it they asked
// for, what stands out in it, and what they may do. It is one view of the data:
// following the stream from Stream.Rev misses nothing.
type Sight struct {
	Space  community.Space
	Stream Stream
	PostPage
	// Opening is the post it opened with, and Answer the one accepted as the
	// answer; nil when there is none. They may stand among Posts as well.
	Opening *Post
	Answer  *Post
	// FirstUnread is the first post the reader has not seen, 0 when there is none.
	FirstUnread int64
	// Threads tells of the replies under Posts, by the post they stand under.
	Threads map[int64]Thread
	May     StreamRights
}

// StreamRights is what a reader may do with a stream.
type StreamRights struct {
	// Write a post in it, as it is now: closed or not.
	Write bool
	// Join its space, which would let them write.
	Join bool
	// Follow: keep what they read and what they want to hear.
	Follow bool
	// Change its title, tags and category, and close it. Pin it.
	Change, Pin bool
	// Accept a post as the answer to it.
	Accept bool
}

// See returns a stream as it lies before actor. A query that names no place
// gives the newest posts, or those around the first unread one when that is
// further back.
func (f *Forum) See(ctx context.Context, actor community.Actor, id int64, query PostQuery) (s Sight, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		space, row, err := enterStream(tx, actor, community.Read, id, ``)
		if err != nil {
			return err
		}
		s = Sight{Space: space, May: streamRights(space, actor, row)}
		if s.Stream, err = loadStream(tx, actor, id); err != nil {
			return err
		}
		if s.FirstUnread, err = firstUnread(tx, actor, s.Stream); err != nil {
			return err
		}
		if err := s.readPosts(tx, row, query); err != nil {
			return err
		}
		if s.Opening, err = postOrNone(tx, row.FirstPostID); err != nil {
			return err
		}
		if s.Answer, err = postOrNone(tx, row.AnswerID); err != nil {
			return err
		}
		s.Threads, err = threadsUnder(tx, s.Posts)
		return err
	})
	return s, err
}

func streamRights(space community.Space, actor community.Actor, row streamRow) StreamRights {
	may := func(action community.Action) bool { return space.Allow(actor, action) == nil }
	return StreamRights{
		Write:  may(community.Write) && (!row.Closed || may(community.WriteInClosed)),
		Join:   space.Role == community.Outsider && may(community.Join),
		Follow: may(community.Follow),
		Change: mayChangeStream(space, actor, row, StreamChange{}) == nil,
		Pin:    may(community.Tidy),
		Accept: row.Kind == Question && mayAccept(space, actor, row) == nil,
	}
}

// firstUnread returns the first post that actor has not seen.
func firstUnread(tx *database.Tx, actor community.Actor, stream Stream) (id int64, err error) {
	if stream.Unread == 0 {
		return 0, nil
	}
	err = tx.Get(&id, `SELECT coalesce(min(p.id), 0) FROM `+UnreadPosts+` AND m.person_id = ? AND t.id = ?`, actor.Person, stream.ID)
	return id, err
}

func (s *Sight) readPosts(tx *database.Tx, row streamRow, query PostQuery) error {
	if err := s.fill(tx, row, query); err != nil {
		return err
	}
	unplaced := query.After == 0 && query.Before == 0 && query.Around == 0
	if unplaced && s.FirstUnread != 0 && len(s.Posts) > 0 && s.FirstUnread < s.Posts[0].ID {
		query.Around = s.FirstUnread
		return s.fill(tx, row, query)
	}
	return nil
}

func postOrNone(tx *database.Tx, id *int64) (*Post, error) {
	if id == nil {
		return nil, nil
	}
	post, err := loadPost(tx, *id)
	return &post, err
}

// PostSight is a post as it lies before one reader.
type PostSight struct {
	Space  community.Space
	Stream Stream
	Post   Post
	May    PostRights
}

// PostRights is what a reader may do with a post.
type PostRights struct {
	// React with an emoji; say that it is useful (Vote); Reply under it.
	React, Vote, Reply bool
	// Edit its text, and Delete it.
	Edit, Delete bool
	// Accept it as the answer, or take that back (Unaccept).
	Accept, Unaccept bool
}

// SeePost returns a post as it lies before actor.
func (f *Forum) SeePost(ctx context.Context, actor community.Actor, id int64) (s PostSight, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		space, row, post, err := enterPost(tx, actor, community.Read, id, ``)
		if err != nil {
			return err
		}
		s = PostSight{Space: space, May: postRights(space, actor, row, post)}
		if s.Stream, err = loadStream(tx, actor, row.ID); err != nil {
			return err
		}
		s.Post, err = loadPost(tx, id)
		return err
	})
	return s, err
}

func postRights(space community.Space, actor community.Actor, row streamRow, post postRow) PostRights {
	if post.Deleted {
		return PostRights{}
	}
	writes := space.Allow(actor, community.Write) == nil
	answers := row.Kind == Question && valueOf(row.FirstPostID) != post.ID
	accepts := answers && mayAccept(space, actor, row) == nil
	isAnswer := valueOf(row.AnswerID) == post.ID
	deletes := community.DeleteOthers
	if post.isBy(actor) {
		deletes = community.DeleteOwn
	}
	return PostRights{
		React: writes, Vote: writes && answers, Reply: streamRights(space, actor, row).Write,
		Edit: mayEdit(space, actor, post) == nil, Delete: space.Allow(actor, deletes) == nil,
		Accept: accepts && !isAnswer, Unaccept: accepts && isAnswer,
	}
}
