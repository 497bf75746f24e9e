package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"leerkring/hub"
	"leerkring/internal/fault"
)

// store is a small domain of its own: numbered lines in streams, people who
// may listen. It shows that the hub needs to know no more than its seams.
type store struct {
	mu      sync.Mutex
	lines   map[int64][]line
	barred  map[int64]map[int64]bool // stream, person
	ended   map[int64]bool
	changed []int64
	broken  bool
	// identifying and opening, when set, are called in the midst of those.
	identifying func(person int64)
	opening     func()
}

type line struct {
	Rev  int64  `json:"rev"`
	Text string `json:"text"`
}

func newStore() *store {
	return &store{lines: map[int64][]line{}, barred: map[int64]map[int64]bool{}, ended: map[int64]bool{}}
}

// add commits a line and returns its change, which has not been published.
func (s *store) add(stream int64, text string) hub.Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := line{Rev: int64(len(s.lines[stream]) + 1), Text: text}
	s.lines[stream] = append(s.lines[stream], l)
	return s.change(stream, l)
}

func (s *store) change(stream int64, l line) hub.Change {
	return hub.Change{Stream: stream, Rev: l.Rev, Event: "post.created", Data: l}
}

func (s *store) bar(stream, person int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.barred[stream] == nil {
		s.barred[stream] = map[int64]bool{}
	}
	s.barred[stream][person] = true
}

func (s *store) unbar(stream, person int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.barred[stream], person)
}

func (s *store) Identify(r *http.Request) (hub.Identity, error) {
	person, err := strconv.ParseInt(r.Header.Get("X-Person"), 10, 64)
	if err != nil {
		return hub.Identity{}, fault.New(fault.Unidentified, "fault.unidentified")
	}
	if s.identifying != nil {
		s.identifying(person)
	}
	return hub.Identity{Person: person, ByCookie: r.Header.Get("X-Cookie") != ""}, nil
}

func (s *store) Again(_ context.Context, who hub.Identity) (hub.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return who, fault.Down(nil)
	}
	if s.ended[who.Person] {
		return who, fault.New(fault.Unidentified, "fault.unidentified")
	}
	return who, nil
}

func (s *store) MayListen(_ context.Context, who hub.Identity, stream int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.barred[stream][who.Person] || stream > 1_000_000 {
		return fault.Missing()
	}
	return nil
}

func (s *store) Ended(ctx context.Context, who []hub.Identity) ([]bool, error) {
	ended := make([]bool, len(who))
	for i, w := range who {
		_, err := s.Again(ctx, w)
		if err != nil && !fault.Is(err, fault.Unidentified) {
			return nil, err
		}
		ended[i] = err != nil
	}
	return ended, nil
}

func (s *store) Listeners(ctx context.Context, people, streams []int64) (map[hub.Listening]bool, error) {
	if s.isBroken() {
		return nil, fault.Down(nil)
	}
	may := map[hub.Listening]bool{}
	for _, person := range people {
		for _, stream := range streams {
			if s.MayListen(ctx, hub.Identity{Person: person}, stream) == nil {
				may[hub.Listening{Person: person, Stream: stream}] = true
			}
		}
	}
	return may, nil
}

func (s *store) isBroken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

func (s *store) Audience(context.Context, int64) ([]int64, error) { return []int64{1, 2}, nil }

func (s *store) AccessChanges(context.Context) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.changed
	s.changed = nil
	return changed, nil
}

func (s *store) Open(ctx context.Context, who hub.Identity, stream int64, since *int64) (hub.Opening, error) {
	if err := s.MayListen(ctx, who, stream); err != nil {
		return hub.Opening{}, err
	}
	if s.opening != nil {
		s.opening()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := hub.Opening{Rev: int64(len(s.lines[stream]))}
	if since == nil {
		return o, nil
	}
	if *since > o.Rev || *since < 0 {
		o.Reset = true
		return o, nil
	}
	for _, l := range s.lines[stream][*since:] {
		o.Changes = append(o.Changes, s.change(stream, l))
	}
	return o, nil
}

func (s *store) Since(_ context.Context, stream, since int64, limit int) (changes []hub.Change, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines[stream][since:] {
		if len(changes) < limit {
			changes = append(changes, s.change(stream, l))
		}
	}
	return changes, nil
}

func (s *store) Revs(_ context.Context, streams []int64) (map[int64]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	revs := map[int64]int64{}
	for _, stream := range streams {
		revs[stream] = int64(len(s.lines[stream]))
	}
	return revs, nil
}

func (s *store) JSON(c hub.Change) ([]byte, error) { return json.Marshal(c.Data) }

func (s *store) Fragment(c hub.Change) (string, error) {
	return "<p>" + c.Data.(line).Text + "</p>", nil
}

func (s *store) Refusal(err error, _ hub.Identity) hub.Refusal {
	e, _ := fault.From(err)
	r := hub.Refusal{Code: e.Kind.Code(), Message: e.Text.Key}
	if len(e.Fields) > 0 {
		r.Field = e.Fields[0].Name
	}
	return r
}

// node is a running hub behind an address.
type node struct {
	*hub.Hub
	address string
	// Kill ends the node without a word to anybody.
	Kill func()
}

// options are those of a node that is quick about everything.
func options(s *store) hub.Options {
	return hub.Options{
		Gate: s, Source: s, Presenter: s,
		Broker: hub.NewMemoryBus().Node(), Presence: hub.NewMemoryPresence(),
		Log:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		Pace: hub.Pace{Compare: time.Hour, Access: 10 * time.Millisecond, Gap: 5 * time.Millisecond, Linger: 30 * time.Millisecond},
	}
}

func start(t testing.TB, o hub.Options) *node {
	t.Helper()
	h := hub.New(o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	server := httptest.NewServer(h)
	kill := sync.OnceFunc(func() { stop(); <-done; server.Close() })
	t.Cleanup(kill)
	return &node{Hub: h, address: server.URL, Kill: kill}
}

func as(person int64) http.Header { return http.Header{"X-Person": {fmt.Sprint(person)}} }

func upTo(n int) []int64 {
	revs := make([]int64, n)
	for i := range revs {
		revs[i] = int64(i + 1)
	}
	return revs
}

func equal(a, b []int64) bool { return slices.Equal(a, b) }
