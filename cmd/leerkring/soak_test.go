package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// Two nodes, each a process, on one PostgreSQL and one Redis, with people who
// write, many who follow and come and go, and lines that fail all the while. The
// short form takes seconds; SOAK=60m takes an hour, with two thousand sockets, or as
// many as SOCKETS says.
// What was acknowledged, what each follower has and what the database has must
// be the same in the end. What the first node uses is printed as it goes.
func TestSoak(t *testing.T) {
	s := newSoak(t)
	s.populate()
	s.follow()
	stopWriting := s.write()
	faults := s.faults()
	deadline := time.Now().Add(s.last)
	s.sample("followed")
	for i := 0; time.Now().Before(deadline); i++ {
		name := faults[i%len(faults)].name
		faults[i%len(faults)].do()
		s.rest(s.between)
		s.sample(name)
	}
	stopWriting()
	s.agree()
	s.leave()
}

// soak is the installation, who uses it, and the lines between.
type soak struct {
	t             *testing.T
	last, between time.Duration
	sockets       int
	redis         []*testkit.Proxy
	postgres      []*testkit.Proxy
	installations []*installation

	mu        sync.Mutex
	processes []*process

	manager string
	tokens  []string
	streams []int64
	books   []*hubtest.Ledger

	follows   context.CancelFunc
	followers [][]*hubtest.Follower // by stream
	work      sync.WaitGroup
	began     time.Time
	base      map[string]float64
}

func newSoak(t *testing.T) *soak {
	s := &soak{t: t, last: 5 * time.Second, between: 500 * time.Millisecond, sockets: 60, began: time.Now()}
	if long := testkit.Soak(); long > 0 {
		s.last, s.between, s.sockets = long, 25*time.Second, 2000
	}
	if n, err := strconv.Atoi(os.Getenv("SOCKETS")); err == nil {
		s.sockets = n
	}
	_, prefix := testkit.Redis(t)
	redis := strings.TrimPrefix(testkit.RedisAddress(t), "redis://")
	database := strings.TrimPrefix(testkit.PostgreSQLAddress(t), "postgres:///")
	for range 2 {
		r, p := testkit.NewProxy(t, redis), testkit.NewProxy(t, net.JoinHostPort(os.Getenv("PGHOST"), os.Getenv("PGPORT")))
		s.redis, s.postgres = append(s.redis, r), append(s.postgres, p)
		i := install(t, "LEERKRING_DATABASE=postgres://"+p.Address()+"/"+database, "LEERKRING_REDIS=redis://"+r.Address(),
			"LEERKRING_REDIS_PREFIX="+prefix, "LEERKRING_METRICS=127.0.0.1:0")
		s.installations, s.processes = append(s.installations, i), append(s.processes, nil)
	}
	return s
}

// populate adds people, a space and streams, and starts the nodes.
func (s *soak) populate() {
	i := s.installations[0]
	i.must("user", "add", "--mail", "ada@voorbeeldstad.example", "--name", "Ada", "--role", "admin")
	s.manager = i.must("token", "create", "--user", "ada@voorbeeldstad.example", "--scope", "read,write,admin")
	for n := range s.sockets/40 + 2 {
		mail := fmt.Sprintf("lid%d@voorbeeldstad.example", n)
		i.must("user", "add", "--mail", mail, "--name", fmt.Sprint("Lid ", n))
		s.tokens = append(s.tokens, i.must("token", "create", "--user", mail))
	}
	for n := range s.installations {
		s.start(n)
	}
	p := s.processes[0]
	space := idOf(s.t, ask(s.t, p, s.manager, "POST", "/spaces", `{"name":"Proef","kind":"community"}`, ""))
	for n := range s.tokens {
		ask(s.t, p, s.manager, "PUT", fmt.Sprintf("/spaces/%d/members/%d", space, n+2), `{}`, "")
	}
	for n := range max(4, s.sockets/100) {
		s.streams = append(s.streams, idOf(s.t, ask(s.t, p, s.manager, "POST", fmt.Sprintf("/spaces/%d/streams", space),
			fmt.Sprintf(`{"kind":"channel","title":"Proef %d"}`, n), "")))
		s.books = append(s.books, hubtest.NewLedger())
	}
	s.base = s.metrics()
}

func (s *soak) start(n int) {
	p := s.installations[n].serve()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.processes[n] = p
}

func (s *soak) addresses() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.processes {
		all = append(all, p.address)
	}
	return all
}

// follow opens the sockets. Each line breaks now and then.
func (s *soak) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	s.follows = cancel
	s.t.Cleanup(func() { cancel(); s.work.Wait() })
	s.followers = make([][]*hubtest.Follower, len(s.streams))
	for n := range s.sockets {
		room, token := n%len(s.streams), s.tokens[n%len(s.tokens)]
		f := hubtest.NewFollower(hubtest.FollowerOptions{
			Addresses: s.addresses, Header: hubtest.Token(token), Stream: s.streams[room], Back: 2 * time.Second,
			Load: func() (int64, []hubtest.Post, error) { return s.load(s.streams[room]) },
		})
		s.followers[room] = append(s.followers[room], f)
		time.Sleep(time.Millisecond) // a storm comes later
		s.work.Go(func() { f.Run(ctx) })
		s.work.Go(func() {
			for ctx.Err() == nil {
				select {
				case <-ctx.Done():
				case <-time.After(s.between * time.Duration(2+rand.IntN(16))):
					f.Hang()
				}
			}
		})
	}
	for _, room := range s.followers {
		for _, f := range room {
			if !f.Reach(0, 3*time.Minute) {
				codes, refused := f.Ends()
				s.t.Fatalf("a follower does not come in: %v, not let in %d times, %v", codes, refused, f.LastError())
			}
		}
	}
}

// write has somebody write in every stream, on any node.
func (s *soak) write() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	pause := 250 * time.Millisecond * time.Duration(len(s.streams)) // eight posts a second in all
	for room, stream := range s.streams {
		work.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(rand.N(pause)):
				}
				nonce := uuid.NewString()
				s.books[room].Sent(nonce)
				for {
					all := s.addresses()
					id, ok := s.post(all[rand.IntN(len(all))], stream, nonce)
					if ok {
						s.books[room].Acknowledged(nonce, id)
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	return func() { cancel(); work.Wait() }
}

var patient = &http.Client{Timeout: 40 * time.Second}

func (s *soak) post(address string, stream int64, nonce string) (int64, bool) {
	r, _ := http.NewRequest("POST", fmt.Sprintf("%s/api/v1/streams/%d/posts", address, stream), strings.NewReader(`{"body":"`+hubtest.BodyOf(nonce)+`"}`))
	r.Header = hubtest.Token(s.tokens[0])
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", nonce)
	response, err := patient.Do(r)
	if err != nil {
		return 0, false
	}
	defer response.Body.Close()
	var made struct{ ID int64 }
	err = json.NewDecoder(response.Body).Decode(&made)
	return made.ID, err == nil && response.StatusCode == http.StatusCreated
}

// load reads a whole stream, from the newest back.
func (s *soak) load(stream int64) (rev int64, posts []hubtest.Post, err error) {
	rev = -1
	for query := "?limit=200"; query != ""; {
		var page struct {
			Rev   int64
			Items []hubtest.Post
			Next  *string
		}
		r, _ := http.NewRequest("GET", fmt.Sprintf("%s/api/v1/streams/%d/posts%s", s.addresses()[0], stream, query), nil)
		r.Header = hubtest.Token(s.tokens[0])
		response, err := patient.Do(r)
		if err != nil {
			return 0, nil, err
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			return 0, nil, fmt.Errorf("status %d, %w", response.StatusCode, err)
		}
		if rev < 0 {
			rev = page.Rev
		}
		posts = append(posts, page.Items...)
		query = ""
		if page.Next != nil {
			query = "?limit=200&cursor=" + *page.Next
		}
	}
	return rev, posts, nil
}

type soakFault struct {
	name string
	do   func()
}

// faults are what goes wrong, one after the other. The first node stays, so that
// what it uses can be followed; the second is replaced and killed.
func (s *soak) faults() []soakFault {
	lines := func(of []*testkit.Proxy, do func(*testkit.Proxy)) {
		for _, p := range of {
			do(p)
		}
	}
	return []soakFault{
		{"Redis silent", func() {
			lines(s.redis, (*testkit.Proxy).Hole)
			s.rest(s.between)
			lines(s.redis, (*testkit.Proxy).Heal)
		}},
		{"one node replaced", func() {
			s.processes[1].stop()
			s.start(1)
		}},
		{"Redis cut off", func() {
			lines(s.redis, (*testkit.Proxy).Refuse)
			s.rest(s.between / 2)
			lines(s.redis, (*testkit.Proxy).Heal)
		}},
		{"one node killed", func() {
			s.processes[1].kill()
			s.start(1)
		}},
		{"PostgreSQL cut", func() { lines(s.postgres, (*testkit.Proxy).Cut) }},
		{"PostgreSQL silent for one node", func() {
			s.postgres[1].Hole()
			s.rest(min(s.between, 10*time.Second))
			s.postgres[1].Heal()
		}},
		{"all lines cut at once", s.storm},
		{"quiet", func() {}},
	}
}

// storm cuts every line at once, and waits until everybody is back.
func (s *soak) storm() {
	began := time.Now()
	for _, room := range s.followers {
		for _, f := range room {
			f.Hang()
		}
	}
	slowest := time.Duration(0)
	for n := 0; s.connected() < s.sockets*95/100 && n < 1200; n++ {
		asked := time.Now()
		s.load(s.streams[0])
		slowest = max(slowest, time.Since(asked))
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Logf("          after a storm nearly all were back in %v; meanwhile the slowest list took %v",
		time.Since(began).Round(10*time.Millisecond), slowest.Round(time.Millisecond))
}

// connected is how many sockets both nodes have.
func (s *soak) connected() (n int) {
	for _, p := range s.processes {
		n += int(s.metricsOf(p)["leerkring_sockets"])
	}
	return n
}

func (s *soak) rest(d time.Duration) { time.Sleep(d) }

// agree compares the ledgers, the followers and the database.
func (s *soak) agree() {
	t := s.t
	total, hung := 0, map[int]int{}
	for room, stream := range s.streams {
		rev, stored, err := s.load(stream)
		if err != nil {
			t.Fatal(err)
		}
		total += len(stored)
		if wrong := s.books[room].Compare(stored); len(wrong) > 0 {
			t.Errorf("stream %d: %d differences between ledger and database, first %s", stream, len(wrong), wrong[0])
		}
		for i, f := range s.followers[room] {
			if !f.Reach(rev, 30*time.Second) {
				t.Errorf("stream %d: follower %d did not come to %d", stream, i, rev)
			}
			if wrong := f.Compare(stored); len(wrong) > 0 {
				t.Errorf("stream %d, follower %d: %d differences, first %s", stream, i, len(wrong), wrong[0])
			}
			codes, refused := f.Ends()
			for code, n := range codes {
				hung[code] += n
			}
			hung[0] += refused
		}
	}
	t.Logf("%d posts, %d followers, connections ended with %v (0: not let in)", total, s.sockets, hung)
}

// leave closes all sockets; what they used must be given back.
func (s *soak) leave() {
	s.follows()
	s.work.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for s.metrics()["leerkring_sockets"] > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	http.DefaultClient.CloseIdleConnections()
	patient.CloseIdleConnections()
	s.sample("all gone")
	after := s.metrics()
	if after["leerkring_sockets"] != 0 || after["leerkring_subscriptions"] != 0 {
		s.t.Errorf("%v sockets and %v subscriptions are left", after["leerkring_sockets"], after["leerkring_subscriptions"])
	}
	// A few goroutines serve the connections to the stores, which come and go.
	if extra := after["go_goroutines"] - s.base["go_goroutines"]; extra > 40 {
		s.t.Errorf("%v goroutines are left", extra)
	}
}

var sampled = []string{"leerkring_sockets", "process_resident_memory_bytes", "go_goroutines", "process_open_fds", "leerkring_repairs_total", "leerkring_slow_sockets_total"}

// sample prints what the first node uses.
func (s *soak) sample(after string) {
	m := s.metrics()
	s.t.Logf("%8v  %-32s %5.0f sockets  %6.1f MiB  %6.0f goroutines  %6.0f descriptors  %5.0f repairs  %3.0f slow",
		time.Since(s.began).Round(time.Second), after, m[sampled[0]], m[sampled[1]]/(1<<20), m[sampled[2]], m[sampled[3]], m[sampled[4]], m[sampled[5]])
}

func (s *soak) metrics() map[string]float64 { return s.metricsOf(s.processes[0]) }

// metricsOf reads a node's numbers.
func (s *soak) metricsOf(p *process) map[string]float64 {
	response, err := http.Get("http://" + p.metrics + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	found := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if slices.Contains(sampled, name) || name == "leerkring_subscriptions" {
			found[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	return found
}
