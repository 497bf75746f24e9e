package stream

import (
	"net/http"
	"time"

	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/live"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// fromThread is the value of the field "from" in the composer of a thread: its
// answer goes back there.
const fromThread = "draad"

// Write takes a post. Script that has no socket sends it here too, and gets the
// post back to put in its place.
func Write(v *page.Visit) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	made, err := v.Forum.Post(v.Context(), v.Actor, forum.PostInput{
		Stream: id, Body: v.Value("body"), Nonce: v.Value("nonce"), Parent: v.ValueID("parent"),
	})
	if problem := v.Problem(err); problem != nil {
		return notWritten(v, problem)
	}
	if err != nil {
		return err
	}
	if v.Wants("post") {
		return v.ShowAs(http.StatusCreated, live.Post(made).View())
	}
	if seen := v.ValueID("seen"); seen > 0 {
		if err := v.Forum.Seen(v.Context(), v.Actor, id, seen); err != nil {
			return err
		}
	}
	if v.Value("from") == fromThread {
		return v.Go(component.ThreadPath(made.ID) + "#post-" + number(made.ID))
	}
	return v.Go(show.PostAddress(id, made.ID))
}

// notWritten shows the page again, with what was typed and why it was not taken.
func notWritten(v *page.Visit, problem *page.Problem) error {
	d := draft{Body: v.Value("body"), Nonce: v.Value("nonce"), Problem: problem}
	switch {
	case v.Wants("post"):
		return v.ShowAs(problem.Status, live.Reason(problem))
	case v.Value("from") == fromThread:
		return showThread(v, v.ValueID("parent"), problem.Status, d)
	}
	return showStream(v, problem.Status, d)
}

// lastWritten is when a post got the text it has.
func lastWritten(p forum.Post) time.Time {
	if p.EditedAt != nil {
		return *p.EditedAt
	}
	return p.CreatedAt
}
