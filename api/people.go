package api

import (
	"leerkring/community"
)

func (a *API) listPeople(c *call) (any, error) {
	q := c.query()
	query := community.PeopleQuery{Q: q.text("q"), Space: q.id("space")}
	page := q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	people, next, err := a.community.People(c.ctx(), c.actor, query, page)
	return listOf(people, next, personData), err
}
