package signin

import (
	"net/http"

	"leerkring/community"
	"leerkring/frontend/page"
	"leerkring/internal/fault"
)

// Invited shows an invitation: to somebody who is signed in a button, to
// somebody new the form for an account.
func (p Pages) Invited(v *page.Visit) error {
	return p.showInvitation(v, http.StatusOK, nil)
}

// invited is what the page shows.
type invited struct {
	community.Welcome
	Code string
	// What the newcomer filled in.
	Name, Organisation, Mail string
	Problem                  *page.Problem
}

func (p Pages) showInvitation(v *page.Visit, status int, problem *page.Problem) error {
	i := invited{Code: v.R.PathValue("code"), Problem: problem}
	var err error
	i.Welcome, err = v.Community.Invitation(v.Context(), i.Code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return v.ShowAs(http.StatusNotFound, invitationOverPage(v))
	}
	if err != nil {
		return err
	}
	i.Mail = i.Welcome.Mail
	if problem != nil {
		i.Name, i.Organisation, i.Mail = v.Value("name"), v.Value("organisation"), v.Value("mail")
	}
	return v.ShowAs(status, invitedPage(v, i))
}

// Accept takes an invitation: for somebody who is signed in at once, for a
// newcomer after they proved their mail address.
func (p Pages) Accept(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	var err error
	if v.Guest() {
		if err = p.notTooOften(v.R); err == nil {
			err = v.Community.RequestSignIn(v.Context(), community.SignInRequest{
				Mail: v.Value("mail"), Name: v.Value("name"), Organisation: v.Value("organisation"),
				Language: v.Words.Language, Invitation: v.R.PathValue("code"),
			})
		}
		if err == nil {
			return v.Show(sentPage(v, v.Value("mail")))
		}
	} else {
		var space community.Space
		if space, err = v.Community.AcceptInvitation(v.Context(), v.Actor, v.R.PathValue("code")); err == nil {
			return v.Go(page.Done(community.SpacePath(space.ID), "joined"))
		}
	}
	if fault.Is(err, fault.Conflict) {
		return v.ShowAs(http.StatusNotFound, invitationOverPage(v))
	}
	if problem := v.Problem(err); problem != nil {
		return p.showInvitation(v, problem.Status, problem)
	}
	return err
}
