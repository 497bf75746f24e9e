// Package pagetest visits the pages as people do, for tests: it follows links,
// fills in the forms that stand on a page, and reads what a person would read.
package pagetest

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/frontend"
	"leerkring/internal/jobs"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

// BaseURL is the public address of the site under test.
const BaseURL = "https://leerkring.voorbeeldstad.example"

// Site is the pages over a world, without a network.
type Site struct {
	*testkit.World
	Notify *notify.Notify
	// MailFolder is where mails are written.
	MailFolder string

	t       testing.TB
	queue   *jobs.Queue
	handler http.Handler
}

// New returns the pages over a world.
func New(t testing.TB, w *testkit.World) *Site {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	s := &Site{World: w, t: t, MailFolder: t.TempDir()}
	mailer, err := notify.OpenMailer("", s.MailFolder, notify.DefaultFrom(BaseURL))
	if err != nil {
		t.Fatal(err)
	}
	s.Notify = notify.New(notify.Options{DB: w.DB, Clock: w.Clock, Community: w.Community, Mailer: mailer, BaseURL: BaseURL, Log: log})
	s.queue = jobs.NewQueue(w.DB, w.Clock, log, s.Notify.Handlers())
	s.handler = frontend.New(frontend.Options{
		Community: w.Community, Forum: w.Forum, Notify: s.Notify, Clock: w.Clock, Log: log, BaseURL: BaseURL, Unlimited: true,
	}).Handler()
	return s
}

// Work does what waits in the queue: telling people of posts, mails.
func (s *Site) Work() {
	s.t.Helper()
	for {
		n, err := s.queue.Once(context.Background())
		if err != nil {
			s.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// Browser is one person's browser.
type Browser struct {
	site   *Site
	cookie string
	token  string
	// elsewhere: it stands on a page of another site.
	elsewhere bool
	// Language is what the browser asks for, for guests.
	Language string
	// Part is what script asks for: a part of a page (header X-Leerkring).
	Part string
}

// As returns a browser in which this person is signed in.
func (s *Site) As(actor community.Actor) *Browser {
	s.t.Helper()
	session, err := s.Community.SignIn(context.Background(), actor.Person)
	if err != nil {
		s.t.Fatal(err)
	}
	return &Browser{site: s, cookie: session.Token, Language: "nl"}
}

// Guest returns a browser in which nobody is signed in.
func (s *Site) Guest() *Browser { return &Browser{site: s, Language: "nl"} }

// WithToken returns a program that comes with a token.
func (s *Site) WithToken(token string) *Browser {
	return &Browser{site: s, token: token, Language: "nl"}
}

// Elsewhere returns a browser whose forms come from another site.
func (s *Site) Elsewhere() *Browser { return &Browser{site: s, elsewhere: true, Language: "nl"} }

// Get asks for a page. It does not follow a redirect: see [Page.To].
func (b *Browser) Get(path string) *Page {
	b.site.t.Helper()
	path, _, _ = strings.Cut(path, "#") // a browser keeps that to itself
	return b.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form with these fields, pairs of name and value.
func (b *Browser) Post(path string, fields ...string) *Page {
	b.site.t.Helper()
	return b.send(path, values(fields))
}

// Submit sends a form that stands on a page, with some fields filled in anew.
func (b *Browser) Submit(form Form, fields ...string) *Page {
	b.site.t.Helper()
	filled := maps.Clone(form.Fields)
	maps.Copy(filled, values(fields))
	if form.Method == http.MethodGet {
		return b.Get(form.Action + "?" + filled.Encode())
	}
	return b.send(form.Action, filled)
}

// Follow does what a browser does with a redirect.
func (b *Browser) Follow(p *Page) *Page {
	b.site.t.Helper()
	if p.Status != http.StatusSeeOther {
		b.site.t.Fatalf("%s: status %d, want a redirect; it says:\n%s", p.Path, p.Status, p.Text())
	}
	return b.Get(p.To())
}

func (b *Browser) send(path string, fields url.Values) *Page {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", BaseURL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.elsewhere {
		r.Header.Set("Origin", "https://elders.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	return b.do(r)
}

func (b *Browser) do(r *http.Request) *Page {
	b.site.t.Helper()
	r.Header.Set("Accept-Language", b.Language)
	if b.Part != "" {
		r.Header.Set("X-Leerkring", b.Part)
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: community.SessionCookie, Value: b.cookie})
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	w := httptest.NewRecorder()
	b.site.handler.ServeHTTP(w, r)
	return read(b.site.t, r.Method+" "+r.URL.RequestURI(), w.Result())
}

func values(pairs []string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}
