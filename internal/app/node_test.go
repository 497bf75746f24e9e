package app

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/config"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

// node is a whole node in this process.
type node struct {
	*App
	t         testing.TB
	address   string
	log       *logbook
	terminate context.CancelFunc
	ended     chan error
	once      sync.Once
}

// startNode starts a node with these settings over those of a test. It is quick
// about everything.
func startNode(t testing.TB, settings ...string) *node {
	t.Helper()
	return startNodeAt(t, hub.Pace{Access: 20 * time.Millisecond, Linger: 50 * time.Millisecond}, settings...)
}

// startNodeAt starts a node whose hub looks after things at this pace.
func startNodeAt(t testing.TB, pace hub.Pace, settings ...string) *node {
	t.Helper()
	s, err := config.Read(append([]string{
		"LEERKRING_DATA=" + t.TempDir(), "LEERKRING_ADDR=127.0.0.1:0", "LEERKRING_LIMITS=off",
	}, settings...))
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, log: &logbook{}, ended: make(chan error, 1)}
	if n.App, err = Domain(ctx, s, slog.New(slog.NewTextHandler(n.log, nil))); err != nil {
		t.Fatal(err)
	}
	if err := n.Prepare(ctx, Options{Pace: pace}); err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(ctx)
	n.terminate = stop
	address := make(chan string, 1)
	go func() { n.ended <- n.Serve(serving, func(address_ string) { address <- address_ }) }()
	select {
	case got := <-address:
		n.address = "http://" + got
	case err := <-n.ended:
		t.Fatal(err)
	}
	t.Cleanup(n.stop)
	return n
}

// stop ends the node as SIGTERM does, and waits for it.
func (n *node) stop() {
	n.once.Do(func() {
		n.terminate()
		if err := <-n.ended; err != nil {
			n.t.Error(err)
		}
	})
}

// logbook is what a node logged.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// user is somebody with a token and a socket.
type user struct {
	community.Actor
	token  string
	socket *hubtest.Client
}

func (n *node) user(name string, scopes community.Scopes, role ...community.PlatformRole) *user {
	n.t.Helper()
	in := community.NewPerson{Name: name, Mail: testkit.MailOf(name)}
	if len(role) > 0 {
		in.Role = role[0]
	}
	id, err := n.Community.AddPerson(ctx, in)
	if err != nil {
		n.t.Fatal(err)
	}
	token, err := n.Community.CreateToken(ctx, id, "proef", scopes)
	if err != nil {
		n.t.Fatal(err)
	}
	r, _ := http.NewRequest("GET", n.address, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	actor, err := n.Community.Identify(r)
	if err != nil {
		n.t.Fatal(err)
	}
	return &user{Actor: actor, token: token}
}

// connect opens the user's socket.
func (n *node) connect(u *user) *hubtest.Client {
	n.t.Helper()
	u.socket = hubtest.Dial(n.t, n.address+"/ws", hubtest.Token(u.token))
	return u.socket
}

const everything = community.ScopeRead | community.ScopeWrite | community.ScopeAdmin
