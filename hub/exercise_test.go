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
		test(t, carriers{bus.Node, where.Node})
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

func TestPresenceOverNodes(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		ctx := context.Background()
		one, two := c.presence(), c.presence()
		expect := func(what string, got bool, err error, want bool) {
			t.Helper()
			if err != nil || got != want {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
		people := func(want ...int64) {
			t.Helper()
			for _, p := range []hub.Presence{one, two} {
				got, err := p.People(ctx, 7)
				slices.Sort(got)
				got = slices.Compact(got)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("present %v, %v; want %v", got, err, want)
				}
			}
		}
		first, err := one.Enter(ctx, 7, 10)
		expect("Anna comes", first, err, true)
		first, err = two.Enter(ctx, 7, 10)
		expect("Anna on another node", first, err, false)
		first, err = two.Enter(ctx, 7, 11)
		expect("Bram comes", first, err, true)
		first, err = two.Enter(ctx, 8, 12)
		expect("Carla elsewhere", first, err, true)
		people(10, 11)
		if err := one.Renew(ctx, map[int64][]int64{7: {10}}); err != nil {
			t.Error(err)
		}
		last, err := one.Leave(ctx, 7, 10)
		expect("Anna leaves one", last, err, false)
		people(10, 11)
		last, err = two.Leave(ctx, 7, 10)
		expect("Anna leaves the other", last, err, true)
		last, err = two.Leave(ctx, 7, 10)
		expect("Anna was not there", last, err, false)
		people(11)
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
		var there struct{ People []int64 }
		bram.OK(command{"cmd": "presence", "stream": 1}, &there)
		if !equal(there.People, []int64{1, 2}) {
			t.Errorf("present %v", there.People)
		}
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
		one.ToPerson(2, command{"event": "notification.created", "data": command{"id": 1}})
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
