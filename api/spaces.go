package api

import (
	"context"

	"leerkring/community"
	"leerkring/internal/fault"
)

func (a *API) listSpaces(c *call) (any, error) {
	q := c.query()
	page := q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	spaces, next, err := a.community.Spaces(c.ctx(), c.actor, page)
	if err != nil {
		return nil, err
	}
	unread, err := a.unread(c.ctx(), c.actor)
	return listOf(spaces, next, func(s community.Space) SpaceOrCardJSON { return spaceData(s, unread) }), err
}

func (a *API) getSpace(c *call) (any, error) {
	space, err := a.community.Space(c.ctx(), c.actor, c.id)
	if err != nil {
		return nil, err
	}
	return a.spaceAnswer(c, space)
}

// NewSpaceJSON is what a space is made from.
type NewSpaceJSON struct {
	Name        *string               `json:"name" required:"false" maxLength:"200" doc:"All kinds but direct need one." example:"Toegang tot zorg"`
	Kind        community.SpaceKind   `json:"kind" validate:"required" enum:"community,cohort,group,table,organisation,direct" example:"group"`
	Visibility  *community.Visibility `json:"visibility" required:"false" enum:"open,closed,hidden" default:"closed"`
	Parent      *int64                `json:"parent" required:"false" minimum:"1"`
	Description *string               `json:"description" required:"false" maxLength:"2000"`
	People      *[]int64              `json:"people" required:"false" doc:"For kind direct alone: who to talk with."`
}

func (a *API) createSpace(c *call) (any, error) {
	var in NewSpaceJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if err := in.fits(); err != nil {
		return nil, c.refuse(err)
	}
	var space community.Space
	var err error
	if in.Kind == community.KindDirect {
		space, err = a.forum.Direct(c.ctx(), c.actor, valueOf(in.People))
	} else {
		space, err = a.community.MakeSpace(c.ctx(), c.actor, community.NewSpace{
			Name: valueOf(in.Name), Kind: in.Kind, Visibility: valueOf(in.Visibility),
			Parent: idOrNone(in.Parent), Description: valueOf(in.Description),
		})
	}
	if err != nil {
		return nil, err
	}
	c.created("/spaces/{}", space.ID)
	return a.spaceAnswer(c, space)
}

// fits: the two ways to make a space take different fields.
func (in NewSpaceJSON) fits() error {
	direct := in.Kind == community.KindDirect
	for _, field := range []struct {
		name  string
		there bool
	}{
		{"name", direct && in.Name != nil}, {"visibility", direct && in.Visibility != nil},
		{"parent", direct && in.Parent != nil}, {"description", direct && in.Description != nil},
		{"people", !direct && in.People != nil},
	} {
		if field.there {
			return fault.InvalidField(field.name, "does_not_fit")
		}
	}
	return nil
}

// SpaceChangeJSON is what of a space is to be different.
type SpaceChangeJSON struct {
	Name        *string               `json:"name" required:"false" maxLength:"200"`
	Visibility  *community.Visibility `json:"visibility" required:"false" enum:"open,closed,hidden"`
	Description *string               `json:"description" required:"false" maxLength:"2000"`
}

func (a *API) changeSpace(c *call) (any, error) {
	var in SpaceChangeJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	space, err := a.community.ChangeSpace(c.ctx(), c.actor, c.id, community.SpaceChange(in))
	if err != nil {
		return nil, err
	}
	return a.spaceAnswer(c, space)
}

// spaceAnswer adds what is unread to a space.
func (a *API) spaceAnswer(c *call, space community.Space) (any, error) {
	if !space.Readable {
		return spaceData(space, nil), nil
	}
	unread, err := a.unread(c.ctx(), c.actor)
	return spaceData(space, unread), err
}

// unreadBySpace is what somebody has not seen, by space.
type unreadBySpace map[int64]unreadCount

type unreadCount struct{ posts, mentions int }

func (a *API) unread(ctx context.Context, actor community.Actor) (unreadBySpace, error) {
	streams, err := a.forum.Unread(ctx, actor)
	if err != nil {
		return nil, err
	}
	bySpace := unreadBySpace{}
	for _, s := range streams {
		n := bySpace[s.SpaceID]
		bySpace[s.SpaceID] = unreadCount{posts: n.posts + s.Unread, mentions: n.mentions + s.Mentions}
	}
	return bySpace, nil
}

func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// idOrNone returns an optional id as the domain takes it: 0 for none. What is
// given and can be no id is one that is not there.
func idOrNone(id *int64) int64 {
	switch {
	case id == nil:
		return 0
	case *id < 1:
		return -1
	}
	return *id
}
