package space

import (
	"net/http"
	"slices"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// beginning is the form for a new space.
type beginning struct {
	layout.Frame
	In      community.NewSpace
	Problem *page.Problem
	Parents []component.Choice
}

// New shows the form for a new space.
func New(v *page.Visit) error {
	in := community.NewSpace{Kind: community.KindGroup, Visibility: community.Closed, Parent: v.QueryID("onder")}
	if in.Parent == 0 && v.Actor.IsAdmin() {
		in.Kind = community.KindCommunity
	}
	return showNew(v, http.StatusOK, in, nil)
}

func showNew(v *page.Visit, status int, in community.NewSpace, problem *page.Problem) error {
	b := beginning{In: in, Problem: problem}
	var err error
	b.Frame, err = v.Frame(page.Around{
		Title: v.Words.T("space.begin"), Section: layout.Spaces,
		Trail: component.Trail{{Label: v.Words.T("frame.spaces"), Href: layout.SpacesPath}},
	})
	if err != nil {
		return err
	}
	b.Failed = problem != nil
	if b.Parents, err = parents(v, in.Parent); err != nil {
		return err
	}
	return v.ShowAs(status, newPage(v, b))
}

// parents are the spaces in which the visitor may make one; an administrator may
// make one that lies in no other.
func parents(v *page.Visit, chosen int64) (choices []component.Choice, err error) {
	if v.Actor.IsAdmin() {
		choices = append(choices, component.Choice{Value: "0", Label: v.Words.T("space.on_its_own"), Chosen: chosen == 0})
	}
	spaces, err := v.MySpaces()
	for _, s := range spaces {
		if mayHold(v, s) {
			choices = append(choices, component.Choice{Value: itoa(s.ID), Label: s.Name, Chosen: s.ID == chosen})
		}
	}
	return choices, err
}

// Make makes a space.
func Make(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	in := community.NewSpace{
		Name: v.Value("name"), Description: v.Value("description"), Kind: community.SpaceKind(v.Value("kind")),
		Visibility: community.Visibility(v.Value("visibility")), Parent: v.ValueID("parent"),
	}
	space, err := v.Community.MakeSpace(v.Context(), v.Actor, in)
	if problem := v.Problem(err); problem != nil {
		return showNew(v, problem.Status, in, problem)
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(community.SpacePath(space.ID), "space_made"))
}

// kindChoices are the kinds of space that people make themselves. Communities
// and organisations take an administrator.
func kindChoices(v *page.Visit, chosen community.SpaceKind) (choices []component.Choice) {
	kinds := []community.SpaceKind{community.KindGroup, community.KindCohort}
	if v.Actor.IsAdmin() {
		kinds = slices.Insert(kinds, 0, community.KindCommunity, community.KindOrganisation)
	}
	for _, k := range kinds {
		choices = append(choices, component.Choice{
			Value: string(k), Label: v.Words.T("space.a_" + string(k)), Description: v.Words.T("space.what_" + string(k)), Chosen: k == chosen,
		})
	}
	return choices
}

func visibilityChoices(v *page.Visit, chosen community.Visibility) (choices []component.Choice) {
	for _, each := range []community.Visibility{community.Open, community.Closed, community.Hidden} {
		choices = append(choices, component.Choice{
			Value: string(each), Label: v.Words.T("space." + string(each)), Description: v.Words.T("space." + string(each) + "_what"), Chosen: each == chosen,
		})
	}
	return choices
}
