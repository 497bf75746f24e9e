package hub

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// Presence keeps who is where, over all nodes. It has two twins: in memory and
// in Redis. What a node noted is worth nothing any more when the node has not
// beaten for a while, so a node that dies takes its people with it.
type Presence interface {
	// Note writes down who came into streams on a node and who left, in order.
	Note(ctx context.Context, node uuid.UUID, steps []PresenceStep) error
	// Look returns who is in these streams, and on which node.
	Look(ctx context.Context, streams []int64) (map[int64][]Found, error)
	// Beat says that a node lives, and will for at least lapse, and returns those
	// that do. forgotten: it is new here, or was away for too long, and what it
	// noted must be noted again.
	Beat(ctx context.Context, node uuid.UUID, lapse time.Duration) (alive []uuid.UUID, forgotten bool, err error)
}

// PresenceStep is one person coming into a stream, or leaving it.
type PresenceStep struct {
	Stream, Person int64
	Left           bool
}

// Present is one person on one node.
type Present struct {
	Node   uuid.UUID
	Person int64
}

// Found is somebody of whom it was noted how long ago they came.
type Found struct {
	Present
	Ago time.Duration
}

// room is who is in one stream that is listened to on this node: those here, by
// what they are connected with, and those on other nodes, as far as is known.
type room struct {
	seats map[int64]*seat
	away  map[uuid.UUID]map[int64]bool
	// known: the others were looked up. Until then nobody's coming is news,
	// since they may have been there already; they wait in arrivals.
	known    bool
	arrivals []int64
	began    time.Time
	// during is what was heard while the others are being looked up: it is newer
	// than what will be found. Nil when nobody looks.
	during map[Present]bool
	// listed is who is in a crowded room, written down, as of some moment: when
	// thousands come, thousands ask.
	listed   jsontext.Value
	listedAt time.Time
}

// seat is one person in one stream: by how many connections, and, when there
// are none any more, which of several departures a timer belongs to.
type seat struct {
	connections int
	departures  int
}

func newRoom() *room {
	return &room{seats: map[int64]*seat{}, away: map[uuid.UUID]map[int64]bool{}, began: time.Now()}
}

// has reports whether a person is in the room, wherever.
func (r *room) has(person int64) bool { return r.seats[person] != nil || r.isAway(person) }

func (r *room) isAway(person int64) bool {
	for _, people := range r.away {
		if people[person] {
			return true
		}
	}
	return false
}

// set notes that a person is, or is not, in the room on another node.
func (r *room) set(p Present, there bool) {
	people := r.away[p.Node]
	switch {
	case !there:
		delete(people, p.Person)
		if len(people) == 0 {
			delete(r.away, p.Node)
		}
	case people == nil:
		r.away[p.Node] = map[int64]bool{p.Person: true}
	default:
		people[p.Person] = true
	}
}

// size is how many are in the room; somebody on two nodes counts twice.
func (r *room) size() int {
	n := len(r.seats)
	for _, people := range r.away {
		n += len(people)
	}
	return n
}

// everybody returns who is in the room; it may name someone twice.
func (r *room) everybody() (people []int64) {
	for person := range r.seats {
		people = append(people, person)
	}
	for _, there := range r.away {
		for person := range there {
			people = append(people, person)
		}
	}
	return people
}

// update takes over what was found about other nodes, and returns who is there
// now who was not, and the other way round. Of those who are found the first
// time, only those are news who came after the room began.
func (r *room) update(found []Found) (came, went []int64) {
	before, began := r.away, time.Since(r.began)
	r.away = map[uuid.UUID]map[int64]bool{}
	old := map[int64]bool{}
	for _, p := range found {
		if r.during[p.Present] {
			continue
		}
		r.set(p.Present, true)
		if !r.known && p.Ago > began {
			old[p.Person] = true
		}
	}
	for p := range r.during {
		if before[p.Node][p.Person] {
			r.set(p, true)
		}
	}
	was := func(person int64) bool {
		for _, people := range before {
			if people[person] {
				return true
			}
		}
		return r.seats[person] != nil || old[person]
	}
	for _, people := range r.away {
		for person := range people {
			if !was(person) {
				came = append(came, person)
			}
		}
	}
	for _, people := range before {
		for person := range people {
			if !r.has(person) {
				went = append(went, person)
			}
		}
	}
	return came, went
}
