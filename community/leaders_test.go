package community_test

import (
	"testing"

	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

func TestLeadersAndMemberOfASpace(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		manager := w.Person("Mieke Manager", community.RoleAdmin)
		anna, bram, outsider := w.Person("Anna"), w.Person("Bram"), w.Person("Olaf")
		space := w.Space(manager, community.Closed, 0)
		w.Join(manager, space, anna, community.Facilitator)
		w.Join(manager, space, bram, community.Member)

		leaders, err := w.Community.Leaders(ctx, bram, space.ID, 10)
		if err != nil || len(leaders) != 2 || leaders[0].Person.Name != "Mieke Manager" || leaders[1].Role != community.Facilitator {
			t.Errorf("leaders %+v, %v", leaders, err)
		}
		if leaders, err = w.Community.Leaders(ctx, bram, space.ID, 1); err != nil || len(leaders) != 1 {
			t.Errorf("at most one: %+v, %v", leaders, err)
		}
		if _, err = w.Community.Leaders(ctx, outsider, space.ID, 10); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider is told who leads a closed space: %v", err)
		}
		if err := w.Community.Disable(ctx, testkit.MailOf("Anna")); err != nil {
			t.Fatal(err)
		}
		if leaders, err = w.Community.Leaders(ctx, bram, space.ID, 10); err != nil || len(leaders) != 1 {
			t.Errorf("who left still leads: %+v, %v", leaders, err)
		}

		m, err := w.Community.Member(ctx, bram, space.ID, manager.Person)
		if err != nil || m.Role != community.Manager || m.Person.Organisation == "" {
			t.Errorf("member %+v, %v", m, err)
		}
		for who, person := range map[community.Actor]int64{bram: outsider.Person, outsider: bram.Person} {
			if _, err := w.Community.Member(ctx, who, space.ID, person); kindOf(err) != fault.NotFound {
				t.Errorf("%s asks for %d: %v", who.Name, person, err)
			}
		}
	})
}

func TestAboveLeadsToTheTop(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		admin, reader := w.Person("Mieke Manager", community.RoleAdmin), w.Person("Rik Lezer")
		top := w.Space(admin, community.Open, 0)
		middle := w.Space(admin, community.Open, top.ID)
		bottom := w.Space(admin, community.Closed, middle.ID)
		for _, who := range []community.Actor{admin, reader} { // who sees but its card knows the way as well
			space, err := w.Community.Space(ctx, who, bottom.ID)
			if err != nil {
				t.Fatal(err)
			}
			above, err := w.Community.Above(ctx, who, space)
			if err != nil || len(above) != 2 || above[0].ID != top.ID || above[1].ID != middle.ID {
				t.Errorf("%s: above %+v, %v", who.Name, above, err)
			}
		}
		if above, err := w.Community.Above(ctx, reader, top); err != nil || len(above) != 0 {
			t.Errorf("above the top: %+v, %v", above, err)
		}
	})
}
