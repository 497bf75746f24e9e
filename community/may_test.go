package community_test

import (
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/testkit"
)

// May and Enter are one question.
func TestMaySaysWhatEnterSays(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, s := range situations(w) {
			for _, action := range []community.Action{community.SeeCard, community.Read, community.Write, community.Manage} {
				if err := w.Community.May(ctx, s.actor, action, s.space.ID); kindOf(err) != s.expected(action) {
					t.Errorf("%s, action %d: %v", s.name, action, err)
				}
			}
			manages := s.expected(community.ManageMembers)
			if err := w.Community.MaySeeInvitations(ctx, s.actor, s.space.ID); kindOf(err) != manages {
				t.Errorf("%s, invitations: %v", s.name, err)
			}
			other := managerOf(w, s)
			put := w.Community.MayPutMember(ctx, s.actor, s.space.ID, other.Person)
			_, err := w.Community.PutMember(ctx, s.actor, s.space.ID, other.Person, "")
			if kindOf(put) != kindOf(err) {
				t.Errorf("%s, put: may says %v, doing it %v", s.name, put, err)
			}
		}
	})
}

// Whether one may comes before what one asked.
func TestAccessComesBeforeTheQuestion(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		admin, outsider := w.Person("Ada", community.RoleAdmin), w.Person("Otto")
		hidden := w.Space(admin, community.Hidden, 0)
		odd := community.Page{Limit: 1, Cursor: "?"}
		long := strings.Repeat("a", limits.Query+1)
		for who, want := range map[*community.Actor]fault.Kind{&admin: fault.Invalid, &outsider: fault.NotFound} {
			_, _, cursor := w.Community.Members(ctx, *who, hidden.ID, "", odd)
			_, _, question := w.Community.Members(ctx, *who, hidden.ID, long, community.Page{Limit: 1})
			_, _, invited := w.Community.Invitations(ctx, *who, hidden.ID, odd)
			_, _, people := w.Community.People(ctx, *who, community.PeopleQuery{Space: hidden.ID}, odd)
			_, _, name := w.Community.People(ctx, *who, community.PeopleQuery{Space: hidden.ID, Q: long}, community.Page{Limit: 1})
			for what, err := range map[string]error{"cursor": cursor, "q": question, "invitations": invited, "people": people, "name": name} {
				if kindOf(err) != want {
					t.Errorf("%s, %s: %v", who.Name, what, err)
				}
			}
		}
	})
}

// A token that may not write changes nothing, not even to what it is already;
// and what is not there comes before that.
func TestReadOnlyTokenAndWhatIsNotThere(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		admin := w.Person("Ada", community.RoleAdmin)
		space := w.Space(admin, community.Open, 0)
		reader := admin
		reader.Scopes = community.ScopeRead
		if _, err := w.Community.PutMember(ctx, reader, space.ID, admin.Person, ""); kindOf(err) != fault.Forbidden {
			t.Errorf("staying a member: %v", err)
		}
		if _, err := w.Community.AcceptInvitation(ctx, reader, "nothing"); kindOf(err) != fault.NotFound {
			t.Errorf("no invitation: %v", err)
		}
		made, err := w.Community.Invite(ctx, admin, space.ID, community.NewInvitation{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Community.AcceptInvitation(ctx, reader, made.Code); kindOf(err) != fault.Forbidden {
			t.Errorf("accepting: %v", err)
		}
		if _, err := w.Community.MakeSpace(ctx, reader, community.NewSpace{Kind: community.KindGroup, Name: "x", Parent: 987654321}); kindOf(err) != fault.Forbidden {
			t.Errorf("making a space in nothing: %v", err)
		}
	})
}
