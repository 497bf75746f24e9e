package style

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

// fits reports by how much a page is wider than its window, and what sticks out.
const fits = `() => {
	const room = document.documentElement.clientWidth
	if (document.documentElement.scrollWidth <= room) return ''
	const inBox = (e) => { for (; e !== document.body; e = e.parentElement) if (e.matches('.lk-tabs, .lk-box-scroll, pre, .lk-side, .lk-sr')) return true }
	const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > room + 1 && !inBox(e))
	return document.documentElement.scrollWidth + ' px: ' + out.slice(0, 4).map((e) => e.outerHTML.slice(0, 80)).join(', ')
}`

func TestPagesFitTheNarrowestPhone(t *testing.T) {
	site, browser := serve(t), chromium(t)
	for _, path := range Paths() {
		page := open(t, browser, site+path, 320, 640, "light")
		if got := page.MustEval(fits).Str(); got != "" {
			t.Errorf("%s at 320 px: %s", path, got)
		}
		// Text twice as large, as a person sets it in the browser.
		page.MustEval(`() => { document.documentElement.style.fontSize = '200%' }`)
		if got := page.MustEval(fits).Str(); got != "" {
			t.Errorf("%s at 320 px, text 200 %%: %s", path, got)
		}
		page.MustClose()
	}
}

func TestPagesHaveNoAccessibilityViolations(t *testing.T) {
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	need(t, err == nil, "axe-core is not there: npm ci")
	site, browser := serve(t), chromium(t)
	for _, path := range Paths() {
		for _, look := range []struct {
			theme string
			width int
		}{{"light", 1280}, {"dark", 360}} {
			page := open(t, browser, site+path, look.width, 800, look.theme)
			for _, v := range violations(t, page, string(axe)) {
				t.Errorf("%s, %d px, %s: %s", path, look.width, look.theme, v)
			}
			page.MustClose()
		}
	}
}

// violations runs axe with all its rules, best practices too.
func violations(t *testing.T, page *rod.Page, axe string) []string {
	t.Helper()
	page.MustEval(`(source) => { const run = new Function(source); run() }`, axe)
	result := page.MustEval(`async () => {
		const found = await axe.run(document, {resultTypes: ['violations']})
		return JSON.stringify(found.violations.map((v) => v.id + ': ' + v.help + '\n    ' +
			v.nodes.slice(0, 3).map((n) => n.html + '\n      ' + n.failureSummary).join('\n    ')))
	}`).Str()
	var found []string
	if err := json.Unmarshal([]byte(result), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// What the content security policy forbids, and what a script trips over, is
// told on the console.
func TestPagesSayNothingOnTheConsole(t *testing.T) {
	site, browser := serve(t), chromium(t)
	for _, path := range Paths() {
		page := browser.MustPage("")
		said := make(chan string, 32)
		go page.EachEvent(func(e *proto.LogEntryAdded) {
			said <- e.Entry.Text
		}, func(e *proto.RuntimeExceptionThrown) {
			said <- e.ExceptionDetails.Text
		}, func(e *proto.NetworkRequestWillBeSent) {
			if !strings.HasPrefix(e.Request.URL, site) && !strings.HasPrefix(e.Request.URL, "data:") && e.Request.URL != "about:blank" {
				said <- "asks another host: " + e.Request.URL
			}
		})()
		_ = proto.LogEnable{}.Call(page)
		_ = proto.NetworkEnable{}.Call(page)
		page.MustNavigate(site + path).MustWaitIdle()
		page.MustClose()
		close(said)
		for s := range said {
			t.Errorf("%s: %s", path, s)
		}
	}
}

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

// Every stop of the keyboard shows where one is, and has a name.
func TestKeyboardSeesWhereItIs(t *testing.T) {
	site, browser := serve(t), chromium(t)
	for _, path := range []string{Prefix + "/voor-mij", Prefix + "/chat", Prefix + "/gesprek", Prefix + "/formulier"} {
		page := open(t, browser, site+path, 1280, 800, "light")
		page.MustEval(`() => { document.activeElement.blur(); scrollTo(0, 0) }`)
		stops := 0
		for range 120 {
			page.Keyboard.MustType(input.Tab)
			var stop struct{ What, Ring, Name string }
			err := page.MustEval(`() => {
				const e = document.activeElement
				if (!e || e === document.body) return {What: ''}
				const rings = [e, e.closest('.lk-composer-box')].filter(Boolean).map((x) => [getComputedStyle(x), getComputedStyle(x, '::after')]).flat()
				const ring = rings.some((s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || /0px 0px 0px 1px/.test(s.boxShadow))
				const label = e.labels && e.labels[0] ? e.labels[0].textContent : ''
				return {What: e.outerHTML.slice(0, 120), Ring: ring ? 'yes' : '', Name: (e.getAttribute('aria-label') || label || e.textContent || e.title).trim()}
			}`).Unmarshal(&stop)
			if err != nil {
				t.Fatal(err)
			}
			if stop.What == "" {
				break
			}
			stops++
			if stop.Ring == "" {
				t.Errorf("%s: no visible focus on %s", path, stop.What)
			}
			if stop.Name == "" {
				t.Errorf("%s: no name on %s", path, stop.What)
			}
			// A form that was not taken begins at what is wrong.
			if stops == 1 && !strings.HasSuffix(path, "formulier") && !strings.Contains(stop.What, "skip-link") {
				t.Errorf("%s: the first stop is not the way to the content: %s", path, stop.What)
			}
		}
		if stops < 8 {
			t.Errorf("%s: only %d stops", path, stops)
		}
		page.MustClose()
	}
}

func TestTargetsAreLargeEnoughForAFinger(t *testing.T) {
	site, browser := serve(t), chromium(t)
	for _, path := range Paths() {
		page := open(t, browser, site+path, 360, 640, "light")
		small := page.MustEval(`() => [...document.querySelectorAll('button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio]), .lk-bar a, .lk-side-link, .lk-tabs a, .lk-post-more, .lk-top-button, a.nl-button')]
			.map((e) => {
				const r = e.getBoundingClientRect()
				// What lies around it and belongs to it takes the finger too.
				const more = e.matches('.lk-chip') ? -2 * parseFloat(getComputedStyle(e, '::after').top) : 0
				return [e, {width: r.width, height: r.height + more}]
			})
			.filter(([e, r]) => r.width > 1 && r.height > 1 && (r.height < 43.5 || r.width < 43.5))
			.map(([e, r]) => Math.round(r.width) + '×' + Math.round(r.height) + ' ' + e.outerHTML.slice(0, 90)).join('\n')`).Str()
		if small != "" {
			t.Errorf("%s: smaller than 44 px:\n%s", path, small)
		}
		page.MustClose()
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
