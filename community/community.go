// Package community knows who belongs where. It owns people, organisations,
// the tree of spaces, memberships, invitations and sign-in, and it holds the
// one place that decides who may do what: access.go. It knows nothing of what
// people say to one another; that is package forum.
package community

import (
	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// Community is the door to people and spaces. It is safe for concurrent use.
type Community struct {
	db    *database.DB
	clock *clock.Clock
	tell  Announcements
}

// Announcements are told after a commit, to whoever keeps something open on
// account of what changed. They must return at once.
type Announcements struct {
	// AccessChanged: what this person may read has changed, or how they may
	// sign in; 0 means anybody's may have.
	AccessChanged func(person int64)
	// WorkWaits: a job has been put in the queue.
	WorkWaits func()
}

// New returns the community kept in db.
func New(db *database.DB, clock *clock.Clock, tell Announcements) *Community {
	if tell.AccessChanged == nil {
		tell.AccessChanged = func(int64) {}
	}
	if tell.WorkWaits == nil {
		tell.WorkWaits = func() {}
	}
	return &Community{db: db, clock: clock, tell: tell}
}
