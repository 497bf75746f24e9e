package api

import (
	"leerkring/community"
)

func (a *API) listMembers(c *call) (any, error) {
	q := c.query()
	words, page := q.text("q"), q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	members, next, err := a.community.Members(c.ctx(), c.actor, c.id, words, page)
	return listOf(members, next, memberData), err
}

// MemberChangeJSON is what of a membership is to be different.
type MemberChangeJSON struct {
	Role community.Role `json:"role" required:"false" validate:"omitempty,oneof=member coach facilitator manager" enum:"member,coach,facilitator,manager"`
}

func (a *API) putMember(c *call) (any, error) {
	var in MemberChangeJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	member, err := a.community.PutMember(c.ctx(), c.actor, c.id, c.other, in.Role)
	return memberData(member), err
}

func (a *API) removeMember(c *call) (any, error) {
	return nil, a.community.RemoveMember(c.ctx(), c.actor, c.id, c.other)
}

func memberData(m community.Membership) MemberJSON {
	return MemberJSON{Person: personData(m.Person), Role: string(m.Role), Since: Moment(m.Since)}
}
