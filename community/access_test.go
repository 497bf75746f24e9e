package community_test

import (
	"context"
	"slices"
	"testing"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

func kindOf(err error) fault.Kind {
	if e, ok := fault.As(err); ok {
		return e.Kind
	}
	if err != nil {
		return -1
	}
	return 0
}

// The matrix, written out by hand: what each role may do in a space it may
// read. It is compared with all three ways to ask.
var matrix = map[community.Action]string{ // one letter per role that may: outsider, member, coach, facilitator, Manager
	community.SeeCard:        "omcfM",
	community.Read:           "omcfM",
	community.Follow:         "omcfM",
	community.Join:           "omcfM",
	community.Leave:          "mcfM",
	community.Write:          "mcfM",
	community.EditOwn:        "mcfM",
	community.DeleteOwn:      "mcfM",
	community.EditOthers:     "",
	community.DeleteOthers:   "fM",
	community.Tidy:           "fM",
	community.AcceptForAsker: "fM",
	community.WriteInClosed:  "fM",
	community.ManageMembers:  "fM",
	community.Manage:         "M",
}

var letters = map[community.Role]byte{
	community.Outsider: 'o', community.Member: 'm', community.Coach: 'c', community.Facilitator: 'f', community.Manager: 'M',
}

// situation is one person before one space.
type situation struct {
	name string
	// role in the space; above: they may read what stands above it.
	role  community.Role
	above bool
	actor community.Actor
	space community.Space
}

// readable is the rule in words: everybody who may read what is above reads an
// open space, members read the others.
func (s situation) readable() bool {
	return s.above && (s.space.Visibility == community.Open || s.role != community.Outsider)
}

func (s situation) cardVisible() bool {
	return s.readable() || s.above && s.space.Visibility == community.Closed
}

func (s situation) expected(action community.Action) fault.Kind {
	switch {
	case s.readable():
		for i := range matrix[action] {
			if matrix[action][i] == letters[s.role] {
				return 0
			}
		}
		return fault.Forbidden
	case s.cardVisible() && action == community.SeeCard:
		return 0
	case s.cardVisible() && action == community.Manage:
		return fault.Forbidden
	}
	return fault.NotFound
}

func TestAccessMatrix(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		checked := 0
		for _, s := range situations(w) {
			stream := w.Stream(managerOf(w, s), s.space, "channel")
			for action := range matrix {
				checked++
				var entered community.Space
				err := w.DB.Read(ctx, func(tx *database.Tx) (err error) {
					entered, err = community.Enter(tx, s.actor, action, s.space.ID)
					return err
				})
				if want := s.expected(action); kindOf(err) != want {
					t.Errorf("%s, action %d: Enter says %v, want kind %d", s.name, action, err, want)
				}
				if err == nil && entered.ID != s.space.ID {
					t.Errorf("%s: entered %d", s.name, entered.ID)
				}
			}
			if _, err := w.Community.MayListen(ctx, s.actor, stream.ID); (err == nil) != s.readable() || err != nil && kindOf(err) != fault.NotFound {
				t.Errorf("%s: MayListen says %v", s.name, err)
			}
			may, err := w.Community.Listeners(ctx, []int64{s.actor.Person, 1 << 40}, []int64{stream.ID, 1 << 40})
			if err != nil || slices.Contains(may, community.Listening{PersonID: s.actor.Person, StreamID: stream.ID}) != s.readable() || len(may) > 1 {
				t.Errorf("%s: Listeners says %v, %v", s.name, may, err)
			}
			if got := isVisible(t, w, s); got != s.readable() {
				t.Errorf("%s: Visible says %v", s.name, got)
			}
			listed, readable := inList(t, w, s)
			if listed != s.cardVisible() || readable != s.readable() {
				t.Errorf("%s: in the list %v, readable there %v", s.name, listed, readable)
			}
		}
		if len(matrix) != len(community.Actions) || checked < 5*3*5*len(matrix) {
			t.Errorf("%d actions of %d, %d checks", len(matrix), len(community.Actions), checked)
		}
	})
}

// situations makes every role before a top space of every visibility, and
// before a child of every visibility under a parent they may and may not read.
func situations(w *testkit.World) (all []situation) {
	admin := w.Person("Ada Admin", community.RoleAdmin)
	roles := append([]community.Role{community.Outsider}, community.Roles...)
	visibilities := []community.Visibility{community.Open, community.Closed, community.Hidden}
	n := 0
	add := func(space community.Space, role community.Role, above bool, parent *community.Space, name string) {
		n++
		person := w.Person("Persoon " + string(rune('a'+n/26)) + string(rune('a'+n%26)))
		if parent != nil && above {
			w.Join(admin, *parent, person, community.Member)
		}
		if role != community.Outsider {
			w.Join(admin, space, person, role)
		}
		all = append(all, situation{name: name + ", role " + string(role), role: role, above: above, actor: person, space: space})
	}
	for _, v := range visibilities {
		top := w.Space(admin, v, 0)
		for _, role := range roles {
			add(top, role, true, nil, "top "+string(v))
		}
		for _, child := range visibilities {
			space := w.Space(admin, child, top.ID)
			for _, role := range roles {
				add(space, role, true, &top, string(child)+" in "+string(v))
				add(space, role, v == community.Open, nil, string(child)+" in "+string(v)+" not entered")
			}
		}
	}
	// A platform administrator who is no member is as anyone else.
	other := w.Person("Aad Ander", community.RoleAdmin)
	for _, v := range visibilities {
		all = append(all, situation{name: "an administrator before " + string(v), above: true, actor: other, space: w.Space(admin, v, 0)})
	}
	return all
}

// managerOf finds the one who made all spaces.
func managerOf(w *testkit.World, s situation) community.Actor {
	id, err := w.Community.PersonByMail(ctx, testkit.MailOf("Ada Admin"))
	if err != nil {
		panic(err)
	}
	return w.SignedIn(id)
}

func isVisible(t *testing.T, w *testkit.World, s situation) (visible bool) {
	t.Helper()
	condition, arg := community.Visible(s.actor, "x.id")
	if err := w.DB.Read(ctx, func(tx *database.Tx) (err error) {
		visible, err = tx.Exists(`SELECT 1 FROM spaces x WHERE x.id = ? AND `+condition, s.space.ID, arg)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return visible
}

func inList(t *testing.T, w *testkit.World, s situation) (listed, readable bool) {
	t.Helper()
	spaces, _, err := w.Community.Spaces(ctx, s.actor, community.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, space := range spaces {
		if space.ID == s.space.ID {
			return true, space.Readable
		}
	}
	return false, false
}

// A token that only reads may do nothing else, whatever the role.
func TestReadScopeOnlyReads(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	admin := w.Person("Ada Admin", community.RoleAdmin)
	space := w.Space(admin, community.Closed, 0)
	reader := admin
	reader.Scopes = community.ScopeRead
	for action := range matrix {
		err := w.DB.Read(ctx, func(tx *database.Tx) error {
			_, err := community.Enter(tx, reader, action, space.ID)
			return err
		})
		want := fault.Forbidden
		if action == community.SeeCard || action == community.Read {
			want = 0
		}
		if kindOf(err) != want {
			t.Errorf("action %d: %v", action, err)
		}
	}
}

// What becomes closed is closed at once, for all below it as well.
func TestVisibilityReachesDown(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		admin, visitor := w.Person("Ada Admin", community.RoleAdmin), w.Person("Vera")
		top := w.Space(admin, community.Open, 0)
		middle := w.Space(admin, community.Open, top.ID)
		bottom := w.Space(admin, community.Open, middle.ID)
		read := func() fault.Kind {
			_, err := w.Community.Space(ctx, visitor, bottom.ID)
			return kindOf(err)
		}
		if got := read(); got != 0 {
			t.Fatalf("open: %v", got)
		}
		for _, v := range []community.Visibility{community.Closed, community.Hidden} {
			if _, err := w.Community.ChangeSpace(ctx, admin, top.ID, community.SpaceChange{Visibility: &v}); err != nil {
				t.Fatal(err)
			}
			if got := read(); got != fault.NotFound {
				t.Errorf("under %s: %v", v, got)
			}
		}
		open := community.Open
		if _, err := w.Community.ChangeSpace(ctx, admin, top.ID, community.SpaceChange{Visibility: &open}); err != nil {
			t.Fatal(err)
		}
		if got := read(); got != 0 {
			t.Errorf("open again: %v", got)
		}
	})
}
