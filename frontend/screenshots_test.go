package frontend_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"leerkring/frontend/browsertest"
)

// widths of the pictures: a phone, a tablet, a desk.
var widths = [][2]int{{360, 740}, {768, 1024}, {1280, 800}}

// TestScreenshots makes a picture of every page, by day and by night, in the
// folder that SCREENSHOTS names; SCREENSHOTS_ONLY keeps those whose name contains
// it.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return // pictures are asked for, they prove nothing by themselves
	}
	site := browsertest.StartDemo(t)
	visits := append(tour(t, site), states(t, site)...)
	browser := browsertest.Chromium(t)
	for who, visits := range byVisitor(visits) {
		reader := reader(site, browser, who)
		for _, size := range widths {
			for _, theme := range []string{"light", "dark"} {
				page := window(t, reader, size, theme)
				for _, v := range visits {
					name := fmt.Sprintf("%s-%d-%s.png", v.name(), size[0], theme)
					if strings.Contains(name, os.Getenv("SCREENSHOTS_ONLY")) {
						takePicture(t, page, v, filepath.Join(folder, name))
					}
				}
				page.MustClose()
			}
		}
	}
}

func takePicture(t *testing.T, page *browsertest.Page, v visit, file string) {
	t.Helper()
	page.Go(v.path)
	if v.then != "" {
		page.Value(v.then)
	}
	// A channel fills the window, and what floats belongs to the window.
	whole := v.then == "" && page.Value(`() => String(document.body.classList.contains('lk-frame--full'))`) == "false"
	picture, err := page.Screenshot(whole, &proto.PageCaptureScreenshot{})
	if err != nil {
		t.Fatal(v.path, ": ", err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// name is that of the picture: who looks, at what.
func (v visit) name() string {
	who := map[string]string{leader: "leider", admin: "beheerder", newcomer: "nieuw", member: "deelnemer", guest: "gast"}[v.who]
	path := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(v.path), "-"), "-")
	if path == "" {
		path = "voor-mij"
	}
	if v.state != "" {
		path += "-" + v.state
	}
	return who + "-" + path[:min(len(path), 60)]
}
