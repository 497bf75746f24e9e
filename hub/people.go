package hub

import (
	"context"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// peopleTable finds the connections of a person on this node.
type peopleTable struct {
	mu     sync.RWMutex
	people map[int64]map[*connection]struct{}
	conns  map[*connection]struct{}
	// seats counts those on their way in as well.
	seats map[int64]int
}

func (p *peopleTable) init() {
	p.people = map[int64]map[*connection]struct{}{}
	p.conns = map[*connection]struct{}{}
	p.seats = map[int64]int{}
}

// reserve takes one of a person's places, before the handshake.
func (p *peopleTable) reserve(person int64, places int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seats[person] >= places {
		return false
	}
	p.seats[person]++
	return true
}

// free gives a reserved place back.
func (p *peopleTable) free(person int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seats[person]--; p.seats[person] <= 0 {
		delete(p.seats, person)
	}
}

func (p *peopleTable) add(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.people[c.person] == nil {
		p.people[c.person] = map[*connection]struct{}{}
	}
	p.people[c.person][c] = struct{}{}
	p.conns[c] = struct{}{}
}

func (p *peopleTable) remove(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.people[c.person], c)
	if len(p.people[c.person]) == 0 {
		delete(p.people, c.person)
	}
	delete(p.conns, c)
}

func (p *peopleTable) of(person int64) (conns []*connection) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for c := range p.people[person] {
		conns = append(conns, c)
	}
	return conns
}

func (p *peopleTable) all() (conns []*connection) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for c := range p.conns {
		conns = append(conns, c)
	}
	return conns
}

// Connected returns which of these people have a connection to this node.
func (h *Hub) Connected(people []int64) (here []int64) {
	h.people.mu.RLock()
	defer h.people.mu.RUnlock()
	for _, person := range people {
		if len(h.people.people[person]) > 0 {
			here = append(here, person)
		}
	}
	return here
}

// WithFragment is a personal event that comes with an element: connections that
// asked for HTML get it as the event's fragment.
type WithFragment struct {
	Event    any
	Fragment string
}

// ToPerson sends an event to every connection of a person, on all nodes. event
// is what becomes the frame, or a [WithFragment]. about is the stream it tells
// of, 0 for none: other nodes pass it on only to who may hear that stream when
// it arrives. Whoever calls has just made sure of that here.
func (h *Hub) ToPerson(person, about int64, event any) {
	e, err := writePersonal(about, event)
	if err != nil {
		h.o.Log.Error("a personal event cannot be written down", "error", err)
		return
	}
	h.toLocalPerson(person, e)
	h.publish(controlChannel, personMessage(person, e))
}

// ToPersonHere does the same on this node alone.
func (h *Hub) ToPersonHere(person, about int64, event any) {
	e, err := writePersonal(about, event)
	if err != nil {
		h.o.Log.Error("a personal event cannot be written down", "error", err)
		return
	}
	h.toLocalPerson(person, e)
}

// personalEvent is a personal event written down.
type personalEvent struct {
	about    int64
	payload  []byte
	fragment string
}

func writePersonal(about int64, event any) (e personalEvent, err error) {
	e.about = about
	if with, ok := event.(WithFragment); ok {
		event, e.fragment = with.Event, with.Fragment
	}
	e.payload, err = json.Marshal(event)
	return e, err
}

// frame returns the event for a kind of connection.
func (e personalEvent) frame(html bool) []byte {
	if !html || e.fragment == "" {
		return textFrame(e.payload)
	}
	b := append([]byte(nil), e.payload[:len(e.payload)-1]...) // without the last brace
	b = append(b, `,"fragment":`...)
	b, err := jsontext.AppendQuote(b, e.fragment)
	if err != nil {
		return textFrame(e.payload) // not UTF-8: better none
	}
	return textFrame(append(b, '}'))
}

// toLocalPerson sends an event to a person's connections here. One that was told
// that it hears no more of a stream hears no more of it: what was on its way
// then is held up to the Gate once more.
func (h *Hub) toLocalPerson(person int64, e personalEvent) {
	conns := h.people.of(person)
	if len(conns) == 0 {
		return
	}
	frames := map[bool][]byte{}
	for _, c := range conns {
		html := c.form&asHTML != 0
		f := frames[html]
		if f == nil {
			f = e.frame(html)
			frames[html] = f
		}
		revoked, full := c.out.sendAbout(f, e.about)
		if revoked && h.mayHearOf(person, e.about) {
			full = c.out.send(f) // they may again
		}
		if full {
			c.tooSlow()
		}
	}
}

// personalMax is how many personal events of other nodes may wait.
const personalMax = 4096

// fromElsewhere takes a personal event of another node. They go out in the
// order in which they came, and behind the back of the broker, since the Gate
// is asked first.
func (h *Hub) fromElsewhere(m message) {
	if len(h.people.of(m.number)) == 0 {
		return
	}
	select {
	case h.personal <- m:
	default: // far behind; a page counts anew when it is looked at
	}
}

func (h *Hub) passPersonal() {
	for {
		select {
		case <-h.life.Done():
			return
		case m := <-h.personal:
			if e, ok := m.personal(); ok && h.mayHearOf(m.number, e.about) {
				h.toLocalPerson(m.number, e)
			}
		}
	}
}

func (h *Hub) mayHearOf(person, stream int64) bool {
	if stream == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(h.life, gateTime)
	defer cancel()
	may, err := h.o.Gate.Listeners(ctx, []int64{person}, []int64{stream})
	return err == nil && may[Listening{person, stream}]
}

// ToSpace sends an event to everyone who hears what happens to a space, on all
// nodes. Who that is, each node asks the gate.
func (h *Hub) ToSpace(space int64, event any) {
	payload, err := json.Marshal(event)
	if err != nil {
		h.o.Log.Error("an event of a space cannot be written down", "error", err)
		return
	}
	h.start(func() { h.toLocalSpace(space, payload) })
	h.publish(controlChannel, spaceMessage(space, payload))
}

func (h *Hub) toLocalSpace(space int64, payload []byte) {
	ctx, cancel := context.WithTimeout(h.life, gateTime)
	defer cancel()
	audience, err := h.o.Gate.Audience(ctx, space)
	if err != nil {
		h.o.Log.Warn("who hears of a space cannot be known", "space", space, "error", err)
		return
	}
	for _, person := range h.Connected(audience) {
		h.toLocalPerson(person, personalEvent{payload: payload})
	}
}
