package app

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// Some stop reading while much is written: they are let go, the others hear
// everything, and so do they when they come back.
func TestSlowReadersHurtThemselves(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Pace{}, "", "LEERKRING_QUEUE_BYTES=65536")
	s.long = true
	line := testkit.NewProxy(t, strings.TrimPrefix(s.at(0).address, "http://"))
	quick := s.follow(20, 0, s.bram)
	s.follow(10, 0, s.anna, func(o *hubtest.FollowerOptions) {
		o.Addresses = func() []string { return []string{"http://" + line.Address()} }
	})
	line.Hole()
	stop := s.write(3, 20*time.Millisecond)
	deadline := time.Now().Add(30 * time.Second)
	for s.at(0).hub.Stats().Slow < 10 {
		if time.Now().After(deadline) {
			t.Fatalf("only %d of 10 were let go", s.at(0).hub.Stats().Slow)
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	for i, f := range quick {
		if codes, _ := f.Ends(); len(codes) > 0 {
			t.Errorf("quick reader %d was closed: %v", i, codes)
		}
	}
	line.Heal()
	s.agree(15 * time.Second)
}

// All lose their line at once: they come back, are let in a few at a time, and
// have everything; pages are answered meanwhile.
func TestReconnectStorm(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Pace{}, "")
	people := []*user{s.anna, s.bram}
	each, count := 50, 200
	if testkit.Soaking() {
		count = 4000
	}
	for len(people)*each < count {
		people = append(people, s.member(fmt.Sprint("Persoon ", len(people))))
	}
	line := testkit.NewProxy(t, strings.TrimPrefix(s.at(0).address, "http://"))
	for _, u := range people {
		s.follow(each, 0, u, func(o *hubtest.FollowerOptions) {
			o.Addresses = func() []string { return []string{"http://" + line.Address()} }
			o.Back, o.Keep = time.Second, false
		})
	}
	stop := s.write(2, 50*time.Millisecond)
	time.Sleep(500 * time.Millisecond)
	line.Cut()
	var took []time.Duration
	for began := time.Now(); time.Since(began) < 2*time.Second; time.Sleep(10 * time.Millisecond) {
		asked := time.Now()
		r, _ := http.NewRequest("GET", fmt.Sprintf("%s/api/v1/streams/%d/posts", s.at(0).address, s.stream.ID), nil)
		r.Header = hubtest.Token(s.manager.token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("a page was answered %d", response.StatusCode)
		}
		took = append(took, time.Since(asked))
	}
	stop()
	s.agree(60 * time.Second)
	slices.Sort(took)
	t.Logf("%d came back; %d pages meanwhile, p50 %v, p99 %v", count, len(took), took[len(took)/2], took[len(took)*99/100])
}

// The nodes are replaced one after the other while people write and follow:
// everybody is sent away with 1001, comes back elsewhere, and nothing is lost,
// doubled or refused.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	rounds := 2
	if testkit.Soaking() {
		rounds = 25
	}
	s := newSite(t, hub.Pace{}, "")
	s.follow(10, -1, s.bram)
	stop := s.write(6, 30*time.Millisecond)
	for range rounds {
		for i := range s.nodes {
			s.restart(i)
		}
	}
	stop()
	s.agree(everythingSoon)
	for i, f := range s.followers {
		for code := range first(f.Ends()) {
			if code != 1001 {
				t.Errorf("follower %d was closed with %d", i, code)
			}
		}
	}
	for status := range s.answers {
		if status != http.StatusCreated && status != http.StatusServiceUnavailable && status != 0 {
			t.Errorf("posts were answered %v", s.answers)
		}
	}
}

func first[A, B any](a A, _ B) A { return a }
