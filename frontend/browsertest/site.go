// Package browsertest runs the whole product on a free port of this machine and
// visits it with a real browser, for the tests of what pages do with script.
package browsertest

import (
	"context"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend"
	"leerkring/internal/app"
	"leerkring/internal/config"
)

// Site is a node that serves, with its data in a folder that goes with the test.
type Site struct {
	*app.App
	URL string

	t        testing.TB
	settings config.Settings
	demo     []frontend.DemoPerson
	stop     func()
}

// Start starts a node and waits until it takes requests. Demo are the people one
// may be by one click.
func Start(t testing.TB, demo ...frontend.DemoPerson) *Site {
	t.Helper()
	address := freeAddress(t)
	s := &Site{t: t, demo: demo, URL: "http://" + address, settings: config.Settings{
		Addr: address, URL: "http://" + address, Data: t.TempDir(), Limits: "off", QueueBytes: 1 << 20,
	}}
	s.Serve()
	t.Cleanup(func() { s.Stop() })
	return s
}

// freeAddress is one on which nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Serve starts the node again after [Site.Stop], on the same address and data.
func (s *Site) Serve() {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, cancel := context.WithCancel(context.Background())
	node, err := app.Domain(ctx, s.settings, log)
	if err != nil {
		cancel()
		s.t.Fatal(err)
	}
	if err := node.Prepare(ctx, app.Options{Demo: s.demo}); err != nil {
		cancel()
		s.t.Fatal(err)
	}
	s.App = node
	ready, over := make(chan struct{}), make(chan error, 1)
	go func() { over <- node.Serve(ctx, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-over:
		s.t.Fatal("the node stopped: ", err)
	case <-time.After(20 * time.Second):
		s.t.Fatal("the node did not start")
	}
	s.stop = func() {
		cancel()
		if err := <-over; err != nil {
			s.t.Error("the node stopped: ", err)
		}
	}
}

// Stop stops the node; its data stays.
func (s *Site) Stop() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// Person adds somebody and returns them signed in.
func (s *Site) Person(name, mail string, role community.PlatformRole) community.Actor {
	s.t.Helper()
	id, err := s.Community.AddPerson(context.Background(), community.NewPerson{
		Name: name, Mail: mail, Organisation: "Gemeente Voorbeeldstad", Role: role,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Actor(id)
}

// Actor returns somebody as they are behind a session.
func (s *Site) Actor(person int64) community.Actor {
	s.t.Helper()
	actor, err := s.Community.IdentifySession(context.Background(), s.session(person))
	if err != nil {
		s.t.Fatal(err)
	}
	return actor
}

func (s *Site) session(person int64) string {
	s.t.Helper()
	session, err := s.Community.SignIn(context.Background(), person)
	if err != nil {
		s.t.Fatal(err)
	}
	return session.Token
}

// Post writes a post on somebody's behalf.
func (s *Site) Post(author community.Actor, stream int64, body string) forum.Post {
	s.t.Helper()
	post, err := s.Forum.Post(context.Background(), author, forum.PostInput{Stream: stream, Body: body})
	if err != nil {
		s.t.Fatal(err)
	}
	return post
}
