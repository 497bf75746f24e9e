// Package person shows who somebody is: their name, where they work, what they
// tell about themselves, and where one meets them.
package person

import (
	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// person is what stands on the page.
type person struct {
	layout.Frame
	Person community.Person
	// Me: it is the visitor's own page.
	Me      bool
	Problem *page.Problem
}

// Show shows somebody's page.
func Show(v *page.Visit) error {
	p, err := load(v, nil)
	if err != nil {
		return err
	}
	return v.Show(personPage(v, p))
}

func load(v *page.Visit, problem *page.Problem) (p person, err error) {
	id, err := v.ID("person")
	if err != nil {
		return p, err
	}
	if p.Person, err = v.Community.Person(v.Context(), v.Actor, id); err != nil {
		return p, err
	}
	p.Me, p.Problem = id == v.Actor.Person, problem
	p.Frame, err = v.Frame(page.Around{Title: p.Person.Name})
	return p, err
}

// Talk opens the conversation of the visitor with somebody.
func Talk(v *page.Visit) error {
	id, err := v.ID("person")
	if err != nil {
		return err
	}
	space, err := v.Forum.Direct(v.Context(), v.Actor, []int64{id})
	if problem := v.Problem(err); problem != nil {
		p, err := load(v, problem)
		if err != nil {
			return err
		}
		return v.ShowAs(problem.Status, personPage(v, p))
	}
	if err != nil {
		return err
	}
	return v.Go(community.SpacePath(space.ID))
}

func (p person) avatar() component.Avatar { return component.Avatar{Name: p.Person.Name} }
