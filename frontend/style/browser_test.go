package style

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
	"github.com/go-rod/rod/lib/proto"

	"leerkring/frontend/assets"
)

// policy is the product's content security policy, so that what it forbids
// fails here as well.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; font-src 'self'"

// need leaves a test out where something is missing; with CI=true nothing may
// be missing.
func need(t *testing.T, there bool, what string) {
	t.Helper()
	if there {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// serve starts the style pages as the product serves them.
func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	mux.Handle("GET "+Prefix, Handler())
	mux.Handle("GET "+Prefix+"/", Handler())
	mux.HandleFunc("GET /berichten/{post}", func(w http.ResponseWriter, r *http.Request) { show(w, r, actions()) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// chromium starts a browser of its own for a test.
func chromium(t *testing.T) *rod.Browser {
	t.Helper()
	bin, err := exec.LookPath("chromium")
	need(t, err == nil, "chromium is not installed")
	need(t, assets.Built(), "the front end is not built: npm ci && node build.mjs")
	l := launcher.New().Bin(bin).NoSandbox(true).Leakless(false).Headless(true)
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "no-first-run", "disable-gpu", "hide-scrollbars"} {
		l = l.Set(flags.Flag(flag))
	}
	address, err := l.Launch()
	if err != nil {
		t.Fatal(err)
	}
	browser := rod.New().ControlURL(address).MustConnect()
	t.Cleanup(func() {
		_ = browser.Close()
		l.Cleanup() // waits for the process and removes its folder
	})
	return browser
}

// open shows an address at a width, with the device's theme.
func open(t *testing.T, browser *rod.Browser, address string, width, height int, theme string) *rod.Page {
	t.Helper()
	page := browser.MustPage("").Timeout(time.Minute)
	page.MustSetViewport(width, height, 1, width < 700)
	err := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-color-scheme", Value: theme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}}.Call(page)
	if err != nil {
		t.Fatal(err)
	}
	page.MustNavigate(address).MustWaitLoad()
	return page
}
