package question_test

import (
	"context"
	"net/http"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
)

var ctx = context.Background()

func TestQuestionsByWhatTheyWaitFor(t *testing.T) {
	pagetest.EachGroup(t, func(t *testing.T, g *pagetest.Group) {
		g.Start(g.Bram, g.Space, forum.Question, "Mag een buurtteam meekijken?")
		answered := g.Start(g.Anna, g.Space, forum.Question, "Wie heeft de sleutel?")
		answer := g.Post(g.Bram, answered, "Ik heb hem.")
		if _, err := g.Forum.Accept(ctx, g.Anna, answered.ID, answer.ID); err != nil {
			t.Fatal(err)
		}
		bram := g.As(g.Bram)
		open := bram.Get("/vragen").Wants(http.StatusOK, "Mag een buurtteam meekijken?", "Pilot Samen wonen", "Wacht op antwoord").Lacks("Wie heeft de sleutel?")
		if open.Heading() != "Vragen" {
			t.Error("heading", open.Heading())
		}
		bram.Get(open.Link("Beantwoord")).Wants(http.StatusOK, "Wie heeft de sleutel?").Lacks("Mag een buurtteam meekijken?")
		bram.Get(open.Link("Mijn vragen")).Wants(http.StatusOK, "Mag een buurtteam meekijken?").Lacks("Wie heeft de sleutel?")
		bram.Get(open.Link("Alle")).Wants(http.StatusOK, "Mag een buurtteam meekijken?", "Wie heeft de sleutel?")
		open.AnyLink(community.SpacePath(g.Space.ID) + "/nieuw?soort=question")

		g.As(g.Olaf).Get("/vragen?welke=alle").Wants(http.StatusOK, "Er is nog niets gevraagd").Lacks("buurtteam", "Stel een vraag")
	})
}

func TestNothingToAnswerIsGoodNews(t *testing.T) {
	g := pagetest.NewGroup(t)
	bram := g.As(g.Bram)
	bram.Get("/vragen").Wants(http.StatusOK, "Er wacht geen enkele vraag op antwoord.", "Mooi werk.")
	bram.Get("/vragen?welke=mijn").Wants(http.StatusOK, "Je hebt nog niets gevraagd.")
	bram.Get("/vragen?welke=onzin").Wants(http.StatusOK, "Er wacht geen enkele vraag op antwoord.")
	bram.Get("/vragen?verder=onzin").Wants(http.StatusUnprocessableEntity)
}
