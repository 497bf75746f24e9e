package app

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// What goes wrong around the nodes, over lines that fail, with a ledger of their
// own kept by those who write and those who follow. The long form, with
// processes and for an hour, is in cmd/leerkring.

// everythingSoon is how long after Redis is back everybody must have everything.
const everythingSoon = 5 * time.Second

// notWaiting is shorter than anything that waits for Redis would take.
const notWaiting = 1900 * time.Millisecond

// Redis is there and says nothing: posts and local listeners do not notice, the
// nodes do, and everybody has everything soon after it is back.
func TestRedisIsSilent(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Pace{}, "")
	s.follow(5, 0, s.bram)
	s.follow(5, 1, s.bram)
	local := s.follow(1, 0, s.anna)[0]
	stop := s.write(4, 100*time.Millisecond)
	time.Sleep(500 * time.Millisecond)

	began := time.Now()
	s.both(s.redis, (*testkit.Proxy).Hole)
	for i := 0; !s.noticed(); i++ {
		if time.Since(began) > 15*time.Second {
			t.Error("nobody notices that Redis is silent")
			break
		}
		nonce := uuid.NewString()
		s.post(s.anna, 0, nonce) // on the first node
		if !has(local, nonce, notWaiting) {
			t.Error("local delivery waits for Redis")
		}
		if i%10 == 0 {
			answered := time.Now()
			s.present(local, s.anna.Person, s.bram.Person)
			if took := time.Since(answered); took > notWaiting {
				t.Errorf("asking who is there took %v", took)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("noticed after %v", time.Since(began).Round(time.Millisecond))
	if s.slowest > notWaiting {
		t.Errorf("a post took %v", s.slowest)
	}
	s.both(s.redis, (*testkit.Proxy).Heal)
	stop()
	s.agree(everythingSoon)
}

// noticed reports whether every node has seen that its line to Redis is dead.
func (s *site) noticed() bool {
	for _, n := range s.nodes {
		if !strings.Contains(n.log.String(), "it is open and says nothing") {
			return false
		}
	}
	return true
}

// has waits until a follower has the post with this nonce.
func has(f *hubtest.Follower, nonce string, within time.Duration) bool {
	return f.Has(within, func(p hubtest.Post) bool { return p.Body == hubtest.BodyOf(nonce) })
}

// present asks the follower's node who is in the room, until it is these.
func (s *site) present(f *hubtest.Follower, want ...int64) {
	s.t.Helper()
	deadline := time.Now().Add(hubtest.Patience)
	for {
		people, ok := f.Present(time.Until(deadline))
		if ok && fmt.Sprint(people) == fmt.Sprint(want) {
			return
		}
		if !time.Now().Before(deadline) {
			s.t.Fatalf("present are %v, want %v", people, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Redis goes and comes back empty: everybody has everything soon after, and who
// is present is known again on both nodes.
func TestRedisComesBackEmpty(t *testing.T) {
	t.Parallel()
	server := testkit.NewRedisServer(t)
	s := newSite(t, hub.Pace{Refresh: 500 * time.Millisecond}, server.Address())
	here, there := s.follow(3, 0, s.bram), s.follow(3, 1, s.anna)
	s.present(here[0], s.anna.Person, s.bram.Person)
	stop := s.write(4, 50*time.Millisecond)
	time.Sleep(300 * time.Millisecond)
	server.Stop()
	late := s.member("Carla")
	time.Sleep(time.Second)
	s.follow(1, 1, late)
	s.present(there[0], s.anna.Person, s.bram.Person, late.Person)
	time.Sleep(time.Second)
	server.Start()
	time.Sleep(200 * time.Millisecond)
	stop()
	s.agree(everythingSoon)
	for _, f := range []*hubtest.Follower{here[1], there[1]} {
		s.present(f, s.anna.Person, s.bram.Person, late.Person)
	}
	for status := range s.answers {
		if status != 201 {
			t.Errorf("posts were answered %v", s.answers)
		}
	}
}

// Redis is slow, or comes and goes: nobody waits for it. The short form has one
// of them.
func TestRedisIsFickle(t *testing.T) {
	faults := map[string]func(p *testkit.Proxy){
		"slow": func(p *testkit.Proxy) { p.Delay(2 * time.Second) },
	}
	if testkit.Soaking() {
		faults["refuses"] = (*testkit.Proxy).Refuse
		faults["cut"] = func(p *testkit.Proxy) {
			for range 20 {
				p.Cut()
				time.Sleep(100 * time.Millisecond)
			}
		}
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, hub.Pace{}, "")
			s.follow(3, 0, s.bram)
			s.follow(3, 1, s.bram)
			stop := s.write(4, 50*time.Millisecond)
			s.both(s.redis, fault)
			time.Sleep(2 * time.Second)
			stop()
			if s.slowest > notWaiting {
				t.Errorf("a post took %v", s.slowest)
			}
			s.agree(everythingSoon)
		})
	}
}

// One message is lost between the nodes: it is found within ten seconds, and
// before anything newer.
func TestOneMessageIsLost(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Pace{}, "")
	there := s.follow(1, 1, s.bram)[0]
	lose := func() (lost func() int) {
		count := 0
		name := fmt.Appendf(nil, "stream:%d", s.stream.ID)
		wrong := bytes.Replace(name, []byte("stream"), []byte("strxxm"), 1)
		s.redis[0].Rewrite(func(b []byte) []byte {
			count += bytes.Count(b, name)
			return bytes.ReplaceAll(b, name, wrong)
		})
		return func() int { s.redis[0].Heal(); return count }
	}
	nonce := uuid.NewString()
	lost := lose()
	s.post(s.anna, 0, nonce)
	if !has(there, nonce, 10*time.Second) {
		t.Error("a lost message was not found")
	}
	if n := lost(); n == 0 {
		t.Fatal("nothing was lost")
	}
	lost = lose()
	first, second := uuid.NewString(), uuid.NewString()
	s.post(s.anna, 0, first)
	lost()
	s.post(s.anna, 0, second)
	if !has(there, second, hubtest.Patience) || !has(there, first, 0) {
		t.Error("what came after it did not bring it")
	}
	s.agree(everythingSoon)
}
