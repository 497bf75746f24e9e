package space

import (
	"leerkring/community"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// Join makes the visitor a member of an open space.
func Join(v *page.Visit) error {
	id, err := v.ID("space")
	if err != nil {
		return err
	}
	if _, err := v.Community.PutMember(v.Context(), v.Actor, id, v.Actor.Person, ""); err != nil {
		return err
	}
	return v.Go(page.Done(community.SpacePath(id), "joined"))
}

// leaving asks whether somebody really wants to go.
type leaving struct {
	layout.Frame
	Space   community.Space
	Problem *page.Problem
}

// AskLeave asks whether the visitor wants to leave a space.
func AskLeave(v *page.Visit) error {
	l, err := loadLeaving(v, nil)
	if err != nil {
		return err
	}
	return v.Show(leavePage(v, l))
}

func loadLeaving(v *page.Visit, problem *page.Problem) (l leaving, err error) {
	if l.Space, err = enterTo(v, community.Leave); err != nil {
		return l, err
	}
	l.Frame, err = frame(v, l.Space, show.NoTab, v.Words.T("space.leave"))
	l.Problem, l.Failed = problem, problem != nil
	return l, err
}

// Leave ends the visitor's own membership.
func Leave(v *page.Visit) error {
	id, err := v.ID("space")
	if err != nil {
		return err
	}
	err = v.Community.RemoveMember(v.Context(), v.Actor, id, v.Actor.Person)
	if problem := v.Problem(err); problem != nil {
		l, err := loadLeaving(v, problem)
		if err != nil {
			return err
		}
		return v.ShowAs(problem.Status, leavePage(v, l))
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(layout.SpacesPath, "left"))
}

// Follow keeps what the visitor wants to hear of a space.
func Follow(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	id, err := v.ID("space")
	if err != nil {
		return err
	}
	if err := v.Community.SetLevel(v.Context(), v.Actor, id, community.Level(v.Value("level"))); err != nil {
		return err
	}
	return v.Go(page.Done(community.SpacePath(id), "level_saved"))
}
