package space

import (
	"leerkring/community"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// card is what somebody sees of a space they do not belong to.
type card struct {
	layout.Frame
	Space community.Space
	Kind  string
}

// showCard shows that a closed space is there, what it is for, and how to get in.
func showCard(v *page.Visit, space community.Space) error {
	f, err := frame(v, space, show.NoTab, space.Name)
	if err != nil {
		return err
	}
	f.Here.Title = true
	return v.Show(cardPage(v, card{Frame: f, Space: space, Kind: show.SpaceKind(v, space.Kind)}))
}
