package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
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
	t       testing.TB
	address string
}

// startNode starts a node with these settings over those of a test.
func startNode(t testing.TB, settings ...string) *node {
	t.Helper()
	s, err := config.Read(append([]string{
		"LEERKRING_DATA=" + t.TempDir(), "LEERKRING_ADDR=127.0.0.1:0", "LEERKRING_LIMITS=off",
	}, settings...))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	a, err := Domain(ctx, s, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Prepare(ctx, Options{Pace: hub.Pace{Access: 20 * time.Millisecond, Linger: 50 * time.Millisecond}}); err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(ctx)
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- a.Serve(serving, func(address_ string) { address <- address_ }) }()
	n := &node{App: a, t: t}
	select {
	case got := <-address:
		n.address = "http://" + got
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return n
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
