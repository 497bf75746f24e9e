package space

import (
	"net/http"

	"leerkring/community"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// settings is the form for what a space is.
type settings struct {
	layout.Frame
	ID int64
	// Below: it lies in another space, which it cannot be wider than.
	Below bool
	// What is filled in.
	Name, Description string
	Visibility        community.Visibility
	Problem           *page.Problem
}

// Settings shows what a manager can change of a space.
func Settings(v *page.Visit) error {
	return showSettings(v, http.StatusOK, nil)
}

// showSettings shows the form: with what is there, or after a problem with what
// was filled in.
func showSettings(v *page.Visit, status int, problem *page.Problem) error {
	space, err := enterTo(v, community.Manage)
	if err != nil {
		return err
	}
	s := settings{ID: space.ID, Below: space.ParentID != nil, Name: space.Name, Description: space.Description, Visibility: space.Visibility, Problem: problem}
	if problem != nil {
		s.Name, s.Description, s.Visibility = v.Value("name"), v.Value("description"), community.Visibility(v.Value("visibility"))
	}
	if s.Frame, err = frame(v, space, show.NoTab, v.Words.T("space.settings")); err != nil {
		return err
	}
	s.Failed = problem != nil
	return v.ShowAs(status, settingsPage(v, s))
}

func (s settings) visibilityHint(v *page.Visit) string {
	if !s.Below {
		return ""
	}
	return v.Words.T("space.visibility_hint")
}

// Change changes a space.
func Change(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	id, err := v.ID("space")
	if err != nil {
		return err
	}
	_, err = v.Community.ChangeSpace(v.Context(), v.Actor, id, community.SpaceChange{
		Name: new(v.Value("name")), Description: new(v.Value("description")),
		Visibility: new(community.Visibility(v.Value("visibility"))),
	})
	if problem := v.Problem(err); problem != nil {
		return showSettings(v, problem.Status, problem)
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(community.SpacePath(id), "space_saved"))
}
