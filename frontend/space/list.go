package space

import (
	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
	"leerkring/internal/limits"
)

// List shows the spaces there are: the visitor's own, then the others.
func List(v *page.Visit) error {
	frame, err := v.Frame(page.Around{Title: v.Words.T("frame.spaces"), Section: layout.Spaces})
	if err != nil {
		return err
	}
	l := list{Frame: frame, MayMake: mayMakeSpace(v)}
	spaces, next, err := v.Community.Spaces(v.Context(), v.Actor, community.Page{Limit: limits.PageMax, Cursor: v.Query("verder")})
	if err != nil {
		return err
	}
	if next != "" {
		l.Pager.Older = layout.SpacesPath + "?verder=" + next
	}
	for _, s := range spaces {
		card, err := show.SpaceCard(v, s)
		if err != nil {
			return err
		}
		switch {
		case s.Kind == community.KindDirect:
			card.Direct, card.Closed, card.Members = true, false, 0 // who is in it is its name
			l.Direct = append(l.Direct, card)
		case s.Role != community.Outsider:
			l.Mine = append(l.Mine, card)
		default:
			if may(v, s, community.Join) {
				card.Foot = show.Join(v, s, component.Secondary)
			}
			l.Others = append(l.Others, card)
		}
	}
	return v.Show(listPage(v, l))
}

type list struct {
	layout.Frame
	Mine, Others, Direct []component.SpaceCard
	MayMake              bool
	Pager                component.Pager
}

// mayMakeSpace reports whether the visitor may make a space somewhere: anywhere
// as an administrator, else in a space they belong to.
func mayMakeSpace(v *page.Visit) bool {
	spaces, err := v.MySpaces()
	if err != nil || v.Actor.IsAdmin() {
		return err == nil
	}
	for _, s := range spaces {
		if mayHold(v, s) {
			return true
		}
	}
	return false
}

// mayHold reports whether the visitor may make a space in this one.
func mayHold(v *page.Visit, space community.Space) bool {
	return space.Kind != community.KindDirect && may(v, space, community.Write)
}
