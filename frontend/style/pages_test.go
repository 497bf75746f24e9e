package style

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

func TestMenuOfThePhone(t *testing.T) {
	site, browser := serve(t), chromium(t)
	seen := `() => getComputedStyle(document.getElementById('menu')).visibility`

	t.Run("with script", func(t *testing.T) {
		page := open(t, browser, site+Prefix+"/voor-mij", 360, 640, "light")
		defer page.MustClose()
		if got := page.MustEval(seen).Str(); got != "hidden" {
			t.Fatal("the menu is open at the start:", got)
		}
		page.MustElement("[data-open-menu]").MustClick()
		if got := page.MustEval(seen).Str(); got != "visible" {
			t.Error("the menu did not open:", got)
		}
		if !page.MustEval(`() => document.getElementById('menu').contains(document.activeElement)`).Bool() {
			t.Error("the focus is not in the menu")
		}
		for range 40 {
			page.Keyboard.MustType(input.Tab)
		}
		if !page.MustEval(`() => document.getElementById('menu').contains(document.activeElement)`).Bool() {
			t.Error("the focus left the open menu")
		}
		page.Keyboard.MustType(input.Escape)
		if got := page.MustEval(seen).Str(); got != "hidden" {
			t.Error("Escape did not close the menu:", got)
		}
		if !page.MustEval(`() => document.activeElement.hasAttribute('data-open-menu')`).Bool() {
			t.Error("the focus did not go back to the button")
		}
	})

	t.Run("without script", func(t *testing.T) {
		page := browser.MustPage("").Timeout(30 * time.Second)
		defer page.MustClose()
		page.MustSetViewport(360, 640, 1, true)
		if err := (proto.NetworkEnable{}).Call(page); err != nil {
			t.Fatal(err)
		}
		if err := (proto.NetworkSetBlockedURLs{Urls: []string{"*.js"}}).Call(page); err != nil {
			t.Fatal(err)
		}
		page.MustNavigate(site + Prefix + "/voor-mij").MustWaitLoad()
		page.MustElement("[data-open-menu]").MustClick()
		if got := page.MustInfo().URL; !strings.HasSuffix(got, "#menu") {
			t.Error("the link led to", got)
		}
		if got := page.MustEval(seen).Str(); got != "visible" {
			t.Error("the menu did not open:", got)
		}
		page.MustElement(".lk-side-close").MustClick()
		page.MustWait(`() => getComputedStyle(document.getElementById('menu')).visibility === 'hidden'`)
	})
}

func TestSheetOfAPost(t *testing.T) {
	site, browser := serve(t), chromium(t)
	page := open(t, browser, site+Prefix+"/gesprek", 1280, 800, "light")
	defer page.MustClose()
	page.MustElement("#post-9202 [data-popover]").MustFocus()
	page.Keyboard.MustType(input.Enter)
	page.MustElement("#post-9202 .lk-sheet")
	if !page.MustEval(`() => document.querySelector('.lk-sheet').contains(document.activeElement)`).Bool() {
		t.Error("the focus is not in the sheet")
	}
	page.Keyboard.MustType(input.Escape)
	if page.MustHas(".lk-sheet .lk-emoji") {
		t.Error("Escape did not close the sheet")
	}
	if !page.MustEval(`() => document.activeElement.hasAttribute('data-popover')`).Bool() {
		t.Error("the focus did not go back")
	}
}

func TestAPostIsDressedForItsReader(t *testing.T) {
	site, browser := serve(t), chromium(t)
	page := open(t, browser, site+Prefix+"/gesprek?taal=en", 1280, 800, "light")
	defer page.MustClose()
	for selector, want := range map[string]string{
		"#post-9203 [data-t=edited]":      "edited",
		"#post-9203 [data-t=in_reply_to]": "In reply to",
		"#post-9205 [data-t=deleted]":     "This post was deleted",
		"#post-9202 time":                 "16 November 2026 at 09:10",
	} {
		if got := page.MustElement(selector).MustText(); got != want {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	pressed := page.MustEval(`() => [...document.querySelectorAll('#post-9201 [data-by]')].map((e) => e.getAttribute('aria-pressed')).join()`).Str()
	if pressed != "false,true" {
		t.Error("own reactions are not marked:", pressed)
	}
	if !page.MustHas(`#post-9202 .mention.is-me`) {
		t.Error("being named is not marked")
	}
}

func TestAPostOfTheForumIsSmall(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		p := opening()
		p.ID = int64(i + 1)
		if err := p.View().Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	perPost := (b.Len() - 50*len(openingText)) / 50
	if perPost > 2200 {
		t.Errorf("a post carries %d bytes around its words; at most 2200", perPost)
	}
	fmt.Fprintln(t.Output(), "bytes around the words of a post:", perPost)
}
