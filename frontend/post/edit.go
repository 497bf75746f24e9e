package post

import (
	"net/http"
	"regexp"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/live"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// EditForm shows the text of a post to change; with "deel" the form alone, for
// script to put in the post's place.
func EditForm(v *page.Visit) error {
	return showEdit(v, nil)
}

// Edit takes that form. Script gets the post back, or why its text was not
// taken.
func Edit(v *page.Visit) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	// Without a rev: nobody else edits this post, and a reaction that came
	// meanwhile is no reason to refuse a text. What stood there is kept.
	changed, err := v.Forum.Edit(v.Context(), v.Actor, id, forum.EditInput{Body: v.Value("body")})
	if problem := v.Problem(err); problem != nil && v.Wants("post") {
		return v.ShowAs(problem.Status, live.Reason(problem))
	} else if problem != nil {
		return showEdit(v, err)
	}
	if err != nil {
		return err
	}
	if v.Wants("post") {
		return v.Show(live.Post(changed).View())
	}
	return v.Go(show.PostAddress(changed.StreamID, id))
}

// editing is what the form shows.
type editing struct {
	sight
	problem *page.Problem
}

// showEdit shows the form; why is what was wrong with it when it was sent.
func showEdit(v *page.Visit, why error) error {
	s, err := see(v)
	if err != nil {
		return err
	}
	switch {
	case s.May.Edit:
	case why != nil:
		return why
	default:
		return fault.Refused()
	}
	e, status := editing{sight: s}, http.StatusOK
	if e.problem = v.Problem(why); e.problem != nil {
		status = e.problem.Status
	}
	if v.Query("deel") != "" {
		return v.ShowAs(status, e.form())
	}
	if err := e.around(v.Words.T("message.edit_title")); err != nil {
		return err
	}
	e.frame.Failed = e.problem != nil
	e.frame.Scripts = []string{"stream"}
	return v.ShowAs(status, e.page())
}

// composer is filled with the text as it is, or as it was sent and not taken.
func (e editing) composer() component.Composer {
	c := component.Composer{
		ID: "bewerk-" + number(e.Post.ID), Action: editPath(e.Post.ID), Label: e.v.Words.T("message.edit_label"),
		Button: e.v.Words.T("message.save"), Value: e.Post.Body, MaxLength: limits.Body, Extra: e.ratherNot(),
	}
	if e.problem != nil {
		c.Value = e.v.Value("body")
		if c.Error = e.problem.Of("body"); c.Error == "" {
			c.Error = e.problem.Text
		}
	}
	return c
}

// named is somebody whom the text mentions.
type named struct{ ID, Name string }

var mention = regexp.MustCompile(`<span class="mention" data-person="([0-9]+)">@([^<]*)</span>`)

// mentions lists them as the text writes them, so that who edits it knows who is
// who. The names are as they stand in sanitised HTML.
func (e editing) mentions() (people []named) {
	seen := map[string]bool{}
	for _, m := range mention.FindAllStringSubmatch(e.Post.HTML, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			people = append(people, named{ID: m[1], Name: m[2]})
		}
	}
	return people
}

// DeleteForm asks whether a post should go.
func DeleteForm(v *page.Visit) error {
	s, err := see(v)
	if err != nil {
		return err
	}
	if !s.May.Delete {
		return fault.Refused()
	}
	if v.Query("deel") != "" {
		return v.Show(s.askDelete())
	}
	if err := s.around(v.Words.T("message.delete_title")); err != nil {
		return err
	}
	return v.Show(s.deletePage())
}

// Delete takes a post away.
func Delete(v *page.Visit) error {
	return change(v, func(id int64) (forum.Post, error) { return v.Forum.Delete(v.Context(), v.Actor, id) })
}

// Versions shows the texts a post had before, the newest first.
func Versions(v *page.Visit) error {
	s, err := see(v)
	if err != nil {
		return err
	}
	revisions, next, err := v.Forum.Revisions(v.Context(), v.Actor, s.Post.ID, community.Page{Limit: limits.PageMax, Cursor: v.Query("cursor")})
	if err != nil {
		return err
	}
	if err := s.around(v.Words.T("message.versions")); err != nil {
		return err
	}
	return v.Show(s.versionsPage(revisions, next))
}
