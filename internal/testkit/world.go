package testkit

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// Start is when a test's clock stands at first: a Saturday in November.
var Start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// World is the domain on a database of its own, with what it announced.
type World struct {
	t         testing.TB
	DB        *database.DB
	Clock     *clock.Clock
	Community *community.Community
	Forum     *forum.Forum

	mu      sync.Mutex
	changes []forum.Change
}

// NewWorld returns a world without anybody in it.
func NewWorld(t testing.TB, db *database.DB) *World {
	w := &World{t: t, DB: db, Clock: clock.At(Start)}
	w.Community = community.New(db, w.Clock, community.Announcements{})
	w.Forum = forum.New(db, w.Clock, forum.Announcements{Changed: func(c forum.Change) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.changes = append(w.changes, c)
	}})
	return w
}

// EachWorld runs the test in a world on SQLite and in one on PostgreSQL.
func EachWorld(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	EachDatabase(t, func(t *testing.T, db *database.DB) { test(t, NewWorld(t, db)) })
}

// Changes returns what the forum announced since the last call.
func (w *World) Changes() []forum.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	changes := w.changes
	w.changes = nil
	return changes
}

// Person adds somebody, with a mail address made from the name, and returns
// them signed in with every scope.
func (w *World) Person(name string, role ...community.PlatformRole) community.Actor {
	w.t.Helper()
	in := community.NewPerson{Name: name, Mail: MailOf(name), Organisation: "Gemeente Voorbeeldstad"}
	if len(role) > 0 {
		in.Role = role[0]
	}
	id, err := w.Community.AddPerson(context.Background(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.SignedIn(id)
}

// MailOf is the mail address of a test's person.
func MailOf(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@voorbeeldstad.example"
}

// SignedIn returns a person as they are behind a session.
func (w *World) SignedIn(id int64) community.Actor {
	w.t.Helper()
	ctx := context.Background()
	session, err := w.Community.SignIn(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	actor, err := w.Community.IdentifySession(ctx, session.Token)
	if err != nil {
		w.t.Fatal(err)
	}
	return actor
}

// Space makes a space; without a parent it is a community made by maker, who
// must be an administrator then.
func (w *World) Space(maker community.Actor, v community.Visibility, parent int64) community.Space {
	w.t.Helper()
	kind := community.KindGroup
	if parent == 0 {
		kind = community.KindCommunity
	}
	space, err := w.Community.MakeSpace(context.Background(), maker, community.NewSpace{
		Name: fmt.Sprintf("Ruimte van %s (%s)", maker.Name, v), Kind: kind, Visibility: v, Parent: parent})
	if err != nil {
		w.t.Fatal(err)
	}
	return space
}

// Join puts somebody in a space with a role; manager is one of its managers.
func (w *World) Join(manager community.Actor, space community.Space, who community.Actor, role community.Role) {
	w.t.Helper()
	if _, err := w.Community.PutMember(context.Background(), manager, space.ID, who.Person, role); err != nil {
		w.t.Fatal(err)
	}
}

// Stream starts a stream, with a first post unless it is a channel.
func (w *World) Stream(author community.Actor, space community.Space, kind forum.Kind) forum.Stream {
	w.t.Helper()
	in := forum.NewStream{Kind: kind, Title: "Over de toegang tot zorg"}
	if kind != forum.Channel {
		in.Body = "Hoe doen jullie dit in de wijk?"
	}
	stream, err := w.Forum.Start(context.Background(), author, space.ID, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return stream
}

// Post writes a post.
func (w *World) Post(author community.Actor, stream forum.Stream, body string) forum.Post {
	w.t.Helper()
	post, err := w.Forum.Post(context.Background(), author, forum.PostInput{Stream: stream.ID, Body: body})
	if err != nil {
		w.t.Fatal(err)
	}
	return post
}
