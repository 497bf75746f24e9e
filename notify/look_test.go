package notify_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"

	"leerkring/community"
	"leerkring/internal/testkit"
)

// Mails fit on a phone and turn dark where the device is. With SCREENSHOTS=folder
// there are pictures as well.
func TestMailsFitAndTurnDark(t *testing.T) {
	r := week(t, testkit.NewWorld(t, testkit.SQLite(t)))
	letters := map[string]letter{}
	preview, err := r.notify.Preview(ctx, testkit.MailOf("Anna"))
	if err != nil {
		t.Fatal(err)
	}
	letters["digest"] = open(t, preview)
	r.Clock.Advance(11 * time.Minute)
	r.work()
	letters["mention"] = r.mails()[0]
	if err := r.Community.RequestSignIn(ctx, community.SignInRequest{Mail: testkit.MailOf("Anna")}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Community.Invite(ctx, r.manager, r.space.ID, community.NewInvitation{Mail: "nieuw@oost.example"}); err != nil {
		t.Fatal(err)
	}
	r.work()
	for _, l := range r.mails() {
		letters[map[bool]string{true: "invitation", false: "sign-in"}[l.to == "nieuw@oost.example"]] = l
	}
	if len(letters) != 4 {
		t.Fatalf("there are %d mails", len(letters))
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, letters[req.URL.Path[1:]].html)
	}))
	defer site.Close()
	page := chromium(t).MustPage("").Timeout(2 * time.Minute)
	pictures := os.Getenv("SCREENSHOTS")
	for name, l := range letters {
		page.MustNavigate(site.URL + "/" + name).MustWaitLoad()
		if pictures != "" {
			keep(t, filepath.Join(pictures, "mail-"+name+".txt"), []byte("Onderwerp: "+l.subject+"\n\n"+l.text))
		}
		grounds := map[string]bool{}
		for _, theme := range []string{"light", "dark"} {
			if err := (proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: theme}}}).Call(page); err != nil {
				t.Fatal(err)
			}
			for _, width := range []int{320, 360, 700} {
				page.MustSetViewport(width, 800, 1, false)
				var look struct {
					Width  int
					Ground string
				}
				if err := page.MustEval(`() => ({Width: document.documentElement.scrollWidth, Ground: getComputedStyle(document.body).backgroundColor})`).Unmarshal(&look); err != nil {
					t.Fatal(err)
				}
				if look.Width > width {
					t.Errorf("%s is %d wide on a screen of %d", name, look.Width, width)
				}
				grounds[look.Ground] = true
				if pictures != "" {
					picture, err := page.Screenshot(true, &proto.PageCaptureScreenshot{})
					if err != nil {
						t.Fatal(err)
					}
					keep(t, filepath.Join(pictures, fmt.Sprintf("mail-%s-%d-%s.png", name, width, theme)), picture)
				}
			}
		}
		if len(grounds) != 2 {
			t.Errorf("%s looks the same by day and by night: %v", name, grounds)
		}
	}
}

func keep(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func chromium(t *testing.T) *rod.Browser {
	t.Helper()
	bin, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("SKIPPED for want of chromium")
	}
	if err != nil {
		t.Fatal(err)
	}
	l := launcher.New().Bin(bin).NoSandbox(true).Leakless(false).Headless(true).
		Set("disable-quic").Set("disable-background-networking").Set("disable-component-update").Set("disable-sync").Set("no-first-run").Set("disable-gpu")
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
