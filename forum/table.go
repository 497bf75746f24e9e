package forum

import (
	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// A leertafel is a stream whose contents another room keeps: what lies on the
// table are no posts. The forum keeps what every stream has, its title, its rev
// and the space that says who may read it, and takes no posts in it.

// StartTable starts a stream of kind [Table], in the transaction of the room
// that keeps it. Say so after the commit with [Forum.Started].
func (f *Forum) StartTable(tx *database.Tx, actor community.Actor, spaceID int64, title string) (Stream, error) {
	if _, err := community.Enter(tx, actor, community.Write, spaceID); err != nil {
		return Stream{}, err
	}
	in := tidyStream(NewStream{Kind: Table, Title: title})
	if err := fault.Check(struct {
		Title string `json:"title" validate:"notblank,max=200"`
	}{in.Title}); err != nil {
		return Stream{}, err
	}
	id, err := f.insertStream(tx, actor, spaceID, in)
	if err != nil {
		return Stream{}, err
	}
	started, err := loadStream(tx, actor, id)
	if err == nil {
		index(tx, titleDoc(id), titleWords(started))
	}
	return started, err
}

// Started tells, after the commit, that there is a new stream.
func (f *Forum) Started(s Stream) { f.tell.Started(s.forEveryone()) }

// CloseTable closes a stream of kind [Table] under its next rev, in the
// transaction of the room that keeps it, and returns the change to announce
// with [Forum.Changed].
func (f *Forum) CloseTable(tx *database.Tx, id int64) (Change, error) {
	s, err := loadStream(tx, community.Actor{}, id)
	if err != nil {
		return Change{}, err
	}
	s.Closed = true
	if err := saveStream(tx, &s, false); err != nil {
		return Change{}, err
	}
	return streamChange(s), nil
}

// Changed tells of a change after its commit.
func (f *Forum) Changed(c Change) { f.announce(c) }

// NextRev takes the stream's next number and holds the stream's row until the
// commit, so that the order of rev is the order of commits.
func NextRev(tx *database.Tx, stream int64) (int64, error) { return nextRev(tx, stream) }
