package api

import (
	"time"

	"leerkring/community"
)

func (a *API) listInvitations(c *call) (any, error) {
	q := c.query()
	page := q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	invitations, next, err := a.community.Invitations(c.ctx(), c.actor, c.id, page)
	return listOf(invitations, next, a.invitationData), err
}

// NewInvitationJSON is for one mail address, or for several people by a link.
type NewInvitationJSON struct {
	Mail      *string    `json:"mail" required:"false" format:"email" validate:"omitnil,notblank"`
	Uses      *int       `json:"uses" required:"false" minimum:"1" maximum:"1000" doc:"How many people may use it. With a mail address it is 1."`
	ExpiresAt *time.Time `json:"expires_at" required:"false" doc:"Within a year."`
}

func (a *API) createInvitation(c *call) (any, error) {
	var in NewInvitationJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	invitation, err := a.community.Invite(c.ctx(), c.actor, c.id, community.NewInvitation{
		Mail: valueOf(in.Mail), Uses: in.Uses, ExpiresAt: in.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}
	c.created("/spaces/{}/invitations/{}", c.id, invitation.ID)
	return a.invitationData(invitation), nil
}

func (a *API) revokeInvitation(c *call) (any, error) {
	return nil, a.community.RevokeInvitation(c.ctx(), c.actor, c.id, c.other)
}

func (a *API) acceptInvitation(c *call) (any, error) {
	code, err := c.secret("code")
	if err != nil {
		return nil, err
	}
	space, err := a.community.AcceptInvitation(c.ctx(), c.actor, code)
	if err != nil {
		return nil, err
	}
	c.created("/spaces/{}", space.ID)
	return a.spaceAnswer(c, space)
}

func (a *API) invitationData(i community.Invitation) InvitationJSON {
	return InvitationJSON{
		ID: i.ID, URL: a.baseURL + "/uitnodiging/" + i.Code, Mail: i.Mail, Uses: i.Uses, ExpiresAt: Moment(i.ExpiresAt),
	}
}
