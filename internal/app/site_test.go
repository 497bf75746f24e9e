package app

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// TestMain lets more tests run at once than there are processors: those of faults
// mostly wait.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		f.Value.Set("6")
	}
	os.Exit(m.Run())
}

// site is an installation of two nodes on one PostgreSQL, joined by Redis, with
// a closed room, people who write in it and people who follow it. Each node
// reaches its stores over lines that can fail.
type site struct {
	t        *testing.T
	nodes    []*node
	redis    []*testkit.Proxy
	postgres []*testkit.Proxy
	settings [][]string

	room
	book *hubtest.Ledger

	mu        sync.Mutex
	followers []*hubtest.Follower
	pace      hub.Pace
	slowest   time.Duration // of all posts
	answers   map[int]int   // HTTP statuses of posts, 0 for none

	long bool // posts are long ones
	ctx  context.Context
	work sync.WaitGroup
}

// newSite starts one. redis is the server to use (HOST:PORT), "" for the one of
// all tests; more are settings of both nodes.
func newSite(t *testing.T, pace hub.Pace, redis string, more ...string) *site {
	t.Helper()
	s := &site{t: t, pace: pace, book: hubtest.NewLedger(), answers: map[int]int{}}
	_, prefix := testkit.Redis(t)
	if redis == "" {
		redis = strings.TrimPrefix(testkit.RedisAddress(t), "redis://")
	}
	database := strings.TrimPrefix(testkit.PostgreSQLAddress(t), "postgres:///")
	for range 2 {
		r := testkit.NewProxy(t, redis)
		p := testkit.NewProxy(t, net.JoinHostPort(os.Getenv("PGHOST"), os.Getenv("PGPORT")))
		settings := append([]string{
			"LEERKRING_DATABASE=postgres://" + p.Address() + "/" + database,
			"LEERKRING_REDIS=redis://" + r.Address(), "LEERKRING_REDIS_PREFIX=" + prefix,
		}, more...)
		s.redis, s.postgres, s.settings = append(s.redis, r), append(s.postgres, p), append(s.settings, settings)
		s.nodes = append(s.nodes, startNodeAt(t, pace, settings...))
	}
	s.room = makeRoom(t, s.nodes[0])
	var stop context.CancelFunc
	s.ctx, stop = context.WithCancel(context.Background())
	t.Cleanup(func() { stop(); s.work.Wait() })
	return s
}

func (s *site) both(lines []*testkit.Proxy, do func(*testkit.Proxy)) {
	for _, line := range lines {
		do(line)
	}
}

// addresses of the nodes that serve now.
func (s *site) addresses() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, n := range s.nodes {
		all = append(all, n.address)
	}
	return all
}

// restart ends a node as SIGTERM does, and starts another in its place.
func (s *site) restart(i int) {
	s.t.Helper()
	s.at(i).stop()
	n := startNodeAt(s.t, s.pace, s.settings[i]...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nodes[i] = n
}

func (s *site) at(i int) *node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nodes[i]
}

// member adds somebody to the room.
func (s *site) member(name string) *user {
	s.t.Helper()
	u := s.nodes[0].user(name, everything)
	if _, err := s.nodes[0].Community.PutMember(ctx, s.manager.Actor, s.space.ID, u.Person, community.Member); err != nil {
		s.t.Fatal(err)
	}
	return u
}

// follow has followers follow the room, on this node, or with -1 on any.
func (s *site) follow(count, node int, u *user, with ...func(*hubtest.FollowerOptions)) []*hubtest.Follower {
	s.t.Helper()
	var made []*hubtest.Follower
	for range count {
		o := hubtest.FollowerOptions{
			Addresses: s.addresses, Header: hubtest.Token(u.token), Stream: s.stream.ID, Keep: true,
			Load: func() (int64, []hubtest.Post, error) { return s.load(u) },
		}
		if node >= 0 {
			o.Addresses = func() []string { return s.addresses()[node : node+1] }
		}
		for _, change := range with {
			change(&o)
		}
		f := hubtest.NewFollower(o)
		s.work.Go(func() { f.Run(s.ctx) })
		made = append(made, f)
	}
	for _, f := range made {
		if !f.Reach(0, hubtest.Patience) {
			s.t.Fatal("a follower does not come in")
		}
	}
	s.mu.Lock()
	s.followers = append(s.followers, made...)
	s.mu.Unlock()
	return made
}

// write has writers post at this pace, each on either node, until the returned
// function is called. What is not acknowledged is sent again, under the same
// nonce.
func (s *site) write(writers int, every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			for n := w; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
					s.post(s.anna, n, uuid.NewString())
				}
			}
		})
	}
	return func() { cancel(); work.Wait() }
}

// post posts until it is acknowledged.
func (s *site) post(u *user, n int, nonce string) {
	s.book.Sent(nonce)
	for s.ctx.Err() == nil {
		all := s.addresses()
		began := time.Now()
		id, status := s.tryPost(u, all[n%len(all)], nonce)
		s.mu.Lock()
		s.answers[status]++
		s.slowest = max(s.slowest, time.Since(began))
		s.mu.Unlock()
		if status == http.StatusCreated {
			s.book.Acknowledged(nonce, id)
			return
		}
		n++
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *site) tryPost(u *user, address, nonce string) (id int64, status int) {
	body := hubtest.BodyOf(nonce)
	if s.long {
		body += " " + strings.Repeat("lang verhaal ", 1000)
	}
	r, _ := http.NewRequestWithContext(s.ctx, "POST", fmt.Sprintf("%s/api/v1/streams/%d/posts", address, s.stream.ID),
		strings.NewReader(`{"body":"`+body+`"}`))
	r.Header = hubtest.Token(u.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", nonce)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, 0
	}
	defer response.Body.Close()
	var made struct{ ID int64 }
	json.NewDecoder(response.Body).Decode(&made)
	return made.ID, response.StatusCode
}

// load reads the whole stream, as a page does.
func (s *site) load(u *user) (rev int64, posts []hubtest.Post, err error) {
	n := s.at(0)
	query := forum.PostQuery{Limit: 200}
	for first := true; first || query.Cursor != ""; first = false {
		page, err := n.Forum.Posts(s.ctx, u.Actor, s.stream.ID, query)
		if err != nil {
			return 0, nil, err
		}
		if first {
			rev = page.Rev
		}
		for _, p := range page.Posts {
			posts = append(posts, hubtest.Post{ID: p.ID, Rev: p.Rev, Body: p.Body, Deleted: p.Deleted})
		}
		query.Cursor = page.Next
	}
	return rev, posts, nil
}

// agree waits until every follower has everything there is, and compares them
// and the ledger with the database. Nobody writes meanwhile.
func (s *site) agree(within time.Duration) {
	s.t.Helper()
	rev, stored, err := s.load(s.manager)
	if err != nil {
		s.t.Fatal(err)
	}
	if wrong := s.book.Compare(stored); len(wrong) > 0 {
		s.t.Errorf("ledger and database differ: %s", shortly(wrong))
	}
	deadline := time.Now().Add(within)
	for i, f := range s.followers {
		if !f.Reach(rev, time.Until(deadline)) {
			s.t.Errorf("follower %d is not at %d after %v", i, rev, within)
		}
		if wrong := f.Compare(stored); len(wrong) > 0 {
			s.t.Errorf("follower %d: %s", i, shortly(wrong))
		}
	}
	s.t.Logf("%d posts, %d followers, answers %v, the slowest after %v", len(stored), len(s.followers), s.answers, s.slowest.Round(time.Millisecond))
}

func shortly(wrong []string) string {
	if len(wrong) > 5 {
		wrong = append(slices.Clone(wrong[:5]), fmt.Sprintf("and %d more", len(wrong)-5))
	}
	return strings.Join(wrong, "; ")
}
