// Package frontend is the door for people: pages made on the server, that work
// without script, and with script are live. All addresses stand in this file;
// each page has a folder of its own with its look, its behaviour and its test.
package frontend

import (
	"log/slog"
	"net/http"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/about"
	"leerkring/frontend/assets"
	"leerkring/frontend/home"
	"leerkring/frontend/inbox"
	"leerkring/frontend/page"
	"leerkring/frontend/person"
	"leerkring/frontend/post"
	"leerkring/frontend/question"
	"leerkring/frontend/search"
	"leerkring/frontend/settings"
	"leerkring/frontend/signin"
	"leerkring/frontend/space"
	"leerkring/frontend/stream"
	"leerkring/frontend/style"
	"leerkring/frontend/unsubscribe"
	"leerkring/internal/clock"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/rate"
	"leerkring/notify"
)

// Options is what the pages are made from.
type Options struct {
	Community *community.Community
	Forum     *forum.Forum
	Notify    *notify.Notify
	Clock     *clock.Clock
	Log       *slog.Logger
	// BaseURL is the public address, without a slash at the end.
	BaseURL string
	// Limiter bounds how fast a person writes; nil bounds nobody. Unlimited
	// lifts the other limits as well.
	Limiter   *rate.Writers
	Unlimited bool
	// Demo are the people one can be in the demo.
	Demo []DemoPerson
}

// DemoPerson is somebody one can be in the demo.
type DemoPerson = signin.DemoPerson

// Frontend is all pages.
type Frontend struct {
	site   *page.Site
	signin signin.Pages
	demo   bool
}

// New returns the pages.
func New(o Options) *Frontend {
	f := &Frontend{
		site: &page.Site{
			Community: o.Community, Forum: o.Forum, Notify: o.Notify, Clock: o.Clock, Log: o.Log,
			BaseURL: o.BaseURL, Limiter: o.Limiter,
		},
		signin: signin.Pages{Demo: o.Demo},
		demo:   len(o.Demo) > 0,
	}
	if !o.Unlimited {
		f.signin.Requests = rate.NewKeys(o.Clock, limits.SignInRequestsPerHour, time.Hour)
	}
	return f
}

// Handler serves the pages.
func (f *Frontend) Handler() http.Handler {
	mux := http.NewServeMux()
	everyone := func(pattern string, h page.Handler) { mux.Handle(pattern, f.site.Everyone(h)) }
	members := func(pattern string, h page.Handler) { mux.Handle(pattern, f.site.Members(h)) }

	mux.Handle("GET "+assets.Prefix, assets.Handler())

	everyone("GET /aanmelden", f.signin.Ask)
	everyone("POST /aanmelden", f.signin.Request)
	everyone("GET /aanmelden/{token}", f.signin.Confirm)
	everyone("POST /aanmelden/{token}", f.signin.Use)
	everyone("GET /uitnodiging/{code}", f.signin.Invited)
	everyone("POST /uitnodiging/{code}", f.signin.Accept)
	members("POST /uitgang", f.signin.Leave)
	if f.demo {
		everyone("POST /demo", f.signin.Choose)
		mux.Handle("GET "+style.Prefix, style.Handler())
		mux.Handle("GET "+style.Prefix+"/", style.Handler())
	}

	members("GET /{$}", home.Show)

	members("GET /ruimtes", space.List)
	members("POST /ruimtes", space.Make)
	members("GET /ruimtes/nieuw", space.New)
	members("GET /ruimtes/{space}", space.Discussions)
	members("GET /ruimtes/{space}/vragen", space.Questions)
	members("GET /ruimtes/{space}/kennis", space.Articles)
	members("GET /ruimtes/{space}/chat", space.Channels)
	members("GET /ruimtes/{space}/leden", space.Members)
	members("GET /ruimtes/{space}/leden/{person}", space.Member)
	members("POST /ruimtes/{space}/leden/{person}", space.ChangeMember)
	members("POST /ruimtes/{space}/lid", space.Join)
	members("GET /ruimtes/{space}/vertrek", space.AskLeave)
	members("POST /ruimtes/{space}/vertrek", space.Leave)
	members("POST /ruimtes/{space}/volgen", space.Follow)
	members("GET /ruimtes/{space}/instellingen", space.Settings)
	members("POST /ruimtes/{space}/instellingen", space.Change)
	members("GET /ruimtes/{space}/uitnodigingen", space.Invitations)
	members("POST /ruimtes/{space}/uitnodigingen", space.Invite)
	members("GET /ruimtes/{space}/uitnodigingen/{invitation}/intrekken", space.AskRevoke)
	members("POST /ruimtes/{space}/uitnodigingen/{invitation}/intrekken", space.Revoke)

	members("GET /ruimtes/{id}/nieuw", stream.New)
	members("POST /ruimtes/{id}/gesprekken", stream.Start)
	members("GET /gesprekken/{id}", stream.Show)
	members("POST /gesprekken/{id}/berichten", stream.Write)
	members("POST /gesprekken/{id}/gelezen", stream.Read)
	members("POST /gesprekken/{id}/volgen", stream.Follow)
	members("GET /gesprekken/{id}/wijzig", stream.ChangeForm)
	members("POST /gesprekken/{id}/wijzig", stream.Change)
	members("POST /gesprekken/{id}/vastzetten", stream.Pin)
	members("POST /gesprekken/{id}/sluiten", stream.Close)
	members("POST /gesprekken/{id}/antwoord", stream.Accept)

	members("GET /berichten/{id}", post.Show)
	members("GET /berichten/{id}/draad", stream.Thread)
	members("POST /berichten/{id}/reacties", post.React)
	members("POST /berichten/{id}/stem", post.Vote)
	members("GET /berichten/{id}/wijzig", post.EditForm)
	members("POST /berichten/{id}/wijzig", post.Edit)
	members("GET /berichten/{id}/verwijder", post.DeleteForm)
	members("POST /berichten/{id}/verwijder", post.Delete)
	members("GET /berichten/{id}/versies", post.Versions)

	members("GET /vragen", question.List)
	members("GET /meldingen", inbox.List)
	members("POST /meldingen/gelezen", inbox.MarkRead)
	members("GET /zoeken", search.Show)
	members("GET /mensen/{person}", person.Show)
	members("POST /mensen/{person}/gesprek", person.Talk)

	members("GET /instellingen", settings.Show)
	members("POST /instellingen", settings.Save)
	members("GET /instellingen/profiel", settings.Profile)
	members("POST /instellingen/profiel", settings.SaveProfile)
	members("GET /instellingen/tokens", settings.Tokens)
	members("POST /instellingen/tokens", settings.MakeToken)
	members("GET /instellingen/tokens/{token}/intrekken", settings.AskRevokeToken)
	members("POST /instellingen/tokens/{token}/intrekken", settings.RevokeToken)

	everyone("GET /afmelden/{token}", unsubscribe.Ask)
	everyone(stopMail, unsubscribe.Stop)
	everyone("GET /toegankelijkheid", about.Accessibility)
	everyone("/", nothingHere)
	return f.sameOrigin(mux)
}

// stopMail is what a mail program sends by itself, from wherever it runs (RFC
// 8058). It carries its right in the address and can only stop one mail.
const stopMail = "POST /afmelden/{token}"

// nothingHere answers for every address that is not one of ours.
func nothingHere(*page.Visit) error { return fault.Missing() }

// sameOrigin refuses forms that another site sent.
func (f *Frontend) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(f.site.BaseURL); err != nil {
		f.site.Log.Error("the public address is no origin", "error", err)
	}
	protection.AddInsecureBypassPattern(stopMail)
	return protection.Handler(next)
}
