package space

import (
	"net/http"
	"strconv"
	"time"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// invitationDays are how long a link can be good, the usual first.
var invitationDays = []int{30, 7, 90, 365}

// invitations is who is invited to a space, and the forms to invite more.
type invitations struct {
	layout.Frame
	Space community.Space
	List  []community.Invitation
	Pager component.Pager
	// What was filled in.
	Mail, Uses string
	Days       []component.Choice
	Problem    *page.Problem
}

func (i invitations) path() string { return invitationsPath(i.Space.ID) }

func invitationsPath(space int64) string { return community.SpacePath(space) + "/uitnodigingen" }

// Invitations shows who is invited to a space.
func Invitations(v *page.Visit) error { return showInvitations(v, http.StatusOK, nil) }

func showInvitations(v *page.Visit, status int, problem *page.Problem) error {
	space, err := enterTo(v, community.ManageMembers)
	if err != nil {
		return err
	}
	i := invitations{Space: space, Uses: "25", Problem: problem}
	if problem != nil {
		i.Mail = v.Value("mail")
		if v.Value("uses") != "" {
			i.Uses = v.Value("uses")
		}
	}
	i.Days = dayChoices(v)
	if i.Frame, err = frame(v, space, show.Members, v.Words.T("space.invite")); err != nil {
		return err
	}
	i.Failed = problem != nil
	i.Scripts = []string{"space"}
	cursor := v.Query("verder")
	list, next, err := v.Community.Invitations(v.Context(), v.Actor, space.ID, community.Page{Limit: limits.PageDefault, Cursor: cursor})
	if err != nil {
		return err
	}
	i.List = list
	if next != "" {
		i.Pager.Older = i.path() + "?verder=" + next
	}
	if cursor != "" {
		i.Pager.Newer = i.path()
	}
	return v.ShowAs(status, invitationsPage(v, i))
}

func dayChoices(v *page.Visit) (choices []component.Choice) {
	for _, days := range invitationDays {
		value := strconv.Itoa(days)
		choices = append(choices, component.Choice{
			Value: value, Label: v.Words.T("space.days_" + value), Chosen: v.R.Method == http.MethodPost && v.Value("expires_at") == value,
		})
	}
	return choices
}

// Invite invites one mail address, or makes a link.
func Invite(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	id, err := v.ID("space")
	if err != nil {
		return err
	}
	in, done, err := newInvitation(v)
	if err == nil {
		_, err = v.Community.Invite(v.Context(), v.Actor, id, in)
	}
	if problem := v.Problem(err); problem != nil {
		return showInvitations(v, problem.Status, problem)
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(invitationsPath(id), done))
}

// newInvitation reads which of the two forms was sent. A number that is none
// becomes one that does not fit, so that the domain says so.
func newInvitation(v *page.Visit) (in community.NewInvitation, done string, err error) {
	if v.Value("what") != "link" {
		if v.Value("mail") == "" { // which would mean a link
			return in, "", fault.InvalidField("mail", "required")
		}
		return community.NewInvitation{Mail: v.Value("mail")}, "invited", nil
	}
	uses, _ := strconv.Atoi(v.Value("uses"))
	life := time.Duration(v.ValueID("expires_at")) * 24 * time.Hour
	return community.NewInvitation{Uses: &uses, ExpiresAt: new(v.Now.Add(life))}, "link_made", nil
}

// AskRevoke asks whether an invitation should end.
func AskRevoke(v *page.Visit) error {
	space, err := enterTo(v, community.ManageMembers)
	if err != nil {
		return err
	}
	id, err := v.ID("invitation")
	if err != nil {
		return err
	}
	f, err := frame(v, space, show.Members, v.Words.T("space.revoke"))
	if err != nil {
		return err
	}
	return v.Show(revokePage(v, f, space, id))
}

// Revoke ends an invitation.
func Revoke(v *page.Visit) error {
	space, err := v.ID("space")
	if err != nil {
		return err
	}
	id, err := v.ID("invitation")
	if err != nil {
		return err
	}
	if err := v.Community.RevokeInvitation(v.Context(), v.Actor, space, id); err != nil {
		return err
	}
	return v.Go(page.Done(invitationsPath(space), "invitation_revoked"))
}
