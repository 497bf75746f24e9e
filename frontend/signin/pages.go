// Package signin is the door: asking for a link, using it, coming in by an
// invitation, leaving. In the demo it also lets one choose who to be.
package signin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/internal/fault"
	"leerkring/internal/rate"
)

// Pages are the pages of this folder.
type Pages struct {
	// Requests bounds how many links one network address asks for; nil bounds
	// nobody.
	Requests *rate.Keys
	// Demo are the people one can be with one click; none outside the demo.
	Demo []DemoPerson
}

// DemoPerson is somebody of the demo.
type DemoPerson struct {
	Person int64
	Name   string
	// What they are, and what one sees as them.
	Role, About string
}

// Ask shows the form for a link.
func (p Pages) Ask(v *page.Visit) error {
	if !v.Guest() {
		return v.Go(after(v.Query("next")))
	}
	return v.Show(askPage(v, p.ask(v, nil)))
}

// ask is what the form shows.
type ask struct {
	Mail, Next string
	Problem    *page.Problem
	Demo       []DemoPerson
}

func (p Pages) ask(v *page.Visit, problem *page.Problem) ask {
	a := ask{Mail: v.Query("mail"), Next: v.Query("next"), Problem: problem, Demo: p.Demo}
	if problem != nil {
		a.Mail, a.Next = v.Value("mail"), v.Value("next")
	}
	return a
}

// Request takes the form. The answer is the same whether the address is known
// or not.
func (p Pages) Request(v *page.Visit) error {
	err := v.Form()
	if err == nil {
		err = p.notTooOften(v.R)
	}
	if err == nil {
		err = v.Community.RequestSignIn(v.Context(), community.SignInRequest{
			Mail: v.Value("mail"), Next: v.Value("next"), Language: v.Words.Language,
		})
	}
	if problem := v.Problem(err); problem != nil {
		return v.ShowAs(problem.Status, askPage(v, p.ask(v, problem)))
	}
	if err != nil {
		return err
	}
	return v.Show(sentPage(v, v.Value("mail")))
}

func (p Pages) notTooOften(r *http.Request) error {
	if wait, ok := p.Requests.Allow(clientAddress(r)); !ok {
		return fault.TooFast(wait)
	}
	return nil
}

// Confirm shows the button behind a link. Looking uses nothing up: programs
// that check mail follow links.
func (p Pages) Confirm(v *page.Visit) error {
	token := v.R.PathValue("token")
	stands, err := v.Community.SignInLinkStands(v.Context(), token)
	if err != nil {
		return err
	}
	if !stands {
		return v.ShowAs(http.StatusNotFound, overPage(v))
	}
	return v.Show(confirmPage(v, token))
}

// Use uses a link and opens a session.
func (p Pages) Use(v *page.Visit) error {
	session, next, err := v.Community.UseSignInLink(v.Context(), v.R.PathValue("token"))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unidentified) {
		return v.ShowAs(http.StatusNotFound, overPage(v))
	}
	if err != nil {
		return err
	}
	setCookie(v, session)
	return v.Go(after(next))
}

// Choose opens a session as one of the people of the demo.
func (p Pages) Choose(v *page.Visit) error {
	for _, d := range p.Demo {
		if d.Person != v.ValueID("person") {
			continue
		}
		session, err := v.Community.SignIn(v.Context(), d.Person)
		if err != nil {
			return err
		}
		setCookie(v, session)
		return v.Go(after(v.Value("next")))
	}
	return fault.Missing()
}

// Leave ends the session, or with "everywhere" all sessions.
func (p Pages) Leave(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	leave := v.Community.SignOut
	if v.Value("everywhere") != "" {
		leave = v.Community.SignOutEverywhere
	}
	if err := leave(v.Context(), v.Actor); err != nil {
		return err
	}
	setCookie(v, community.Session{})
	// What the browser keeps of us goes as well (Clear Site Data).
	v.W.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return v.Go(page.Done(layout.SignInPath, "signed_out"))
}

// after is where to go once signed in.
func after(next string) string {
	if community.LocalPath(next) && !strings.HasPrefix(next, layout.SignInPath) {
		return next
	}
	return layout.HomePath
}

// setCookie gives the browser a session, or takes it away when there is none.
func setCookie(v *page.Visit, s community.Session) {
	cookie := &http.Cookie{
		Name: community.SessionCookie, Value: s.Token, Path: "/", Expires: s.Expires,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(v.BaseURL, "https://"),
	}
	if s.Token == "" {
		cookie.MaxAge = -1
		cookie.Expires = time.Unix(1, 0)
	}
	http.SetCookie(v.W, cookie)
}

// clientAddress is where a request comes from. A proxy on this machine or in
// the same network tells for whom it asks.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	peer, err := netip.ParseAddr(host)
	if err != nil || !(peer.IsLoopback() || peer.IsPrivate()) {
		return host
	}
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	if last, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
		return last.String()
	}
	return host
}
