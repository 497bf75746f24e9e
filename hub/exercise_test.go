package hub_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// carriers joins nodes: the same suites run over memory and over Redis.
type carriers struct {
	broker   func() hub.Broker
	presence func() hub.Presence
}

func eachCarrier(t *testing.T, test func(t *testing.T, c carriers)) {
	t.Run("memory", func(t *testing.T) {
		bus, where := hub.NewMemoryBus(), hub.NewMemoryPresence()
		test(t, carriers{bus.Node, func() hub.Presence { return where }})
	})
	t.Run("redis", func(t *testing.T) {
		client, prefix := testkit.Redis(t)
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		test(t, carriers{
			func() hub.Broker { return hub.NewRedisBroker(client, prefix, quiet) },
			func() hub.Presence { return hub.NewRedisPresence(client, prefix) },
		})
	})
}

// ear collects what a broker hears.
type ear struct {
	mu      sync.Mutex
	heard   []string
	resumed []string
	more    chan struct{}
}

func listen(t *testing.T, b hub.Broker) *ear {
	e := &ear{more: make(chan struct{}, 1000)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx, func(channel string, message []byte) {
			e.add(&e.heard, channel+" "+string(message))
		}, func(channel string) { e.add(&e.resumed, channel) })
	}()
	t.Cleanup(func() { stop(); <-done })
	return e
}

func (e *ear) add(to *[]string, s string) {
	e.mu.Lock()
	*to = append(*to, s)
	e.mu.Unlock()
	e.more <- struct{}{}
}

func (e *ear) wait(t *testing.T, of *[]string, want ...string) {
	t.Helper()
	deadline := time.After(hubtest.Patience)
	for {
		e.mu.Lock()
		complete := true
		for _, w := range want {
			complete = complete && slices.Contains(*of, w)
		}
		have := slices.Clone(*of)
		e.mu.Unlock()
		if complete {
			return
		}
		select {
		case <-e.more:
		case <-deadline:
			t.Fatalf("heard %v, want %v", have, want)
		}
	}
}

func TestBrokerCarries(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		one, two := c.broker(), c.broker()
		if !one.Remote() {
			t.Error("there is another node")
		}
		first, second := listen(t, one), listen(t, two)
		second.wait(t, &second.resumed, second.anything(t))
		two.Subscribe("stream:1")
		// A subscription may take a moment to begin: keep saying it.
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					one.Publish("stream:1", []byte("hoi"))
					one.Publish("stream:2", []byte("niet voor jou"))
					one.Publish("control", []byte("voor allen"))
				}
			}
		})
		second.wait(t, &second.heard, "stream:1 hoi", "control voor allen")
		close(stop)
		wg.Wait()
		two.Unsubscribe("stream:1")
		for _, e := range []*ear{first, second} {
			e.mu.Lock()
			if slices.Contains(e.heard, "stream:2 niet voor jou") || e == first && slices.Contains(e.heard, "stream:1 hoi") {
				t.Errorf("heard %v", e.heard)
			}
			e.mu.Unlock()
		}
		// All bytes go through as they are.
		binary := string([]byte{0, 255, 10, 13, 0})
		one.Publish("control", []byte(binary))
		second.wait(t, &second.heard, "control "+binary)
	})
}

// anything returns the first channel whose subscription began.
func (e *ear) anything(t *testing.T) string {
	t.Helper()
	select {
	case <-e.more:
	case <-time.After(hubtest.Patience):
		t.Fatal("no subscription began")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.resumed[0]
}

// What nodes note is there until they say otherwise, or have not beaten for
// long enough.
func TestPresenceIsNoted(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		ctx := context.Background()
		place := c.presence()
		one, two := uuid.New(), uuid.New()
		note := func(node uuid.UUID, steps ...hub.PresenceStep) {
			t.Helper()
			if err := place.Note(ctx, node, steps); err != nil {
				t.Fatal(err)
			}
		}
		there := func(stream int64, want ...hub.Present) {
			t.Helper()
			found, err := place.Look(ctx, []int64{stream, 99})
			if err != nil || len(found[99]) > 0 {
				t.Fatal(found, err)
			}
			var got []hub.Present
			for _, f := range found[stream] {
				if f.Ago < 0 || f.Ago > hubtest.Patience {
					t.Errorf("%+v", f)
				}
				got = append(got, f.Present)
			}
			if len(got) != len(want) || slices.ContainsFunc(want, func(p hub.Present) bool { return !slices.Contains(got, p) }) {
				t.Errorf("in %d are %v, want %v", stream, got, want)
			}
		}
		beat := func(node uuid.UUID, lapse time.Duration, forgotten bool, want ...uuid.UUID) {
			t.Helper()
			alive, new, err := place.Beat(ctx, node, lapse)
			if err != nil || new != forgotten {
				t.Errorf("beat: new %v, %v", new, err)
			}
			if len(alive) != len(want) || slices.ContainsFunc(want, func(n uuid.UUID) bool { return !slices.Contains(alive, n) }) {
				t.Errorf("alive are %v, want %v", alive, want)
			}
		}
		note(one, hub.PresenceStep{Stream: 7, Person: 10}, hub.PresenceStep{Stream: 7, Person: 11}, hub.PresenceStep{Stream: 8, Person: 10})
		note(two, hub.PresenceStep{Stream: 7, Person: 10})
		there(7, hub.Present{Node: one, Person: 10}, hub.Present{Node: one, Person: 11}, hub.Present{Node: two, Person: 10})
		there(8, hub.Present{Node: one, Person: 10})
		note(one, hub.PresenceStep{Stream: 7, Person: 10, Left: true}, hub.PresenceStep{Stream: 8, Person: 10, Left: true},
			hub.PresenceStep{Stream: 8, Person: 10}, hub.PresenceStep{Stream: 9, Person: 12, Left: true})
		there(7, hub.Present{Node: one, Person: 11}, hub.Present{Node: two, Person: 10})
		there(8, hub.Present{Node: one, Person: 10})
		there(9)
		time.Sleep(20 * time.Millisecond) // measured in real time
		note(one, hub.PresenceStep{Stream: 7, Person: 11}, hub.PresenceStep{Stream: 7, Person: 12})
		found, err := place.Look(ctx, []int64{7})
		if err != nil {
			t.Fatal(err)
		}
		ago := map[int64]time.Duration{}
		for _, f := range found[7] {
			ago[f.Person] = f.Ago
		}
		if ago[11]-ago[12] < 15*time.Millisecond {
			t.Errorf("noting again is no news: %v", found[7])
		}
		beat(one, time.Minute, true, one)
		beat(one, time.Minute, false, one)
		beat(two, time.Millisecond, true, one, two)
		time.Sleep(5 * time.Millisecond) // what lapses here is measured in real time
		beat(one, time.Minute, false, one)
		beat(two, time.Minute, true, one, two)
	})
}

// pair starts two nodes on one store.
func pair(t *testing.T, s *store, c carriers) (*node, *node) {
	t.Helper()
	make := func() *node {
		o := options(s)
		o.Broker, o.Presence = c.broker(), c.presence()
		return start(t, o)
	}
	return make(), make()
}

func TestTwoNodes(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		s := newStore()
		one, two := pair(t, s, c)
		anna := hubtest.Dial(t, one.address, as(1))
		bram := hubtest.Dial(t, two.address+"?format=html", as(2))
		anna.OK(subscribe(1), nil)
		bram.OK(subscribe(1), nil)
		anna.Wait("joined", func(m hubtest.Message) bool { return personOf(m) == 2 })
		bram.Present(1, 1, 2)
		const lines = 300
		var wg sync.WaitGroup
		for i := range lines {
			change := s.add(1, fmt.Sprint("regel ", i))
			wg.Go(func() { []*node{one, two}[i%2].Publish(change) })
		}
		wg.Wait()
		for _, client := range []*hubtest.Client{anna, bram} {
			client.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == lines })
			if revs := client.Revs(1); !equal(revs, upTo(lines)) {
				t.Errorf("heard %v", revs)
			}
		}
		for _, m := range bram.Heard() {
			if m.Event == "post.created" && m.Fragment == "" {
				t.Fatalf("no fragment: %+v", m)
			}
		}
		anna.OK(command{"cmd": "typing", "stream": 1}, nil)
		bram.Wait("typing", func(m hubtest.Message) bool { return personOf(m) == 1 })
		one.ToPerson(2, 1, command{"event": "notification.created", "data": command{"id": 1}})
		bram.Wait("notification.created", nil)
		two.ToSpace(5, command{"event": "stream.created", "data": command{"id": 1}})
		anna.Wait("stream.created", nil)
		s.bar(1, 2)
		one.Recheck(2)
		bram.Wait("revoked", nil)
		bram.Hang()
		anna.Wait("left", func(m hubtest.Message) bool { return personOf(m) == 2 })
	})
}
