package page

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/locale"
)

// Visit is one request, with who makes it.
type Visit struct {
	*Site
	// Actor is who is signed in; Person is 0 for a guest.
	Actor community.Actor
	// Words writes in their language, Zone is where they read the clock, Now is
	// the moment of the visit there.
	Words *locale.Printer
	Zone  *time.Location
	Now   time.Time

	W http.ResponseWriter
	R *http.Request

	whoErr  error
	formErr error
	parsed  bool
	spaces  *[]community.Space
	unread  *[]forum.StreamUnread
}

func (s *Site) visit(w http.ResponseWriter, r *http.Request) *Visit {
	v := &Visit{Site: s, W: w, R: r}
	v.Actor, v.whoErr = s.Community.Identify(r)
	if v.Actor.Credential.Token != "" { // a token is for programs: it opens the API, not the pages
		v.Actor, v.whoErr = community.Actor{}, fault.New(fault.Unidentified, "fault.unidentified")
	}
	language, zone := v.Actor.Language, v.Actor.TimeZone
	if v.whoErr != nil {
		language = locale.Choose(r.Header.Get("Accept-Language"))
	}
	v.Words = locale.For(language)
	v.Zone = zoneOf(zone)
	v.Now = s.Clock.Now().In(v.Zone)
	return v
}

func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		return zone
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return time.UTC
	}
	return zone
}

// isGuest reports whether there is nobody, as against not knowing.
func (v *Visit) isGuest(err error) bool { return fault.Is(err, fault.Unidentified) }

// Guest reports whether nobody is signed in.
func (v *Visit) Guest() bool { return v.Actor.Person == 0 }

// Context is the request's.
func (v *Visit) Context() context.Context { return v.R.Context() }

// mayWrite holds writing to its pace.
func (v *Visit) mayWrite() error {
	if v.R.Method != http.MethodPost || v.Guest() {
		return nil
	}
	if wait, ok := v.Limiter.Allow(v.Actor.Person); !ok {
		return fault.TooFast(wait)
	}
	return nil
}

// ID returns the number in the address under name. What is no number is not
// there.
func (v *Visit) ID(name string) (int64, error) {
	id, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.Missing()
	}
	return id, nil
}

// Query returns a parameter of the address.
func (v *Visit) Query(name string) string { return v.R.URL.Query().Get(name) }

// QueryID returns a number among the parameters, 0 when there is none.
func (v *Visit) QueryID(name string) int64 {
	id, err := strconv.ParseInt(v.Query(name), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// form reads the form once.
func (v *Visit) form() error {
	if v.parsed {
		return v.formErr
	}
	v.parsed = true
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, limits.RequestBody)
	if err := v.R.ParseForm(); err != nil {
		v.formErr = fault.New(fault.TooLarge, "fault.too_large", "Max", strconv.Itoa(limits.RequestBody>>10)+" KiB")
	}
	return v.formErr
}

// Value returns what was filled in under name; "" when the form cannot be read,
// which Form reports.
func (v *Visit) Value(name string) string {
	v.form()
	return v.R.PostForm.Get(name)
}

// Values returns all that was filled in under name.
func (v *Visit) Values(name string) []string {
	v.form()
	return v.R.PostForm[name]
}

// ValueID returns a number that was filled in, 0 when it is none.
func (v *Visit) ValueID(name string) int64 {
	id, err := strconv.ParseInt(v.Value(name), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// Form makes sure that the form can be read.
func (v *Visit) Form() error { return v.form() }

// Show answers with a page.
func (v *Visit) Show(page templ.Component) error { return v.ShowAs(http.StatusOK, page) }

// ShowAs answers with a page under another status than 200.
func (v *Visit) ShowAs(status int, page templ.Component) error {
	h := v.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie")
	v.W.WriteHeader(status)
	return page.Render(v.Context(), v.W)
}

// Go sends the browser on with a GET, after something was done.
func (v *Visit) Go(path string) error {
	v.W.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
	return nil
}

// Wants reports whether script asked for a part of a page rather than a page
// (header X-Leerkring: NAME).
func (v *Visit) Wants(part string) bool { return v.R.Header.Get("X-Leerkring") == part }
