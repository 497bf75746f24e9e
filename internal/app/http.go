package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"leerkring/api"
)

// Handler is everything a node serves on its first listener.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.readyz)
	mux.Handle("/ws", a.hub)
	mux.Handle(api.Base, a.api.Handler())
	mux.Handle(api.Base+"/", a.api.Handler())
	mux.Handle("/", a.pages.Handler())
	return a.watch(securely(mux, strings.HasPrefix(a.Settings.URL, "https://")))
}

// readyz says whether this node can do its work: it listens, the schema is as
// it must be, and the database answers.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) {
	if !a.ready.Load() {
		http.Error(w, "not ready: starting or stopping", http.StatusServiceUnavailable)
		return
	}
	if err := a.DB.Ping(r.Context()); err != nil {
		http.Error(w, "not ready: the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// contentSecurityPolicy lets a page use what is ours alone, and no script or
// style that stands in the page itself (CSP Level 3).
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// securely sets the headers that bound what a browser does with any answer.
func securely(next http.Handler, https bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=(), interest-cohort=()")
		h.Set("X-Frame-Options", "DENY")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// watch writes a line for each request, measures it, and keeps a panic in one
// request from being the end of the others. The line has the pattern of the
// address, not the address: that may hold codes and words of people.
func (a *App) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		answer := &watchedAnswer{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				id := uuid.NewString()
				a.log.Error("a request panicked", "id", id, "route", routeOf(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				if answer.status == 0 {
					http.Error(answer, "This went wrong on our side. Please try again. ("+id+")", http.StatusInternalServerError)
				}
			}
			took := time.Since(began)
			a.meters.request(r.Method, routeOf(r), answer.status, took)
			level := slog.LevelDebug
			if answer.status >= 500 {
				level = slog.LevelWarn
			}
			a.log.Log(r.Context(), level, "request", "method", r.Method, "route", routeOf(r), "status", answer.status, "ms", took.Milliseconds())
		}()
		next.ServeHTTP(answer, r)
	})
}

func routeOf(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// watchedAnswer remembers the status.
type watchedAnswer struct {
	http.ResponseWriter
	status int
}

func (w *watchedAnswer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedAnswer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what the connection can do.
func (w *watchedAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
