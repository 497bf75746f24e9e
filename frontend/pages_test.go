package frontend_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"leerkring/community"
	"leerkring/frontend/browsertest"
)

// TestPages walks all pages there are, in a browser, with what the demo holds.
func TestPages(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	site := browsertest.StartDemo(t)
	browser := browsertest.Chromium(t)
	visits := tour(t, site)
	t.Run("the tour visits every page", func(t *testing.T) { isComplete(t, visits) })
	t.Run("every page", func(t *testing.T) {
		for who, visits := range byVisitor(append(visits, states(t, site)...)) {
			reader := reader(site, browser, who)
			name := strings.ToLower(strings.Fields(who + " gast")[0])
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				withScript(t, window(t, reader, browsertest.Desk, "light"), site.URL, visits, string(axe))
			})
			t.Run(name+" without script", func(t *testing.T) {
				t.Parallel()
				withoutScript(t, window(t, reader, browsertest.Phone, "light"), visits)
			})
		}
	})
	leads := reader(site, browser, leader)
	at := community.SpacePath(spaceNamed(t, site, leads.Actor, "Achterhoek leert").ID)
	t.Run("forms that are not taken", func(t *testing.T) { refusedForms(t, window(t, leads, [2]int{320, 640}, "light"), at, string(axe)) })
	t.Run("the keyboard sees where it is", func(t *testing.T) { keyboardStops(t, window(t, leads, browsertest.Desk, "light"), at) })
}

// isComplete: every address that answers a GET is in the tour.
func isComplete(t *testing.T, visits []visit) {
	source, err := os.ReadFile("frontend.go")
	if err != nil {
		t.Fatal(err)
	}
	patterns := regexp.MustCompile(`(?:everyone|members)\("GET (/[^"]*)"`).FindAllStringSubmatch(string(source), -1)
	if len(patterns) < 30 {
		t.Fatalf("only %d pages were found", len(patterns))
	}
	for _, p := range patterns {
		address := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(strings.Replace(p[1], "{$}", "", 1), `[^/?]+`)
		is := regexp.MustCompile(`^` + address + `(\?.*)?$`)
		if !slices.ContainsFunc(visits, func(v visit) bool { return is.MatchString(v.path) }) {
			t.Errorf("no visit to %s: add one to the tour", p[1])
		}
	}
}

// withScript looks at each page at a desk by day, on a phone by night, and on the
// narrowest phone, also with large letters, after opening it once.
func withScript(t *testing.T, page *browsertest.Page, address string, visits []visit, axe string) {
	said := listen(page, address)
	for _, v := range visits {
		page.Look(browsertest.Desk, "light")
		page.Go(v.path)
		if v.then != "" {
			page.Value(v.then)
		}
		checkHead(t, page, v)
		checkAxe(t, page, v, axe)
		page.Look(browsertest.Phone, "dark")
		checkAxe(t, page, v, axe)
		if small := page.Value(tooSmall); small != "" {
			t.Errorf("%s: smaller than 44 px:\n%s", v, small)
		}
		page.Look([2]int{320, 640}, "light")
		checkFits(t, page, v, "at 320 px")
		page.Value(`() => { document.documentElement.style.fontSize = '200%'; return '' }`)
		checkFits(t, page, v, "at 320 px, text 200 %")
		for _, s := range said() {
			if !strings.Contains(s, "404 (Not Found)") { // a page that is not there says so itself
				t.Errorf("%s: %s", v, s)
			}
		}
	}
}

// withoutScript looks whether each page is there, and fits.
func withoutScript(t *testing.T, page *browsertest.Page, visits []visit) {
	page.WithoutScript()
	for _, v := range visits {
		if v.then != "" {
			continue
		}
		page.Go(v.path)
		checkHead(t, page, v)
		checkFits(t, page, v, "without script")
	}
}

// wrong is a form that is filled in wrongly.
type wrong struct {
	path, action string
	fields       map[string]string
	// field is what the page must point at.
	field string
}

// refusedForms sends forms as a browser does, wrongly filled in: the page comes
// again, says so in its title, puts the reader at what is wrong, and can be used
// by everyone.
func refusedForms(t *testing.T, page *browsertest.Page, at, axe string) {
	for _, w := range []wrong{
		{"/ruimtes/nieuw", "/ruimtes", map[string]string{"name": " "}, "name"},
		{at + "/instellingen", at + "/instellingen", map[string]string{"name": ""}, "name"},
		{at + "/uitnodigingen", at + "/uitnodigingen", map[string]string{"mail": "karin@"}, "mail"},
		{at + "/nieuw?soort=question", at + "/gesprekken", map[string]string{"title": "", "body": ""}, "title"},
		{"/instellingen/profiel", "/instellingen/profiel", map[string]string{"name": ""}, "name"},
		{"/instellingen/tokens", "/instellingen/tokens", map[string]string{"name": ""}, "name"},
		{"/zoeken", "/zoeken", map[string]string{"q": "?!"}, "q"},
	} {
		page.Go(w.path)
		fields, err := json.Marshal(w.fields)
		if err != nil {
			t.Fatal(err)
		}
		page.Value(`(action, fields) => {
			const names = Object.keys(JSON.parse(fields))
			const form = [...document.querySelectorAll('main form')].find((f) => f.getAttribute('action') === action && f.elements[names[0]])
			for (const [name, value] of Object.entries(JSON.parse(fields))) { form.elements[name].removeAttribute('maxlength'); form.elements[name].value = value }
			form.noValidate = true
			form.requestSubmit()
			return ''
		}`, w.action, string(fields))
		page.Until("the page comes again", `() => document.title.startsWith('Fout: ') && document.readyState === 'complete'`)
		v := visit{who: leader, path: w.path}
		checkHead(t, page, v)
		checkAxe(t, page, v, axe)
		if wide := page.Value(fits); wide != "" {
			t.Errorf("%s, not taken: %s", w.path, wide)
		}
		page.Until("the reader is at what is wrong", `() => document.activeElement && document.activeElement.hasAttribute('data-focus')`)
		link := "[data-focus] a[href='#" + w.field + "']"
		page.Click(link)
		page.Until("the link leads to the field", `(field) => document.activeElement && document.activeElement.id === field`, w.field)
	}
}

// keyboardStops: every stop of the keyboard shows where one is, and has a name;
// the first leads to the content.
func keyboardStops(t *testing.T, page *browsertest.Page, at string) {
	for _, path := range []string{"/", "/ruimtes", at, at + "/leden", at + "/uitnodigingen", "/vragen", "/meldingen", "/zoeken?q=gesprek", "/instellingen", "/instellingen/tokens"} {
		page.Go(path)
		page.Value(`() => { document.activeElement.blur(); scrollTo(0, 0); return '' }`)
		stops := 0
		for range 150 {
			if err := page.Keyboard.Type(input.Tab); err != nil {
				t.Fatal(err)
			}
			var stop struct{ What, Ring, Name string }
			if err := json.Unmarshal([]byte(page.Value(stopOfTheKeyboard)), &stop); err != nil {
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
			if stops == 1 && !strings.Contains(stop.What, "skip-link") {
				t.Errorf("%s: the first stop is not the way to the content: %s", path, stop.What)
			}
		}
		if stops < 12 {
			t.Errorf("%s: only %d stops", path, stops)
		}
	}
}

const stopOfTheKeyboard = `() => {
	const e = document.activeElement
	if (!e || e === document.body) return '{}'
	const rings = [getComputedStyle(e), getComputedStyle(e, '::after')]
	const ring = rings.some((s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || /0px 0px 0px 1px/.test(s.boxShadow))
	const label = e.labels && e.labels[0] ? e.labels[0].textContent : ''
	return JSON.stringify({What: e.outerHTML.slice(0, 120), Ring: ring ? 'yes' : '', Name: (e.getAttribute('aria-label') || label || e.textContent || e.title).trim()})
}`

func byVisitor(visits []visit) map[string][]visit {
	by := map[string][]visit{}
	for _, v := range visits {
		by[v.who] = append(by[v.who], v)
	}
	return by
}

func reader(site *browsertest.Site, browser *rod.Browser, who string) *browsertest.Reader {
	if who == guest {
		return site.Guest(browser)
	}
	return site.Reader(browser, site.Who(who))
}

// window opens a window on a device that is set to light or dark.
func window(t *testing.T, reader *browsertest.Reader, size [2]int, theme string) *browsertest.Page {
	t.Helper()
	page := reader.Blank(size).In(t)
	t.Cleanup(func() { page.MustClose() })
	page.Look(size, theme)
	return page
}

// listen returns what the browser complained of since the last call: what a
// script tripped over, what the content security policy forbids, and requests to
// another host.
func listen(page *browsertest.Page, site string) func() []string {
	var mu sync.Mutex
	var said []string
	say := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, s)
	}
	go page.EachEvent(func(e *proto.LogEntryAdded) {
		say(e.Entry.Text + " " + e.Entry.URL)
	}, func(e *proto.RuntimeExceptionThrown) {
		say(e.ExceptionDetails.Text + " " + e.ExceptionDetails.Exception.Description)
	}, func(e *proto.NetworkRequestWillBeSent) {
		if !strings.HasPrefix(e.Request.URL, site) && !strings.HasPrefix(e.Request.URL, "data:") {
			say("asks another host: " + e.Request.URL)
		}
	})()
	_ = proto.LogEnable{}.Call(page.Page)
	_ = proto.NetworkEnable{}.Call(page.Page)
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		now := said
		said = nil
		return now
	}
}

// checkHead: the title says what the page is, and there is one heading of the
// first level.
func checkHead(t *testing.T, page *browsertest.Page, v visit) {
	t.Helper()
	var head struct {
		Title, Language string
		Headings        []string
	}
	if err := json.Unmarshal([]byte(page.Value(`() => JSON.stringify({Title: document.title, Language: document.documentElement.lang,
		Headings: [...document.querySelectorAll('h1')].map((h) => h.textContent.trim())})`)), &head); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(head.Title, " · Leerkring") || strings.Count(head.Title, "Leerkring") != 1 {
		t.Errorf("%s has the title %q", v, head.Title)
	}
	if len(head.Headings) != 1 || head.Headings[0] == "" {
		t.Errorf("%s has the headings %q", v, head.Headings)
	}
	if head.Language == "" {
		t.Errorf("%s has no language", v)
	}
}

// checkAxe runs axe with all its rules, best practices too.
func checkAxe(t *testing.T, page *browsertest.Page, v visit, axe string) {
	t.Helper()
	page.Value(`(source) => { const run = new Function(source); run(); return '' }`, axe)
	var found []string
	result := page.Value(`async () => {
		const found = await axe.run(document, {resultTypes: ['violations']})
		return JSON.stringify(found.violations.map((v) => v.id + ': ' + v.help + '\n    ' +
			v.nodes.slice(0, 3).map((n) => n.html + '\n      ' + n.failureSummary).join('\n    ')))
	}`)
	if err := json.Unmarshal([]byte(result), &found); err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s: %s", v, f)
	}
}

func checkFits(t *testing.T, page *browsertest.Page, v visit, how string) {
	t.Helper()
	if wide := page.Value(fits); wide != "" {
		t.Errorf("%s %s: %s", v, how, wide)
	}
}

// tooSmall lists what a finger would miss.
const tooSmall = `() => [...document.querySelectorAll('button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio]), .lk-bar a, .lk-side-link, .lk-tabs a, .lk-choices a, .lk-post-more, .lk-top-button, a.nl-button')]
	.filter((e) => e.checkVisibility({visibilityProperty: true}))
	.map((e) => {
		const r = e.getBoundingClientRect()
		// What lies around it and belongs to it takes the finger too.
		const more = e.matches('.lk-chip') ? -2 * parseFloat(getComputedStyle(e, '::after').top) : 0
		return [e, {width: r.width, height: r.height + more}]
	})
	.filter(([e, r]) => r.width > 1 && r.height > 1 && (r.height < 43.5 || r.width < 43.5))
	.map(([e, r]) => Math.round(r.width) + '×' + Math.round(r.height) + ' ' + e.outerHTML.slice(0, 90)).join('\n')`

// fits reports by how much a page is wider than its window, and what sticks out.
const fits = `() => {
	const room = document.documentElement.clientWidth
	if (document.documentElement.scrollWidth <= room) return ''
	const inBox = (e) => { for (; e && e !== document.body; e = e.parentElement) if (e.matches('.lk-tabs, .lk-box-scroll, pre, .lk-side, .lk-sr')) return true }
	const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > room + 1 && !inBox(e))
	return document.documentElement.scrollWidth + ' px: ' + out.slice(0, 4).map((e) => e.outerHTML.slice(0, 80)).join(', ')
}`
