package api

import (
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"leerkring/community"
	"leerkring/internal/fault"
)

// Handler serves everything under [Base].
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for at, methods := range a.byPath() {
		mux.Handle(Base+at, a.dispatch(methods))
	}
	mux.HandleFunc("GET "+Base+"/docs", a.docs)
	mux.HandleFunc("GET "+Base+"/docs.css", a.docsStyle)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, nil, fault.Missing()) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("API-Version", Version)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if path.Clean(r.URL.Path) != r.URL.Path { // a slash at the end, a dot, an empty part
			a.fail(w, r, nil, fault.Missing())
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// byPath gathers what each path can be asked, by method.
func (a *API) byPath() map[string]map[string]Operation {
	paths := map[string]map[string]Operation{}
	for _, o := range a.operations {
		if paths[o.Path] == nil {
			paths[o.Path] = map[string]Operation{}
		}
		paths[o.Path][o.Method] = o
	}
	return paths
}

// dispatch serves one path. Methods are told apart here and not by the mux, so
// that the answer to a wrong one is ours.
func (a *API) dispatch(methods map[string]Operation) http.HandlerFunc {
	var allow []string
	for method := range methods {
		allow = append(allow, method)
		if method == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	allowed := strings.Join(allow, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		o, ok := methods[method]
		if !ok {
			w.Header().Set("Allow", allowed)
			a.fail(w, r, nil, fault.New(fault.WrongMethod, "fault.wrong_method", "Allow", allowed))
			return
		}
		a.serve(w, r, &o)
	}
}

// serve answers one request. Whatever goes wrong in it, the program lives.
func (a *API) serve(w http.ResponseWriter, r *http.Request, o *Operation) {
	c := &call{api: a, op: o, r: r, w: w}
	defer func() {
		if v := recover(); v != nil {
			a.fail(w, r, c, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	answer, err := a.answer(c)
	if err != nil {
		a.fail(w, r, c, err)
		return
	}
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, err := Encode(answer)
	if err != nil {
		a.fail(w, r, c, err)
		return
	}
	respond(w, r, o.Status, "application/json", body)
}

// answer looks at a request in the order of the protocol: who asks (401),
// whether there is such a thing for them (404), whether they may do this (403),
// what they sent (400, 413, 415). The last three are said by the domain, or by
// the operation's may when what they sent cannot be read.
func (a *API) answer(c *call) (any, error) {
	if c.op.Public {
		if err := c.checkQuery(); err != nil {
			return nil, err
		}
		return c.op.do(c)
	}
	actor, err := a.community.Identify(c.r)
	if err != nil {
		return nil, err
	}
	c.actor = actor
	if err := a.ownPage(c); err != nil {
		return nil, err
	}
	if err := a.notTooFast(c); err != nil {
		return nil, err
	}
	if err := c.readPath(); err != nil {
		return nil, err
	}
	if lacks := community.MayRead(actor); lacks != nil && c.op.Method == http.MethodGet {
		if _, err := c.op.do(c); err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.BadRequest) {
			return nil, err
		}
		return nil, lacks
	}
	if err := c.checkQuery(); err != nil {
		return nil, c.refuse(err)
	}
	return c.op.do(c)
}

// ownPage refuses what another site's page makes a browser send along with the
// session cookie. A token is sent by no browser on its own.
func (a *API) ownPage(c *call) error {
	if c.actor.Credential.Token != "" || a.origin.Check(c.r) == nil {
		return nil
	}
	return fault.New(fault.Forbidden, "api.other_origin")
}

func (a *API) notTooFast(c *call) error {
	if c.op.Method == http.MethodGet || c.op.Unbounded {
		return nil
	}
	wait, ok := a.limiter.Allow(c.actor.Person)
	if ok {
		return nil
	}
	return fault.TooFast(wait)
}

// respond writes a whole answer; to a HEAD request only its head.
func respond(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // who does not read it is gone
	}
}
