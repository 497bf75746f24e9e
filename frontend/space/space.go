// Package space has the pages of spaces: which there are, what lies in one, who
// belongs to it, and everything its members and managers can do with it.
package space

import (
	"strconv"

	"leerkring/community"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// enter returns the space in the address, as far as the visitor may know of it.
func enter(v *page.Visit) (community.Space, error) {
	id, err := v.ID("space")
	if err != nil {
		return community.Space{}, err
	}
	return v.Community.Space(v.Context(), v.Actor, id)
}

// enterTo returns the space in the address when the visitor may do this in it.
func enterTo(v *page.Visit, action community.Action) (community.Space, error) {
	space, err := enter(v)
	if err == nil {
		err = space.Allow(v.Actor, action)
	}
	return space, err
}

// may reports whether the visitor may do this in a space, for what a page
// offers; the domain decides once more when it is done.
func may(v *page.Visit, space community.Space, action community.Action) bool {
	return space.Allow(v.Actor, action) == nil
}

// frame returns the frame around a page of a space.
func frame(v *page.Visit, space community.Space, tab show.Tab, title string) (layout.Frame, error) {
	around, err := show.InSpace(v, space, tab)
	if err != nil {
		return layout.Frame{}, err
	}
	around.Title = title
	return v.Frame(around)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
