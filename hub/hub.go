// Package hub carries what happens to whoever is looking, over websockets, in
// order and without loss. It knows connections, streams as numbers that count
// up, and people as ids; it knows nothing of posts or spaces. What it must know
// of those it asks through four seams: [Gate], [Source], [Presenter] and the
// table of commands.
//
// A change is durable and numbered. Nothing is ever marked as sent: the hub
// remembers, per stream, the last number it gave out, gives out the next, and
// asks the Source when one is missing. So a lost message delays and never
// loses, and the broker between nodes only carries. A signal (somebody types,
// came, left) has no number and may be lost.
//
// The way of a change: [Hub.Publish] → topic.go puts it in its place →
// fan-out, one encoded frame for all → outbox.go writes it at once, or queues
// it for a connection that is behind.
package hub

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Identity is who is at the other end of a connection.
type Identity struct {
	Person int64
	// Language is what refusals are written in.
	Language string
	// ByCookie: they were let in by a cookie, so their page must be ours.
	ByCookie bool
	// Until is when what let them in ends by itself; zero is never.
	Until time.Time
	// Actor is what the seams know them by.
	Actor any
}

// Listening is one person hearing one stream.
type Listening struct{ Person, Stream int64 }

// Gate decides who comes in and who may listen. Its errors are faults: it is
// asked at the moment, and when it cannot answer, or not in time, the
// connection closes.
type Gate interface {
	// Identify says who sends a request: Unidentified when nobody does.
	Identify(r *http.Request) (Identity, error)
	// Again says who they are now: Unidentified when what let them in has ended.
	Again(ctx context.Context, who Identity) (Identity, error)
	// Ended says of each whether what let them in has ended.
	Ended(ctx context.Context, who []Identity) ([]bool, error)
	// MayListen is nil, or NotFound.
	MayListen(ctx context.Context, who Identity, stream int64) error
	// Listeners returns which of these people may listen to which of these
	// streams; the others are not in it.
	Listeners(ctx context.Context, people, streams []int64) (map[Listening]bool, error)
	// Audience returns the people who hear what happens to a space as a whole.
	Audience(ctx context.Context, space int64) ([]int64, error)
	// AccessChanges returns the people whose access changed since some moment
	// before the last call, 0 for anybody's; it may name someone twice.
	AccessChanges(ctx context.Context) ([]int64, error)
}

// Change is one numbered step of a stream.
type Change struct {
	Stream int64
	Rev    int64
	Event  string
	// Data is what the Presenter makes JSON and HTML of.
	Data any
}

// Opening is what somebody gets who starts to listen.
type Opening struct {
	// Rev is where the stream stands: what follows has higher numbers.
	Rev int64
	// Reset: too much happened since; Changes and Extra are empty.
	Reset bool
	// Changes are what happened since, as they go into the answer's "posts".
	Changes []Change
	// Extra are more members of the answer, by name.
	Extra map[string]any
}

// Source is where the truth is kept.
type Source interface {
	// Open lets someone listen, and tells where the stream stands; with since
	// also what happened after it. NotFound when they may not.
	Open(ctx context.Context, who Identity, stream int64, since *int64) (Opening, error)
	// Since returns the next changes after a rev, at most limit, in order.
	Since(ctx context.Context, stream, since int64, limit int) ([]Change, error)
	// Revs tells where streams stand, in one query.
	Revs(ctx context.Context, streams []int64) (map[int64]int64, error)
}

// Presenter writes things down.
type Presenter interface {
	// JSON is the event's data.
	JSON(c Change) ([]byte, error)
	// Fragment is the element a page can put in as it is, the same for everyone.
	Fragment(c Change) (string, error)
	// Refusal is an error in the words of the protocol.
	Refusal(err error, who Identity) Refusal
}

// Refusal is why a command was not done.
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitzero"`
}

// Command does what a client asks for. frame is the whole frame, which it reads
// strictly; ok becomes the answer.
type Command func(ctx context.Context, who Identity, frame []byte) (ok any, err error)

// Options is what a hub is made from. All seams must be there.
type Options struct {
	Gate      Gate
	Source    Source
	Presenter Presenter
	// Commands are those of the domain; the hub adds its own.
	Commands map[string]Command
	Broker   Broker
	Presence Presence
	// PublicURL is the address people know the site by, for the origin check.
	PublicURL string
	// QueueBytes is how much may wait for one connection.
	QueueBytes int
	// Compression lets clients that offer it get compressed messages.
	Compression bool
	// Unlimited lifts the rate of commands.
	Unlimited bool
	// Heard gets what other nodes tell with [Hub.Broadcast].
	Heard func(kind string, payload []byte)
	Log   *slog.Logger
	// Pace is how often things are looked at; zero values are the protocol's.
	Pace Pace
}

// Pace sets how often the hub looks after things. Tests make it faster.
type Pace struct {
	// Ping is the heartbeat.
	Ping time.Duration
	// Compare is how often the hub compares what it gave out with the Source.
	Compare time.Duration
	// Access is how often it asks whose access changed; Hold is for how long it
	// may not get an answer before it holds back what other nodes say.
	Access, Hold time.Duration
	// Gap is how long it waits for a missing number before it asks the Source.
	Gap time.Duration
	// Linger is how long somebody stays present after their last connection left.
	Linger time.Duration
	// Refresh is how often this node says that it lives, and Lapse how long it
	// is believed.
	Refresh, Lapse time.Duration
}

func (p Pace) orDefault() Pace {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&p.Ping, pingEvery)
	set(&p.Compare, 4*time.Second)
	set(&p.Access, time.Second)
	set(&p.Hold, 4*time.Second)
	set(&p.Gap, 25*time.Millisecond)
	set(&p.Linger, presenceLinger)
	set(&p.Refresh, 20*time.Second)
	set(&p.Lapse, time.Minute)
	return p
}

// Hub is all connections of one node.
type Hub struct {
	o      Options
	node   uuid.UUID
	origin string // host and port of PublicURL
	topics topicTable
	people peopleTable
	wheel  *wheel
	typing typingTable
	here   presenceKeeper
	// doors and readers bound how many newcomers are let in, and how many
	// subscriptions are answered, at a time.
	doors, readers places
	rechecks       rechecks
	// personal are personal events of other nodes that wait for the Gate.
	personal chan message

	draining atomic.Bool
	stats    counters

	// Streams whose subscription at the broker has just begun.
	resumedMu      sync.Mutex
	resumedStreams []int64

	// life ends when the hub closes; work is everything it runs.
	life    context.Context
	end     context.CancelFunc
	startMu sync.Mutex
	closed  bool
	work    sync.WaitGroup
}

// New returns a hub; [Hub.Run] makes it work.
func New(o Options) *Hub {
	o.Pace = o.Pace.orDefault()
	if o.QueueBytes == 0 {
		o.QueueBytes = defaultQueueBytes
	}
	if o.Heard == nil {
		o.Heard = func(string, []byte) {}
	}
	h := &Hub{o: o, node: uuid.New(), wheel: newWheel()}
	if u, err := url.Parse(o.PublicURL); err == nil {
		h.origin = u.Host
	}
	h.life, h.end = context.WithCancel(context.Background())
	h.topics.init()
	h.people.init()
	h.typing.init()
	h.here.init(h)
	h.rechecks.init()
	h.personal = make(chan message, personalMax)
	h.doors, h.readers = newPlaces(doorsOpen(), doorsQueue), newPlaces(readersMax(), -1)
	return h
}

// Run looks after the connections until ctx ends: it pings, compares, asks
// whose access changed, and listens to the other nodes. Then it closes.
func (h *Hub) Run(ctx context.Context) {
	h.start(func() { h.o.Broker.Run(h.life, h.fromBroker, h.resumed) })
	h.start(h.here.run)
	h.every(h.o.Pace.Ping/wheelSlots, h.turnWheel)
	h.every(h.o.Pace.Compare, h.compare)
	h.start(h.recheckDue)
	h.start(h.passPersonal)
	h.every(h.o.Pace.Access, h.readJournal)
	h.every(h.o.Pace.Refresh, h.here.refresh)
	<-ctx.Done()
	h.Close()
}

// start runs work that the hub waits for when it closes. After that it starts
// nothing.
func (h *Hub) start(fn func()) {
	h.startMu.Lock()
	defer h.startMu.Unlock()
	if h.closed {
		return
	}
	h.work.Add(1)
	go func() {
		defer h.work.Done()
		fn()
	}()
}

// after runs fn later, unless the hub has closed by then.
func (h *Hub) after(d time.Duration, fn func()) {
	time.AfterFunc(d, func() { h.start(fn) })
}

// every runs fn again and again until the hub closes.
func (h *Hub) every(pause time.Duration, fn func()) {
	h.start(func() {
		ticker := time.NewTicker(pause)
		defer ticker.Stop()
		for {
			select {
			case <-h.life.Done():
				return
			case <-ticker.C:
				fn()
			}
		}
	})
}

// Drain takes no new connections and asks all open ones to come back later
// (1001), those that are doing a command after its answer; it returns when they
// have gone or ctx ends.
func (h *Hub) Drain(ctx context.Context) {
	h.draining.Store(true)
	for _, c := range h.people.all() {
		c.finish()
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for h.stats.connections.Load() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close cuts what is still open and waits for everything the hub started.
func (h *Hub) Close() {
	h.draining.Store(true)
	h.end()
	h.startMu.Lock()
	h.closed = true
	h.startMu.Unlock()
	for _, c := range h.people.all() {
		c.out.cut()
	}
	h.work.Wait()
}

// Stats is what the hub has done and holds, for metrics.
type Stats struct {
	Connections   int64
	Subscriptions int64
	Frames        int64 // handed to connections
	Slow          int64 // closed because they were too slow
	Repairs       int64 // times the Source was asked for a missing number
	Commands      int64
}

type counters struct {
	connections, subscriptions, frames, slow, repairs, commands atomic.Int64
}

// Stats returns the present numbers.
func (h *Hub) Stats() Stats {
	return Stats{
		Connections: h.stats.connections.Load(), Subscriptions: h.stats.subscriptions.Load(), Frames: h.stats.frames.Load(),
		Slow: h.stats.slow.Load(), Repairs: h.stats.repairs.Load(), Commands: h.stats.commands.Load(),
	}
}
