package hub_test

import (
	"strings"
	"sync"
	"testing"

	"leerkring/hub"
	"leerkring/hub/hubtest"
)

func about(text string) command { return command{"event": "notification.created", "data": text} }

// After "revoked" comes nothing about that stream, not even what was let through
// just before; until one may hear it again.
func TestNothingPersonalAfterRevoked(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	c := hubtest.Dial(t, n.address, as(1))
	c.OK(subscribe(7), nil)
	s.bar(7, 1)
	n.Recheck(1)
	c.Wait("revoked", nil)
	n.ToPerson(1, 7, about("geheim"))
	n.ToPersonHere(1, 7, about("geheim"))
	n.ToPerson(1, 8, about("voor jou"))
	if m := c.Wait("notification.created", nil); strings.Contains(m.Line, "geheim") {
		t.Fatal("heard what is secret")
	}
	s.unbar(7, 1)
	n.ToPerson(1, 7, about("weer"))
	c.Wait("notification.created", func(m hubtest.Message) bool { return strings.Contains(m.Line, "weer") })
	c.OK(subscribe(7), nil)
	n.ToPerson(1, 7, about("nog eens"))
	c.Wait("notification.created", func(m hubtest.Message) bool { return strings.Contains(m.Line, "nog eens") })
}

// A personal event may come with an element, for who asked for HTML alone.
func TestPersonalEventWithAFragment(t *testing.T) {
	s := newStore()
	bus := hub.NewMemoryBus()
	one, two := options(s), options(s)
	one.Broker, two.Broker = bus.Node(), bus.Node()
	here, elsewhere := start(t, one), start(t, two)
	var clients []*hubtest.Client
	for _, address := range []string{here.address, here.address + "?format=html", elsewhere.address, elsewhere.address + "?format=html"} {
		c := hubtest.Dial(t, address, as(1))
		c.OK(command{"cmd": "ping"}, nil)
		clients = append(clients, c)
	}
	here.ToPerson(1, 7, hub.WithFragment{Event: about("dag"), Fragment: `<b>"dag"</b>`})
	for i, c := range clients {
		m := c.Wait("notification.created", nil)
		if want := []string{"", `<b>"dag"</b>`}[i%2]; m.Fragment != want || string(m.Data) != `"dag"` || want == "" && strings.Contains(m.Line, "fragment") {
			t.Errorf("%d heard %s", i, m.Line)
		}
	}
}

// Somebody who types on two nodes at once is somebody who types.
func TestTypingOnTwoNodes(t *testing.T) {
	s := newStore()
	bus := hub.NewMemoryBus()
	one, two := options(s), options(s)
	one.Broker, two.Broker = bus.Node(), bus.Node()
	nodes := []*node{start(t, one), start(t, two)}
	var typing, listening []*hubtest.Client
	for _, n := range nodes {
		typing = append(typing, hubtest.Dial(t, n.address, as(1)))
		listening = append(listening, hubtest.Dial(t, n.address, as(2)))
	}
	const streams = 40
	for stream := range int64(streams) {
		for _, c := range listening {
			c.OK(subscribe(stream+1), nil)
		}
	}
	for stream := range int64(streams) {
		var both sync.WaitGroup
		for _, c := range typing {
			both.Go(func() { c.OK(command{"cmd": "typing", "stream": stream + 1}, nil) })
		}
		both.Wait()
	}
	for i, c := range listening {
		for stream := range int64(streams) {
			c.Wait("typing", func(m hubtest.Message) bool { return m.Stream == stream+1 })
		}
		nodes[1-i].ToPerson(2, 0, about("na alles"))
		c.Wait("notification.created", nil)
		heard := map[int64]int{}
		for _, m := range c.Heard() {
			if m.Event == "typing" {
				heard[m.Stream]++
			}
		}
		for stream, times := range heard {
			if times > 1 {
				t.Errorf("listener %d heard %d times that somebody types in %d", i, times, stream)
			}
		}
	}
}

func TestSinceBelowZero(t *testing.T) {
	n := start(t, options(newStore()))
	c := hubtest.Dial(t, n.address, as(1))
	if e := c.Refused(command{"cmd": "subscribe", "stream": 1, "since": -1}); e.Code != "invalid" || e.Field != "since" {
		t.Errorf("%+v", e)
	}
}
