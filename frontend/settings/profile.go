package settings

import (
	"net/http"

	"leerkring/community"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// profile is the form for what others see.
type profile struct {
	layout.Frame
	In      community.ProfileChange
	Problem *page.Problem
}

// Profile shows what others see of the visitor.
func Profile(v *page.Visit) error {
	me, err := v.Community.Person(v.Context(), v.Actor, v.Actor.Person)
	if err != nil {
		return err
	}
	return showProfile(v, http.StatusOK, community.ProfileChange{Name: me.Name, Organisation: me.Organisation, About: me.About}, nil)
}

func showProfile(v *page.Visit, status int, in community.ProfileChange, problem *page.Problem) error {
	f, err := frame(v, v.Words.T("settings.profile"))
	if err != nil {
		return err
	}
	f.Failed = problem != nil
	return v.ShowAs(status, profilePage(v, profile{Frame: f, In: in, Problem: problem}))
}

// SaveProfile saves what others see.
func SaveProfile(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	in := community.ProfileChange{Name: v.Value("name"), Organisation: v.Value("organisation"), About: v.Value("about")}
	err := v.Community.ChangeProfile(v.Context(), v.Actor, in)
	if problem := v.Problem(err); problem != nil {
		return showProfile(v, problem.Status, in, problem)
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(profilePath, "profile_saved"))
}
