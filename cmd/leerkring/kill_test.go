package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// ledger is what the clients know for themselves: every post they sent, and
// the id it was acknowledged with, 0 while that is not known.
type ledger struct {
	mu    sync.Mutex
	posts map[string]int64
}

func (l *ledger) send(nonce string) { l.set(nonce, 0) }

func (l *ledger) set(nonce string, id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.posts[nonce]; old != 0 && id != 0 && old != id {
		panic(fmt.Sprintf("%s was acknowledged as %d and as %d", nonce, old, id))
	}
	if id != 0 || l.posts[nonce] == 0 {
		l.posts[nonce] = id
	}
}

func (l *ledger) unknown() (nonces []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for nonce, id := range l.posts {
		if id == 0 {
			nonces = append(nonces, nonce)
		}
	}
	return nonces
}

// killRounds is how often the server is killed: a few times in every run, as
// often as wanted in a soak.
func killRounds() int {
	if n, err := strconv.Atoi(os.Getenv("KILLS")); err == nil {
		return n
	}
	return 6
}

// A server that is killed at any moment loses no acknowledged post, doubles
// none, and leaves nothing half.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { testKills(t, install(t)) })
	t.Run("postgres", func(t *testing.T) {
		testKills(t, install(t, "LEERKRING_DATABASE="+testkit.PostgreSQLAddress(t)))
	})
}

func testKills(t *testing.T, i *installation) {
	i.must("user", "add", "--mail", "ada@voorbeeldstad.example", "--name", "Ada", "--role", "admin")
	i.must("user", "add", "--mail", "bo@voorbeeldstad.example", "--name", "Bo")
	ada := i.must("token", "create", "--user", "ada@voorbeeldstad.example", "--scope", "read,write,admin")
	bo := i.must("token", "create", "--user", "bo@voorbeeldstad.example")
	p := i.serve()
	space := idOf(t, ask(t, p, ada, "POST", "/spaces", `{"name":"Proef","kind":"community"}`, ""))
	ask(t, p, ada, "PUT", fmt.Sprintf("/spaces/%d/members/2", space), `{}`, "")
	stream := idOf(t, ask(t, p, ada, "POST", fmt.Sprintf("/spaces/%d/streams", space), `{"kind":"channel","title":"Proef"}`, ""))

	book := &ledger{posts: map[string]int64{}}
	for round := range killRounds() {
		ctx, stop := context.WithCancel(context.Background())
		var writers sync.WaitGroup
		for w := range 12 {
			writers.Go(func() { write(ctx, p, ada, stream, book, fmt.Sprintf("r%dw%d", round, w), w%2 == 0) })
		}
		time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
		p.kill()
		stop()
		writers.Wait()
		began := time.Now()
		p = i.serve()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("back after %v", took)
		}
		for _, nonce := range book.unknown() {
			if id, ok := post(context.Background(), p, ada, stream, nonce); ok {
				book.set(nonce, id)
			}
		}
	}
	if n := len(book.unknown()); n > 0 {
		t.Fatalf("%d posts are still in doubt", n)
	}
	compare(t, i, p, bo, stream, book)
}

// write posts until the server is gone, over HTTP or over a socket.
func write(ctx context.Context, p *process, token string, stream int64, book *ledger, name string, socket bool) {
	var c *hubtest.Client
	if socket {
		var err error
		if c, _, err = hubtest.TryDial(p.t, p.address+"/ws", hubtest.Token(token)); err != nil {
			return
		}
	}
	for n := 0; ctx.Err() == nil; n++ {
		nonce := uuidOf(name, n)
		book.send(nonce)
		id, ok := int64(0), false
		if socket {
			id, ok = c.TryPost(stream, "tekst "+nonce, nonce)
		} else {
			id, ok = post(ctx, p, token, stream, nonce)
		}
		if !ok {
			return
		}
		book.set(nonce, id)
	}
}

// uuidOf makes the UUID of a writer's n-th post.
func uuidOf(name string, n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s %d", name, n)).String()
}

func post(ctx context.Context, p *process, token string, stream int64, nonce string) (int64, bool) {
	r, _ := http.NewRequestWithContext(ctx, "POST", fmt.Sprintf("%s/api/v1/streams/%d/posts", p.address, stream),
		strings.NewReader(`{"body":"tekst `+nonce+`"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", nonce)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, false
	}
	defer response.Body.Close()
	var made struct{ ID int64 }
	if response.StatusCode != 201 || json.NewDecoder(response.Body).Decode(&made) != nil {
		return 0, false
	}
	return made.ID, true
}

// compare holds the ledger against what the server has.
func compare(t *testing.T, i *installation, p *process, reader string, stream int64, book *ledger) {
	t.Helper()
	found := map[string]int64{}
	revs := map[int64]bool{}
	after := int64(0)
	for {
		var page struct {
			Rev   int64
			Items []struct {
				ID, Rev int64
				Body    string
			}
		}
		decode(t, ask(t, p, reader, "GET", fmt.Sprintf("/streams/%d/posts?limit=200&after=%d", stream, after), "", ""), &page)
		if len(page.Items) == 0 {
			if page.Rev != int64(len(revs)) {
				t.Errorf("the stream is at %d with %d posts", page.Rev, len(revs))
			}
			break
		}
		for _, item := range page.Items {
			nonce := strings.TrimPrefix(item.Body, "tekst ")
			if found[nonce] != 0 {
				t.Errorf("%s is there twice", nonce)
			}
			if revs[item.Rev] || item.Rev < 1 {
				t.Errorf("rev %d is there twice", item.Rev)
			}
			found[nonce], revs[item.Rev] = item.ID, true
			after = item.ID
		}
	}
	for nonce, id := range book.posts {
		if found[nonce] != id {
			t.Errorf("%s was acknowledged as %d and is there as %d", nonce, id, found[nonce])
		}
	}
	if len(found) != len(book.posts) || len(found) == 0 {
		t.Errorf("%d posts are there, %d were sent", len(found), len(book.posts))
	}
	t.Logf("%d posts over %d kills", len(found), killRounds())
	// Nothing is half: counter, unread and search agree.
	var s struct{ Posts int }
	decode(t, ask(t, p, reader, "GET", fmt.Sprintf("/streams/%d", stream), "", ""), &s)
	var me struct{ Unread int }
	decode(t, ask(t, p, reader, "GET", "/me", "", ""), &me)
	if s.Posts != len(found) || me.Unread != len(found) {
		t.Errorf("the stream counts %d, unread are %d, of %d", s.Posts, me.Unread, len(found))
	}
	p.kill()
	if !strings.Contains(strings.Join(i.env, " "), "LEERKRING_DATABASE") {
		db := testkit.OpenFile(t, filepath.Join(strings.TrimPrefix(i.env[1], "LEERKRING_DATA="), "leerkring.db"))
		var verdict string
		if err := db.Handle().QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("integrity_check: %s, %v", verdict, err)
		}
		var docs int
		if err := db.Handle().QueryRow(`SELECT count(*) FROM search_docs WHERE search_docs MATCH 'tekst'`).Scan(&docs); err != nil || docs != len(found) {
			t.Errorf("search has %d, %v", docs, err)
		}
	}
}

// ask makes a request that must succeed and returns the body.
func ask(t *testing.T, p *process, token, method, path, body, key string) []byte {
	t.Helper()
	r, err := http.NewRequest(method, p.address+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var b bytes.Buffer
	b.ReadFrom(response.Body)
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, b.String())
	}
	return b.Bytes()
}

func decode(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func idOf(t *testing.T, b []byte) int64 {
	t.Helper()
	var made struct{ ID int64 }
	decode(t, b, &made)
	return made.ID
}
