package api

import (
	"leerkring/community"
)

func (a *API) me(c *call) (any, error) {
	mail, err := a.community.MyMail(c.ctx(), c.actor)
	if err != nil {
		return nil, err
	}
	spaces, err := a.community.MySpaces(c.ctx(), c.actor)
	if err != nil {
		return nil, err
	}
	unread, err := a.unread(c.ctx(), c.actor)
	if err != nil {
		return nil, err
	}
	me := MeJSON{
		ID: c.actor.Person, Name: c.actor.Name, Mail: mail, Organisation: c.actor.Organisation,
		Role: string(c.actor.Role), Language: c.actor.Language,
		Spaces: listOf(spaces, "", func(s community.Space) SpaceJSON { return wholeSpace(s, unread) }).Items,
	}
	for _, n := range unread {
		me.Unread += n.posts
		me.Mentions += n.mentions
	}
	return me, nil
}
