// Package api is the door for programs: JSON under /api/v1, and the words of
// the socket commands. It owns shapes (what goes out, shapes.go), the reading
// of what comes in, and the order in which a request is looked at (serve.go):
// who asks, whether they may know of the thing, whether they may do this, and
// only then what they sent.
//
// It knows no rules. A handler decodes, calls one function of community, forum
// or notify, answers, and returns its error; problem.go writes errors, once for
// all. Everything there is stands in one table, operations.go: the addresses,
// the OpenAPI document and the readable page are made from it.
package api

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/rate"
	"leerkring/notify"
)

// Base is the path that all addresses begin with.
const Base = "/api/v1"

// Version is what every answer carries as API-Version.
const Version = "1.0.0"

// Options is what the API is made from.
type Options struct {
	Community *community.Community
	Forum     *forum.Forum
	Notify    *notify.Notify
	// BaseURL is the public address, without a slash at the end.
	BaseURL string
	// Limiter bounds how fast a person writes; nil bounds nobody.
	Limiter *rate.Writers
	// Log gets defects; nil is slog.Default.
	Log *slog.Logger
}

// API is the door. It is safe for concurrent use.
type API struct {
	community  *community.Community
	forum      *forum.Forum
	notify     *notify.Notify
	baseURL    string
	limiter    *rate.Writers
	log        *slog.Logger
	origin     *http.CrossOriginProtection
	operations []Operation
	// description is the OpenAPI document, written when it is first asked for.
	description func() ([]byte, error)
}

// New returns the API. BaseURL must be an http or https address.
func New(o Options) (*API, error) {
	a := &API{
		community: o.Community, forum: o.Forum, notify: o.Notify,
		baseURL: strings.TrimSuffix(o.BaseURL, "/"), limiter: o.Limiter, log: o.Log,
		origin: http.NewCrossOriginProtection(),
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	if err := a.origin.AddTrustedOrigin(a.baseURL); err != nil {
		return nil, err
	}
	public, err := url.Parse(a.baseURL)
	if err != nil {
		return nil, err
	}
	a.operations = a.table()
	a.description = sync.OnceValues(func() ([]byte, error) { return Encode(newDocument(a.operations, public)) })
	return a, nil
}

// Operations lists all there is, for the document, the page and the tests.
func (a *API) Operations() []Operation { return a.operations }
