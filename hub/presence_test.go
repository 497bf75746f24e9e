package hub_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/limits"
	"leerkring/internal/testkit"
)

func peopleIn(t *testing.T, c *hubtest.Client, stream int64) []int64 {
	t.Helper()
	var there struct{ People []int64 }
	c.OK(command{"cmd": "presence", "stream": stream}, &there)
	return there.People
}

func tellsOf(c *hubtest.Client, event string, person int64) (count int) {
	for _, m := range c.Heard() {
		if m.Event == event && personOf(m) == person {
			count++
		}
	}
	return count
}

// Cables that are pulled: nobody says goodbye, and yet they are gone after two
// pings, from the node and for the others.
func TestCableIsPulled(t *testing.T) {
	o := options(newStore())
	o.Pace.Ping = time.Second
	n := start(t, o)
	line := testkit.NewProxy(t, strings.TrimPrefix(n.address, "http://"))
	anna := hubtest.Dial(t, n.address, as(1))
	anna.OK(subscribe(1), nil)
	const pulled = 40
	for i := range pulled {
		c := hubtest.Dial(t, "http://"+line.Address(), as(int64(10+i)))
		c.OK(subscribe(1), nil)
	}
	if got := len(peopleIn(t, anna, 1)); got != pulled+1 {
		t.Fatalf("%d are present", got)
	}
	line.Hole()
	began := time.Now()
	for i := range pulled {
		anna.Wait("left", nil)
		if i == 0 {
			t.Logf("the first one left after %v, pings are %v apart", time.Since(began), o.Pace.Ping)
		}
	}
	anna.Present(1, 1)
	if n.Stats().Connections != 1 || n.Stats().Subscriptions != 1 {
		t.Errorf("still there: %+v", n.Stats())
	}
}

// quickPresence is a node that beats fast.
func quickPresence(s *store, c carriers) hub.Options {
	o := options(s)
	o.Broker, o.Presence = c.broker(), c.presence()
	o.Pace.Refresh, o.Pace.Lapse = 100*time.Millisecond, 1500*time.Millisecond
	return o
}

// A node that dies takes its people with it, and those elsewhere are told.
func TestNodeDies(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		s := newStore()
		one, two := start(t, quickPresence(s, c)), start(t, quickPresence(s, c))
		anna, bram, carla := hubtest.Dial(t, one.address, as(1)), hubtest.Dial(t, two.address, as(2)), hubtest.Dial(t, two.address, as(3))
		both := hubtest.Dial(t, one.address, as(3))
		for _, client := range []*hubtest.Client{anna, bram, carla, both} {
			client.OK(subscribe(1), nil)
		}
		anna.Present(1, 1, 2, 3)
		bram.Present(1, 1, 2, 3)
		two.Kill()
		anna.Wait("left", func(m hubtest.Message) bool { return personOf(m) == 2 })
		anna.Present(1, 1, 3) // Carla is on the other node as well
		if tellsOf(anna, "left", 3) > 0 {
			t.Error("Carla did not leave")
		}
	})
}

// A page change is no news, not even when the next page opens on another node.
func TestPageChangeIsNoNews(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		s := newStore()
		o := func() hub.Options {
			o := quickPresence(s, c)
			o.Pace.Linger = 400 * time.Millisecond
			return o
		}
		one, two := start(t, o()), start(t, o())
		anna, carla := hubtest.Dial(t, one.address, as(1)), hubtest.Dial(t, two.address, as(3))
		anna.OK(subscribe(1), nil)
		carla.OK(subscribe(1), nil)
		var bram *hubtest.Client
		for i := range 6 {
			next := hubtest.Dial(t, []*node{one, two}[i%2].address, as(2))
			next.OK(subscribe(1), nil)
			if bram != nil {
				bram.Hang()
			}
			bram = next
			anna.Present(1, 1, 2, 3)
			carla.Present(1, 1, 2, 3)
		}
		bram.Hang()
		for _, client := range []*hubtest.Client{anna, carla} {
			client.Wait("left", func(m hubtest.Message) bool { return personOf(m) == 2 })
			if came, went := tellsOf(client, "joined", 2), tellsOf(client, "left", 2); came != 1 || went != 1 {
				t.Errorf("joined %d times, left %d times", came, went)
			}
		}
	})
}

// What the broker loses of comings and goings is looked up again.
func TestLostComingsAreFound(t *testing.T) {
	s := newStore()
	bus, place := hub.NewMemoryBus(), hub.NewMemoryPresence()
	deaf := carriers{func() hub.Broker { return bus.Node() }, func() hub.Presence { return place }}
	one := quickPresence(s, deaf)
	two := quickPresence(s, deaf)
	two.Broker = hub.NewMemoryBus().Node() // it hears nobody, and nobody hears it
	anna, bram := hubtest.Dial(t, start(t, one).address, as(1)), hubtest.Dial(t, start(t, two).address, as(2))
	anna.OK(subscribe(1), nil)
	bram.OK(subscribe(1), nil)
	anna.Wait("joined", func(m hubtest.Message) bool { return personOf(m) == 2 })
	bram.Present(1, 1, 2)
	bram.OK(command{"cmd": "unsubscribe", "stream": 1}, nil)
	anna.Wait("left", func(m hubtest.Message) bool { return personOf(m) == 2 })
	anna.Present(1, 1)
}

// In a crowd nobody is told of everybody, who asks is told, and typing does not
// grow with the people.
func TestCrowd(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		s := newStore()
		o := func() hub.Options { o := quickPresence(s, c); o.Unlimited = true; return o }
		one, two := start(t, o()), start(t, o())
		first := hubtest.Dial(t, one.address, as(1))
		first.OK(subscribe(1), nil)
		const people = 3 * limits.Crowd
		want := []int64{1}
		var crowd []*hubtest.Client
		for i := int64(2); i <= people; i++ {
			client := hubtest.Dial(t, []*node{one, two}[i%2].address, as(i))
			client.OK(subscribe(1), nil)
			crowd = append(crowd, client)
			want = append(want, i)
		}
		first.Present(1, want...)
		crowd[1].Present(1, want...)
		for _, client := range crowd {
			client.OK(command{"cmd": "typing", "stream": 1}, nil)
		}
		first.OK(command{"cmd": "ping"}, nil)
		counts := map[string]int{}
		for _, m := range first.Heard() {
			counts[m.Event]++
		}
		// Of typing each node lets one through, now and then.
		if counts["joined"] != limits.Crowd-1 || counts["typing"] == 0 || counts["typing"] > 20 {
			t.Errorf("the first one heard %v", counts)
		}
		for _, client := range crowd[:people-60] {
			client.Hang()
		}
		first.Wait("left", nil) // few enough again
		first.Present(1, append([]int64{1}, want[people-59:]...)...)
	})
}

// Who is present is asked about a stream that nobody on this node listens to.
func TestPresentElsewhere(t *testing.T) {
	eachCarrier(t, func(t *testing.T, c carriers) {
		s := newStore()
		one, two := start(t, quickPresence(s, c)), start(t, quickPresence(s, c))
		anna, bram := hubtest.Dial(t, one.address, as(1)), hubtest.Dial(t, two.address, as(2))
		bram.OK(subscribe(5), nil)
		anna.Present(5, 2)
		if got := fmt.Sprint(peopleIn(t, anna, 6)); got != "[]" {
			t.Errorf("in an empty stream are %v", got)
		}
	})
}
