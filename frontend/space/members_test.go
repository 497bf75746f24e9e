package space_test

import (
	"net/http"
	"testing"

	"leerkring/community"
	"leerkring/frontend/pagetest"
)

func TestMembersAsSeenByEachRole(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		members := path(g.Space, "/leden")
		anna := path(g.Space, "/leden/"+itoa(g.Anna.Person))
		g.As(g.Bram).Get(members).Wants(http.StatusOK, "4 leden", "Anna Smit", "Fatima Begeleider begeleider", "beheerder").Lacks("Wijzig", "Nodig iemand uit", "Olaf")
		g.As(g.Bram).Get(anna).Wants(http.StatusForbidden)
		g.As(g.Bram).Post(anna, "role", "manager").Wants(http.StatusForbidden)
		g.As(g.Bram).Post(anna, "remove", "ja").Wants(http.StatusForbidden)

		facilitator := g.As(g.Facilitator)
		facilitator.Get(members).Wants(http.StatusOK, "Wijzig Anna Smit", "Nodig iemand uit").Lacks("Wijzig Fatima")
		page := facilitator.Get(anna).Wants(http.StatusOK, "digicoach").Lacks("beheerder")
		facilitator.Follow(facilitator.Submit(page.Form(anna), "role", "coach")).Wants(http.StatusOK, "Bewaard.")
		g.As(g.Bram).Get(members).Wants(http.StatusOK, "digicoach")
		facilitator.Post(anna, "role", "manager").Wants(http.StatusForbidden, "Alleen een beheerder van deze ruimte")
		g.As(g.Manager).Get(anna).Wants(http.StatusOK, "beheerder")
	})
}

func TestRemovingAMemberIsAskedFirst(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		anna := path(g.Space, "/leden/"+itoa(g.Anna.Person))
		facilitator := g.As(g.Facilitator)
		ask := facilitator.Get(facilitator.Get(anna).Link("Haal Anna Smit uit deze ruimte")).
			Wants(http.StatusOK, "Moet Anna Smit uit deze ruimte?", "leest dan niets meer")
		facilitator.Follow(facilitator.Submit(ask.Form(anna))).Wants(http.StatusOK, "uit de ruimte gehaald").Lacks("Anna Smit")
		g.As(g.Anna).Get(path(g.Space, "/leden")).Wants(http.StatusNotFound)
	})
}

func TestAWrongRoleComesBack(t *testing.T) {
	g := pagetest.NewGroup(t)
	anna := path(g.Space, "/leden/"+itoa(g.Anna.Person))
	g.As(g.Facilitator).Post(anna, "role", "koning").Wants(http.StatusUnprocessableEntity, "Wat doet deze persoon in de ruimte?", "Kies een van deze")
	manager := path(g.Space, "/leden/"+itoa(g.Manager.Person))
	g.As(g.Manager).Post(manager, "remove", "ja").Wants(http.StatusConflict, "Je bent de laatste beheerder")
	g.As(g.Facilitator).Post(path(g.Space, "/leden/"+itoa(g.Olaf.Person)), "remove", "ja").Wants(http.StatusNotFound)
}

func TestSearchingMembers(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		bram := g.As(g.Bram)
		members := path(g.Space, "/leden")
		bram.Submit(bram.Get(members).Form(members), "q", "smit").Wants(http.StatusOK, "Anna Smit").Lacks(">Bram Bos</a>")
		bram.Get(members+"?q=niemand").Wants(http.StatusOK, "Niemand in deze ruimte heet zo")
		bram.Get(members + "?verder=onzin").Wants(http.StatusUnprocessableEntity)
	})
}

func TestMemberOfAGroupBelowIsShutOutUntilTheyAreAbove(t *testing.T) {
	g := pagetest.NewGroup(t)
	below := g.NewSpace("Werkgroep", community.Closed, g.Space.ID)
	if _, err := g.Community.PutMember(ctx, g.Manager, below.ID, g.Olaf.Person, community.Member); err != nil {
		t.Fatal(err)
	}
	g.As(g.Manager).Get(path(below, "/leden")).Wants(http.StatusOK, "Olaf Buiten", "Kan hier pas lezen als lid van de ruimte erboven")
	g.As(g.Olaf).Get(path(below, "")).Wants(http.StatusNotFound)
}
