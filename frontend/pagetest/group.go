package pagetest

import (
	"context"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/testkit"
)

// Group is a closed space with people in it, and one who is not.
type Group struct {
	*Site
	// Manager manages the space and the platform, Facilitator leads the space,
	// Anna and Bram are members, Olaf belongs to nothing.
	Manager, Facilitator, Anna, Bram, Olaf community.Actor
	Space                                  community.Space
}

// EachGroup runs the test with a group on SQLite and with one on PostgreSQL.
func EachGroup(t *testing.T, test func(t *testing.T, g *Group)) {
	t.Helper()
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) { test(t, newGroup(t, w)) })
}

// NewGroup returns a group on SQLite.
func NewGroup(t *testing.T) *Group {
	t.Helper()
	return newGroup(t, testkit.NewWorld(t, testkit.SQLite(t)))
}

func newGroup(t *testing.T, w *testkit.World) *Group {
	t.Helper()
	g := &Group{Site: New(t, w)}
	g.Manager = w.Person("Mieke Manager", community.RoleAdmin)
	g.Facilitator, g.Anna, g.Bram, g.Olaf = w.Person("Fatima Begeleider"), w.Person("Anna Smit"), w.Person("Bram Bos"), w.Person("Olaf Buiten")
	g.Space = g.NewSpace("Pilot Samen wonen", community.Closed, 0)
	w.Join(g.Manager, g.Space, g.Facilitator, community.Facilitator)
	w.Join(g.Manager, g.Space, g.Anna, community.Member)
	w.Join(g.Manager, g.Space, g.Bram, community.Member)
	return g
}

// NewSpace makes a space with a name, managed by Manager.
func (g *Group) NewSpace(name string, v community.Visibility, parent int64) community.Space {
	g.t.Helper()
	kind := community.KindGroup
	if parent == 0 {
		kind = community.KindCommunity
	}
	space, err := g.Community.MakeSpace(context.Background(), g.Manager, community.NewSpace{
		Name: name, Kind: kind, Visibility: v, Parent: parent, Description: "Waar " + name + " voor is.",
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return space
}

// Start starts a stream with a title in a space.
func (g *Group) Start(author community.Actor, space community.Space, kind forum.Kind, title string, tags ...string) forum.Stream {
	g.t.Helper()
	in := forum.NewStream{Kind: kind, Title: title, Tags: tags}
	if kind != forum.Channel {
		in.Body = "Eerste woorden over " + title + "."
	}
	stream, err := g.Forum.Start(context.Background(), author, space.ID, in)
	if err != nil {
		g.t.Fatal(err)
	}
	return stream
}
