package browsertest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"

	"leerkring/frontend/assets"
)

// shared is the browser of all tests of a package that runs them by [Main].
var shared struct {
	wanted  bool
	browser *rod.Browser
	close   func()
}

// Main runs the tests of a package with one browser for all of them; readers
// have cookies and a memory of their own in it. For TestMain.
func Main(m *testing.M) {
	shared.wanted = true
	code := m.Run()
	if shared.close != nil {
		shared.close()
	}
	os.Exit(code)
}

// Chromium gives a browser: the one of the package under [Main], else one that
// goes with the test. Where there is none, or the front end was not built, it
// skips the test; with CI=true it fails it.
func Chromium(t testing.TB) *rod.Browser {
	t.Helper()
	if shared.browser != nil {
		return shared.browser
	}
	bin, err := exec.LookPath("chromium")
	need(t, err == nil, "chromium is not installed")
	need(t, assets.Built(), "the front end is not built: npm ci --ignore-scripts && node build.mjs")
	browser, stop, err := launch(bin)
	if err != nil {
		t.Fatal(err)
	}
	if shared.wanted {
		shared.browser, shared.close = browser, stop
	} else {
		t.Cleanup(stop)
	}
	return browser
}

func launch(bin string) (browser *rod.Browser, stop func(), err error) {
	l := launcher.New().Bin(bin).NoSandbox(true).Leakless(false).Headless(true)
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "no-first-run", "disable-gpu", "hide-scrollbars"} {
		l = l.Set(flags.Flag(flag))
	}
	// Without a screen there is no mouse either, unless one says so.
	l = l.Set("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4")
	address, err := l.Launch()
	if err != nil {
		return nil, nil, err
	}
	stop = func() {
		if browser.Timeout(patience).Close() != nil {
			l.Kill()
		}
		l.Cleanup() // waits for the process and removes its folder
	}
	browser = rod.New().ControlURL(address).NoDefaultDevice()
	if err := browser.Connect(); err != nil {
		l.Kill()
		return nil, nil, err
	}
	return browser, stop, nil
}

func need(t testing.TB, there bool, what string) {
	t.Helper()
	if there {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}
