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
	"leerkring/frontend/assets"
	"leerkring/frontend/page"
	"leerkring/frontend/signin"
	"leerkring/internal/clock"
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

	mux.Handle("GET "+assets.Prefix, assets.Handler())

	everyone("GET /aanmelden", f.signin.Ask)
	everyone("POST /aanmelden", f.signin.Request)
	everyone("GET /aanmelden/{token}", f.signin.Confirm)
	everyone("POST /aanmelden/{token}", f.signin.Use)
	everyone("GET /uitnodiging/{code}", f.signin.Invited)
	everyone("POST /uitnodiging/{code}", f.signin.Accept)
	mux.Handle("POST /uitgang", f.site.Members(f.signin.Leave))
	if f.demo {
		everyone("POST /demo", f.signin.Choose)
	}
	return f.sameOrigin(mux)
}

// sameOrigin refuses forms that another site sent.
func (f *Frontend) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(f.site.BaseURL); err != nil {
		f.site.Log.Error("the public address is no origin", "error", err)
	}
	return protection.Handler(next)
}
