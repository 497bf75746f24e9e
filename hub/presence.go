package hub

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Presence knows, over all nodes, who is where. It has two twins: in memory for
// one node, in Redis for several. What a node said is forgotten when it is not
// renewed, so a node that dies takes its people with it.
type Presence interface {
	// Enter says that a person is in a stream on this node; first reports that
	// they were nowhere in it before.
	Enter(ctx context.Context, stream, person int64) (first bool, err error)
	// Leave says that they no longer are; last reports that they are nowhere in
	// it now.
	Leave(ctx context.Context, stream, person int64) (last bool, err error)
	// Renew says again who is on this node.
	Renew(ctx context.Context, here map[int64][]int64) error
	// People returns who is in a stream.
	People(ctx context.Context, stream int64) ([]int64, error)
}

// presenceKeeper counts the connections of each person in each stream on this
// node, lets them linger a moment after the last (a page that is changed is no
// leaving), and tells Presence and the others in the stream. It works behind
// the back of whoever subscribes: nobody waits for it.
type presenceKeeper struct {
	hub *Hub

	mu    sync.Mutex
	rooms map[int64]map[int64]*seat // by stream, by person
	todo  []presenceStep
	wake  chan struct{}
}

// seat is one person in one stream: by how many connections, and, when there
// are none any more, since when they linger.
type seat struct {
	connections int
	departures  int // which of several departures a timer belongs to
}

type presenceStep struct {
	stream, person int64
	enter          bool
}

// presenceTime is how long one step may take.
const presenceTime = 2 * time.Second

func (k *presenceKeeper) init(h *Hub) {
	k.hub = h
	k.rooms = map[int64]map[int64]*seat{}
	k.wake = make(chan struct{}, 1)
}

func (k *presenceKeeper) enter(stream, person int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	room := k.rooms[stream]
	if room == nil {
		room = map[int64]*seat{}
		k.rooms[stream] = room
	}
	if s := room[person]; s != nil {
		s.connections++ // there still, or back before anybody noticed
		return
	}
	room[person] = &seat{connections: 1}
	k.add(presenceStep{stream, person, true})
}

func (k *presenceKeeper) leave(stream, person int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.rooms[stream][person]
	if s == nil {
		return
	}
	if s.connections--; s.connections > 0 {
		return
	}
	s.departures++
	departure := s.departures
	k.hub.after(k.hub.o.Pace.Linger, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if s.connections > 0 || s.departures != departure {
			return
		}
		delete(k.rooms[stream], person)
		if len(k.rooms[stream]) == 0 {
			delete(k.rooms, stream)
		}
		k.add(presenceStep{stream, person, false})
	})
}

func (k *presenceKeeper) add(s presenceStep) {
	k.todo = append(k.todo, s)
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// run does the steps in the order in which they came.
func (k *presenceKeeper) run() {
	for {
		select {
		case <-k.hub.life.Done():
			return
		case <-k.wake:
		}
		for {
			k.mu.Lock()
			steps := k.todo
			k.todo = nil
			k.mu.Unlock()
			if len(steps) == 0 {
				break
			}
			for _, s := range steps {
				k.take(s)
			}
		}
	}
}

func (k *presenceKeeper) take(s presenceStep) {
	ctx, cancel := context.WithTimeout(k.hub.life, presenceTime)
	defer cancel()
	step, event := k.hub.o.Presence.Leave, "left"
	if s.enter {
		step, event = k.hub.o.Presence.Enter, "joined"
	}
	news, err := step(ctx, s.stream, s.person)
	if err != nil {
		news = true // better said twice than not at all
	}
	if news {
		k.hub.signal(s.stream, event, s.person)
	}
}

// refresh says again who is here.
func (k *presenceKeeper) refresh() {
	k.mu.Lock()
	here := make(map[int64][]int64, len(k.rooms))
	for stream, room := range k.rooms {
		here[stream] = peopleIn(room)
	}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(k.hub.life, presenceTime)
	defer cancel()
	if err := k.hub.o.Presence.Renew(ctx, here); err != nil && k.hub.life.Err() == nil {
		k.hub.o.Log.Warn("who is present cannot be renewed", "error", err)
	}
}

// peopleHere are those in a stream on this node.
func (k *presenceKeeper) peopleHere(stream int64) []int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return peopleIn(k.rooms[stream])
}

func peopleIn(room map[int64]*seat) []int64 {
	people := make([]int64, 0, len(room))
	for person := range room {
		people = append(people, person)
	}
	return people
}

// presence answers who is in a stream. When the others cannot be asked, it
// answers who is here.
func (c *connection) presence(ctx context.Context, id int64, message []byte) error {
	stream, err := c.streamToHear(ctx, message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, presenceTime)
	defer cancel()
	people, err := c.hub.o.Presence.People(ctx, stream)
	if err != nil {
		c.hub.o.Log.Warn("who is present elsewhere cannot be read", "error", err)
	}
	people = append(people, c.hub.here.peopleHere(stream)...)
	slices.Sort(people)
	return c.answer(id, map[string]any{"people": slices.Compact(people)})
}
