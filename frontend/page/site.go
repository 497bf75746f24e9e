// Package page is what every page needs: who is visiting, in which language and
// zone, the frame around the content, reading forms, and answering when
// something cannot be done. A page's handler decodes, calls one function of the
// domain, answers, and returns its error; this package turns that error into a
// page that says what happened and what to do, and that keeps what was typed.
package page

import (
	"log/slog"
	"net/http"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/clock"
	"leerkring/internal/rate"
	"leerkring/notify"
)

// Site is what the pages are made from. All but Limiter is needed.
type Site struct {
	Community *community.Community
	Forum     *forum.Forum
	Notify    *notify.Notify
	Clock     *clock.Clock
	Log       *slog.Logger
	// BaseURL is the public address, without a slash at the end.
	BaseURL string
	// Limiter bounds how fast a person writes; nil bounds nobody.
	Limiter *rate.Writers
}

// Handler answers a visit, or returns why it cannot.
type Handler func(v *Visit) error

// Members returns the handler of a page for people who are signed in. Others are
// asked to sign in, and go on from there.
func (s *Site) Members(h Handler) http.Handler {
	return s.handle(h, true)
}

// Everyone returns the handler of a page that needs nobody to be signed in.
func (s *Site) Everyone(h Handler) http.Handler {
	return s.handle(h, false)
}

func (s *Site) handle(h Handler, members bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r)
		err := v.whoErr
		if members || !v.isGuest(err) {
			if err == nil {
				err = v.mayWrite()
			}
		} else {
			err = nil
		}
		if err == nil {
			err = h(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}
