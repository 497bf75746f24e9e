// Package forum keeps what people say to one another: streams and the posts in
// them. A channel, a discussion, a question and an article are all streams, so
// following, resuming, unread counts, search and notification are written once.
//
// Each change of a stream gets the next number of that stream, its rev, in the
// transaction that makes the change; the order of rev is the order of commits.
// Whoever has seen rev N asks for what came after N and misses nothing.
//
// The package knows who may do what only by asking package community, and it
// does not know who listens: after a commit it tells its [Announcements].
package forum

import (
	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// Forum is the door to streams and posts. It is safe for concurrent use.
type Forum struct {
	db    *database.DB
	clock *clock.Clock
	tell  Announcements
}

// Announcements are told after a commit, and must return soon. They are a
// courtesy: whoever misses one finds the same by asking for what came after
// the rev they know.
type Announcements struct {
	// Changed: a stream has a new rev.
	Changed func(Change)
	// Started: there is a new stream.
	Started func(Stream)
	// Seen: a person read a stream up to some point, on one of their devices.
	Seen func(person, stream int64)
	// WorkWaits: a job has been put in the queue.
	WorkWaits func()
}

// New returns the forum kept in db.
func New(db *database.DB, clock *clock.Clock, tell Announcements) *Forum {
	if tell.Changed == nil {
		tell.Changed = func(Change) {}
	}
	if tell.Started == nil {
		tell.Started = func(Stream) {}
	}
	if tell.Seen == nil {
		tell.Seen = func(int64, int64) {}
	}
	if tell.WorkWaits == nil {
		tell.WorkWaits = func() {}
	}
	return &Forum{db: db, clock: clock, tell: tell}
}

// Event is what happened in a stream, in the words of the protocol.
type Event string

const (
	PostCreated   Event = "post.created"
	PostChanged   Event = "post.changed"
	PostDeleted   Event = "post.deleted"
	StreamChanged Event = "stream.changed"
)

// Change is one step of a stream: either Post or Stream, as it is now.
type Change struct {
	StreamID int64
	SpaceID  int64
	Rev      int64
	Event    Event
	Post     *Post
	Stream   *Stream
}

// postChange returns the change that a post with a new rev is.
func postChange(event Event, p Post) Change {
	return Change{StreamID: p.StreamID, SpaceID: p.SpaceID, Rev: p.Rev, Event: event, Post: &p}
}

// streamChange returns the change of a stream's own fields. A change is the
// same for everyone, so what the stream is to the one who made it goes out.
func streamChange(s Stream) Change {
	s = s.forEveryone()
	return Change{StreamID: s.ID, SpaceID: s.SpaceID, Rev: s.ChangedRev, Event: StreamChanged, Stream: &s}
}

// announce tells of changes in the order of their numbers.
func (f *Forum) announce(changes ...Change) {
	for _, c := range changes {
		f.tell.Changed(c)
	}
}

// JobPosted is the queue's word for finding out who must hear of a post. Its
// payload is a [Posted].
const JobPosted = "forum.posted"

// Posted says which post somebody should hear of.
type Posted struct {
	Post int64
	// Edited: only those who were not mentioned before.
	Edited bool `json:",omitempty"`
	// Accepted: its author hears that it was chosen as the answer.
	Accepted bool  `json:",omitempty"`
	By       int64 `json:",omitempty"`
}

// forUpdate makes a SELECT hold the row it reads until the transaction ends.
// SQLite has one writer, so there the row is held already.
func forUpdate(tx *database.Tx) string {
	if tx.Dialect == database.PostgreSQL {
		return ` FOR UPDATE`
	}
	return ``
}
