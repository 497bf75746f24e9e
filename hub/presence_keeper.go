package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"leerkring/internal/limits"
)

// presenceKeeper knows who is in the streams that are listened to on this node.
// It counts the connections of each person, and lets them linger a moment after
// the last: a page that is changed is no leaving. Comings and goings are told to
// the other nodes at once, and noted in Presence behind the back of whoever
// subscribes; from there it learns, now and then, what it missed. Nobody waits
// for any of it.
type presenceKeeper struct {
	hub *Hub

	mu    sync.Mutex
	rooms map[int64]*room
	steps []PresenceStep // to be told to the other nodes, and noted
	anew  []PresenceStep // to be noted again
	looks map[int64]bool // rooms whose others are to be looked up
	// alive are the nodes that live, as of the last beat; heard is when each last
	// said something.
	alive map[uuid.UUID]bool
	heard map[uuid.UUID]time.Time
	// away: Presence does not answer, or forgot us. When it is back, everything
	// is noted anew.
	away  bool
	beats int
	wake  chan struct{}
}

const (
	// presenceTime is how long one question to Presence may take behind
	// somebody's back, presenceWait when somebody waits for it.
	presenceTime = 2 * time.Second
	presenceWait = 500 * time.Millisecond
	// presenceChunk is how many steps, or rooms, one question is about.
	presenceChunk = 500
	// rounds is in how many beats every room is looked up again.
	rounds = 4
)

func (k *presenceKeeper) init(h *Hub) {
	k.hub = h
	k.rooms = map[int64]*room{}
	k.looks = map[int64]bool{}
	k.heard = map[uuid.UUID]time.Time{}
	k.wake = make(chan struct{}, 1)
}

// enter says that one more connection of a person listens to a stream here.
func (k *presenceKeeper) enter(stream, person int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.rooms[stream]
	if r == nil {
		r = newRoom()
		k.rooms[stream] = r
		k.looks[stream] = true
		k.stir()
	}
	if s := r.seats[person]; s != nil {
		s.connections++ // there still, or back before anybody noticed
		return
	}
	news := !r.isAway(person)
	r.seats[person] = &seat{connections: 1}
	k.note(PresenceStep{Stream: stream, Person: person})
	switch {
	case !r.known:
		r.arrivals = append(r.arrivals, person)
	case news:
		k.tell(stream, r, "joined", person)
	}
}

// leave says that one connection less does.
func (k *presenceKeeper) leave(stream, person int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.rooms[stream]
	if r == nil || r.seats[person] == nil {
		return
	}
	s := r.seats[person]
	if s.connections--; s.connections > 0 {
		return
	}
	s.departures++
	departure := s.departures
	k.hub.after(k.hub.o.Pace.Linger, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if s.connections == 0 && s.departures == departure {
			k.vacate(stream, r, person)
		}
	})
}

// vacate ends a person's presence here.
func (k *presenceKeeper) vacate(stream int64, r *room, person int64) {
	delete(r.seats, person)
	k.note(PresenceStep{Stream: stream, Person: person, Left: true})
	if !r.isAway(person) {
		k.tell(stream, r, "left", person)
	}
	if len(r.seats) == 0 {
		delete(k.rooms, stream)
		delete(k.looks, stream)
	}
}

// note has a step told to the other nodes, and noted.
func (k *presenceKeeper) note(s PresenceStep) {
	k.steps = append(k.steps, s)
	k.stir()
}

func (k *presenceKeeper) stir() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// tell tells those who listen here, unless the room is too full for that: in a
// crowd everybody would be told of everybody.
func (k *presenceKeeper) tell(stream int64, r *room, event string, person int64) {
	if r.size() <= limits.Crowd {
		k.hub.toTopic(stream, person, signalEvent(stream, event, person))
	}
}

// crowded reports whether a room is too full to tell of each person.
func (k *presenceKeeper) crowded(stream int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.rooms[stream]
	return r != nil && r.size() > limits.Crowd
}

// hear takes what another node told.
func (k *presenceKeeper) hear(node uuid.UUID, s PresenceStep) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.heard[node] = time.Now()
	r := k.rooms[s.Stream]
	if r == nil {
		return
	}
	there := r.has(s.Person)
	who := Present{node, s.Person}
	r.set(who, !s.Left)
	if r.during != nil {
		r.during[who] = true
	}
	switch {
	case !there && !s.Left:
		k.tell(s.Stream, r, "joined", s.Person)
	case there && !r.has(s.Person):
		k.tell(s.Stream, r, "left", s.Person)
	}
}

// run notes what is to be noted, and looks up what is to be looked up.
func (k *presenceKeeper) run() {
	k.refresh()
	for {
		select {
		case <-k.hub.life.Done():
			return
		case <-k.wake:
		}
		for k.turn() {
		}
	}
}

// turn does some of what waits, and reports whether there may be more.
func (k *presenceKeeper) turn() bool {
	k.mu.Lock()
	steps := cut(&k.steps)
	anew := cut(&k.anew)
	streams := k.toLookUp()
	away := k.away
	k.mu.Unlock()
	if len(steps)+len(anew)+len(streams) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(k.hub.life, presenceTime)
	defer cancel()
	var err error
	if len(steps)+len(anew) > 0 && !away {
		err = k.hub.o.Presence.Note(ctx, k.hub.node, slices.Concat(anew, steps))
	}
	// After it is noted: a node that began to listen too late to hear it, looks
	// it up later than that.
	for _, s := range steps {
		k.hub.publish(streamChannel(s.Stream), presenceMessage(s))
	}
	if away {
		k.take(streams, nil, true)
		return true
	}
	var found map[int64][]Found
	if err == nil && len(streams) > 0 {
		found, err = k.lookUp(ctx, streams)
	}
	if err != nil {
		k.lose(err)
	}
	k.take(streams, found, err != nil)
	return true
}

// cut takes the next steps off a list.
func cut(from *[]PresenceStep) []PresenceStep {
	steps := (*from)[:min(len(*from), presenceChunk)]
	*from = (*from)[len(steps):]
	if len(*from) == 0 {
		*from = nil
	}
	return steps
}

// toLookUp returns the next rooms to be looked up; from now on they remember
// what is heard.
func (k *presenceKeeper) toLookUp() (streams []int64) {
	for stream := range k.looks {
		if len(streams) == presenceChunk {
			break
		}
		streams = append(streams, stream)
		delete(k.looks, stream)
		k.rooms[stream].during = map[Present]bool{}
	}
	return streams
}

// lookUp returns who is in these streams on other nodes that live.
func (k *presenceKeeper) lookUp(ctx context.Context, streams []int64) (map[int64][]Found, error) {
	if err := k.beat(ctx); err != nil {
		return nil, err
	}
	found, err := k.hub.o.Presence.Look(ctx, streams)
	k.mu.Lock()
	defer k.mu.Unlock()
	for stream, people := range found {
		found[stream] = slices.DeleteFunc(people, func(p Found) bool { return p.Node == k.hub.node || !k.alive[p.Node] })
	}
	return found, err
}

// beat says that this node lives, and learns which others do.
func (k *presenceKeeper) beat(ctx context.Context) error {
	alive, forgotten, err := k.hub.o.Presence.Beat(ctx, k.hub.node, k.hub.o.Pace.Lapse)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alive = make(map[uuid.UUID]bool, len(alive))
	for _, node := range alive {
		k.alive[node] = true
	}
	k.away = k.away || forgotten
	return nil
}

// take works what was found, or that nothing could be, into the rooms.
func (k *presenceKeeper) take(streams []int64, found map[int64][]Found, failed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, stream := range streams {
		r := k.rooms[stream]
		if r == nil {
			continue
		}
		var came, went []int64
		if !failed {
			came, went = r.update(found[stream])
		}
		r.during, r.known = nil, true
		k.tellAll(stream, r, "joined", came)
		k.tellAll(stream, r, "left", went)
		for _, person := range r.arrivals {
			if r.seats[person] != nil && !r.isAway(person) {
				k.tell(stream, r, "joined", person)
			}
		}
		r.arrivals = nil
	}
}

func (k *presenceKeeper) tellAll(stream int64, r *room, event string, people []int64) {
	for _, person := range people {
		k.tell(stream, r, event, person)
	}
}

// lose stops talking to Presence until it beats again.
func (k *presenceKeeper) lose(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.away && k.hub.life.Err() == nil {
		k.hub.o.Log.Warn("who is present elsewhere cannot be known", "error", err)
	}
	k.away, k.anew = true, nil
}

// missed has rooms looked up again, since something may not have been heard: one,
// or with 0 all.
func (k *presenceKeeper) missed(stream int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if stream == 0 {
		for stream := range k.rooms {
			k.looks[stream] = true
		}
	} else if k.rooms[stream] != nil {
		k.looks[stream] = true
	}
	k.stir()
}

// refresh says that this node lives, and takes notice of those that do not; and
// it has some of the rooms noted and looked up anew, all of them when Presence
// was away or forgot us.
func (k *presenceKeeper) refresh() {
	ctx, cancel := context.WithTimeout(k.hub.life, presenceTime)
	defer cancel()
	if err := k.beat(ctx); err != nil {
		k.lose(err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	everything := k.away
	k.away = false
	k.beats++
	for stream, r := range k.rooms {
		for node := range r.away {
			if !k.alive[node] && time.Since(k.heard[node]) > k.hub.o.Pace.Refresh {
				k.bury(stream, r, node)
			}
		}
		if !everything && int(uint64(stream)%rounds) != k.beats%rounds {
			continue
		}
		for person := range r.seats {
			k.anew = append(k.anew, PresenceStep{Stream: stream, Person: person})
		}
		k.looks[stream] = true
	}
	for node := range k.heard {
		if !k.alive[node] {
			delete(k.heard, node)
		}
	}
	k.stir()
}

// bury takes a dead node's people out of a room.
func (k *presenceKeeper) bury(stream int64, r *room, node uuid.UUID) {
	people := r.away[node]
	delete(r.away, node)
	for person := range people {
		if !r.has(person) {
			k.tell(stream, r, "left", person)
		}
	}
	steps := make([]PresenceStep, 0, len(people))
	for person := range people {
		steps = append(steps, PresenceStep{Stream: stream, Person: person, Left: true})
	}
	k.hub.start(func() {
		ctx, cancel := context.WithTimeout(k.hub.life, presenceTime)
		defer cancel()
		k.hub.o.Presence.Note(ctx, node, steps) // what stays is buried again
	})
}

// listedFor is how long the list of a crowd is good enough.
const listedFor = time.Second

// list returns who is in a stream, as JSON.
func (k *presenceKeeper) list(ctx context.Context, stream int64) (jsontext.Value, error) {
	if listed := k.listed(stream); listed != nil {
		return listed, nil
	}
	people := k.people(ctx, stream)
	list, err := json.Marshal(people)
	if err == nil && len(people) > limits.Crowd {
		k.keep(stream, list)
	}
	return list, err
}

func (k *presenceKeeper) listed(stream int64) jsontext.Value {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.rooms[stream]; r != nil && time.Since(r.listedAt) < listedFor {
		return r.listed
	}
	return nil
}

func (k *presenceKeeper) keep(stream int64, list jsontext.Value) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.rooms[stream]; r != nil {
		r.listed, r.listedAt = list, time.Now()
	}
}

// people returns who is in a stream, in order. For a stream that nobody listens
// to here, the others are asked, if they answer soon; else it is those here.
func (k *presenceKeeper) people(ctx context.Context, stream int64) []int64 {
	k.mu.Lock()
	r := k.rooms[stream]
	people := []int64{}
	if r != nil {
		people = append(people, r.everybody()...)
	}
	enough := k.away || r != nil && r.known
	k.mu.Unlock()
	if !enough {
		ctx, cancel := context.WithTimeout(ctx, presenceWait)
		defer cancel()
		found, err := k.lookUp(ctx, []int64{stream})
		if err != nil {
			k.lose(err)
		}
		for _, p := range found[stream] {
			people = append(people, p.Person)
		}
	}
	slices.Sort(people)
	return slices.Compact(people)
}

// presence answers who is in a stream.
func (c *connection) presence(ctx context.Context, id int64, message []byte) error {
	stream, err := c.streamToHear(ctx, message)
	if err != nil {
		return err
	}
	list, err := c.hub.here.list(ctx, stream)
	if err != nil {
		return err
	}
	return c.answer(id, map[string]any{"people": list})
}
