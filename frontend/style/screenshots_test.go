package style

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"
)

// TestScreenshots makes a picture of every page at every width and theme in the
// folder that SCREENSHOTS names; SCREENSHOTS_ONLY keeps those whose name
// contains it.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return // pictures are asked for, they prove nothing by themselves
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	site, browser := serve(t), chromium(t)
	for _, p := range pages() {
		for _, width := range []int{320, 360, 768, 1280} {
			for _, theme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s.png", strings.TrimPrefix(p.path(), "/"), width, theme)
				name = strings.ReplaceAll(name, "/", "-")
				if !strings.Contains(name, os.Getenv("SCREENSHOTS_ONLY")) {
					continue
				}
				height := 720
				if width < 700 {
					height = 640
				}
				page := open(t, browser, site+p.path(), width, height, theme)
				picture, err := page.Screenshot(p.name != "chat", &proto.PageCaptureScreenshot{})
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, name), picture, 0o644); err != nil {
					t.Fatal(err)
				}
				page.MustClose()
			}
		}
	}
}
