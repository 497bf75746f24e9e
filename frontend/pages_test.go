package frontend_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/browsertest"
)

// The people of the demo who look at the pages.
const (
	leader   = "Programmaleider van de regio"
	admin    = "Beheerder van het platform"
	newcomer = "Nieuwe collega, net uitgenodigd"
	guest    = ""
)

// visit is a page and who looks at it.
type visit struct{ who, path string }

// tour returns a visit to every page there is, with what the demo holds.
func tour(t *testing.T, site *browsertest.Site) []visit {
	t.Helper()
	me := site.Actor(site.Who(leader))
	mine := func(path string) visit { return visit{leader, path} }
	space := spaceNamed(t, site, me, "Achterhoek leert")
	closed := spaceNamed(t, site, me, "Leergang Over de schutting, groep 4")
	at := community.SpacePath(space.ID)
	member := fmt.Sprintf("%s/leden/%d", at, site.Who(newcomer))
	invitation, err := site.Community.Invite(ctx, me, space.ID, community.NewInvitation{Uses: new(3)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Community.CreateToken(ctx, me.Person, "Rooster", community.ScopeRead); err != nil {
		t.Fatal(err)
	}
	tokens, err := site.Community.MyTokens(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := site.Community.MyMail(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Community.RequestSignIn(ctx, community.SignInRequest{Mail: mail}); err != nil {
		t.Fatal(err)
	}

	visits := []visit{
		mine("/"), {newcomer, "/"}, mine("/ruimtes"), {newcomer, "/ruimtes"}, mine("/ruimtes/nieuw"), {admin, "/ruimtes/nieuw"},
		mine(at), mine(at + "?onderwerp=geenzin"), mine(at + "/vragen"), mine(at + "/vragen?welke=open"), mine(at + "/kennis"), mine(at + "/chat"),
		mine(community.SpacePath(closed.ID)), mine(at + "/leden"), mine(at + "/leden?q=niemandheetzo"), mine(member), mine(member + "?weg=1"),
		mine(at + "/vertrek"), mine(at + "/instellingen"), mine(at + "/uitnodigingen"),
		mine(fmt.Sprintf("%s/uitnodigingen/%d/intrekken", at, invitation.ID)),
		mine("/vragen"), mine("/vragen?welke=alle"), {newcomer, "/vragen?welke=mijn"}, mine("/meldingen"), {newcomer, "/meldingen?welke=nieuw"},
		mine("/zoeken"), mine("/zoeken?q=gesprek"), mine("/zoeken?q=xyzzyplugh"), mine("/zoeken?q=karin"),
		mine(fmt.Sprintf("/mensen/%d", site.Who(newcomer))), mine(fmt.Sprintf("/mensen/%d", me.Person)),
		mine("/instellingen"), mine("/instellingen/profiel"), mine("/instellingen/tokens"),
		mine(fmt.Sprintf("/instellingen/tokens/%d/intrekken", tokens[0].ID)),
		mine("/toegankelijkheid"), {guest, "/toegankelijkheid"}, mine("/nergens"), {guest, "/nergens"},
		{guest, "/aanmelden"}, {guest, "/aanmelden/onzin"}, {guest, "/uitnodiging/" + invitation.Code}, {guest, "/uitnodiging/onzin"},
		{newcomer, "/uitnodiging/" + invitation.Code}, {guest, stopAddress(t, site, mail)},
	}
	for _, kind := range []forum.Kind{forum.Channel, forum.Discussion, forum.Question, forum.Article} {
		streams, _, err := site.Forum.Streams(ctx, me, space.ID, forum.StreamQuery{Kind: kind}, community.Page{Limit: 1})
		if err != nil || len(streams) == 0 {
			t.Fatalf("no %s in the demo: %v", kind, err)
		}
		visits = append(visits, mine(at+"/nieuw?soort="+string(kind)), mine(forum.StreamPath(streams[0].ID)), mine(forum.StreamPath(streams[0].ID)+"/wijzig"))
		if kind != forum.Discussion {
			continue
		}
		post, err := site.Forum.Post(ctx, me, forum.PostInput{Stream: streams[0].ID, Body: "Van mij, en **nadrukkelijk**."})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := site.Forum.Edit(ctx, me, post.ID, forum.EditInput{Body: "Van mij, en *schuin*."}); err != nil {
			t.Fatal(err)
		}
		own := forum.PostPath(post.ID)
		visits = append(visits, mine(own), mine(own+"/wijzig"), mine(own+"/verwijder"), mine(own+"/versies"), mine(own+"/draad"))
	}
	return visits
}

func spaceNamed(t *testing.T, site *browsertest.Site, actor community.Actor, name string) community.Space {
	t.Helper()
	spaces, _, err := site.Community.Spaces(ctx, actor, community.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spaces {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the demo has no space %q", name)
	return community.Space{}
}

// stopAddress is the link in the head of somebody's digest.
func stopAddress(t *testing.T, site *browsertest.Site, mail string) string {
	t.Helper()
	message, err := site.Notify.Preview(ctx, mail)
	if err != nil {
		t.Fatal(err)
	}
	head := strings.ReplaceAll(string(message), "\r\n ", "")
	link := regexp.MustCompile(`List-Unsubscribe: ?<` + regexp.QuoteMeta(site.URL) + `([^>]+)>`).FindStringSubmatch(head)
	if link == nil {
		t.Fatal("the digest has no link to stop it")
	}
	return link[1]
}

// Every address that answers a GET is in the tour.
func TestTheTourVisitsEveryPage(t *testing.T) {
	source, err := os.ReadFile("frontend.go")
	if err != nil {
		t.Fatal(err)
	}
	patterns := regexp.MustCompile(`(?:everyone|members)\("GET (/[^"]*)"`).FindAllStringSubmatch(string(source), -1)
	if len(patterns) < 30 {
		t.Fatalf("only %d pages were found", len(patterns))
	}
	site := browsertest.StartDemo(t)
	visits := tour(t, site)
	for _, p := range patterns {
		address := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(strings.Replace(p[1], "{$}", "", 1), `[^/?]+`)
		is := regexp.MustCompile(`^` + address + `(\?.*)?$`)
		found := false
		for _, v := range visits {
			found = found || is.MatchString(v.path)
		}
		if !found {
			t.Errorf("no visit to %s: add one to the tour", p[1])
		}
	}
}

// TestEveryPage opens every page in a browser: with script at a desk and, in the
// dark, on a phone; on the narrowest phone with large letters; and without
// script.
func TestEveryPage(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	site := browsertest.StartDemo(t)
	visits := tour(t, site)
	browser := browsertest.Chromium(t)
	for who, visits := range byVisitor(visits) {
		t.Run(strings.ToLower(strings.Fields(who + " gast")[0]), func(t *testing.T) {
			reader := reader(site, browser, who)
			t.Run("at a desk", func(t *testing.T) {
				page := window(t, reader, browsertest.Desk, "light")
				said := listen(page, site.URL)
				for _, v := range visits {
					page.Go(v.path)
					checkHead(t, page, v)
					checkAxe(t, page, v, string(axe))
					for _, s := range said() {
						if !strings.Contains(s, "404 (Not Found)") { // a page that is not there says so itself
							t.Errorf("%s: %s", v.path, s)
						}
					}
				}
			})
			t.Run("on a phone in the dark", func(t *testing.T) {
				page := window(t, reader, browsertest.Phone, "dark")
				for _, v := range visits {
					page.Go(v.path)
					checkAxe(t, page, v, string(axe))
					if small := page.Value(tooSmall); small != "" {
						t.Errorf("%s: smaller than 44 px:\n%s", v.path, small)
					}
				}
			})
			t.Run("on the narrowest phone", func(t *testing.T) {
				page := window(t, reader, [2]int{320, 640}, "light")
				for _, v := range visits {
					page.Go(v.path)
					if wide := page.Value(fits); wide != "" {
						t.Errorf("%s at 320 px: %s", v.path, wide)
					}
					page.Value(`() => { document.documentElement.style.fontSize = '200%'; return '' }`)
					if wide := page.Value(fits); wide != "" {
						t.Errorf("%s at 320 px, text 200 %%: %s", v.path, wide)
					}
				}
			})
			t.Run("without script", func(t *testing.T) {
				page := window(t, reader, browsertest.Phone, "light")
				page.WithoutScript()
				for _, v := range visits {
					page.Go(v.path)
					checkHead(t, page, v)
					if wide := page.Value(fits); wide != "" {
						t.Errorf("%s without script: %s", v.path, wide)
					}
				}
			})
		})
	}
}

// wrong is a form that is filled in wrongly.
type wrong struct {
	path, action string
	fields       map[string]string
	// field is what the page must point at.
	field string
}

// TestFormsThatAreNotTaken sends forms as a browser does, wrongly filled in: the
// page comes again, says so in its title, puts the reader at what is wrong, and
// can be used by everyone.
func TestFormsThatAreNotTaken(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	site := browsertest.StartDemo(t)
	me := site.Actor(site.Who(leader))
	at := community.SpacePath(spaceNamed(t, site, me, "Achterhoek leert").ID)
	page := window(t, reader(site, browsertest.Chromium(t), leader), [2]int{320, 640}, "light")
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
		v := visit{leader, w.path}
		checkHead(t, page, v)
		checkAxe(t, page, v, string(axe))
		if wide := page.Value(fits); wide != "" {
			t.Errorf("%s, not taken: %s", w.path, wide)
		}
		page.Until("the reader is at what is wrong", `() => document.activeElement && document.activeElement.hasAttribute('data-focus')`)
		link := "[data-focus] a[href='#" + w.field + "']"
		page.Click(link)
		page.Until("the link leads to the field", `(field) => document.activeElement && document.activeElement.id === field`, w.field)
	}
}

// TestKeyboardSeesWhereItIs: every stop of the keyboard shows where one is, and
// has a name; the first leads to the content.
func TestKeyboardSeesWhereItIs(t *testing.T) {
	site := browsertest.StartDemo(t)
	me := site.Actor(site.Who(leader))
	at := community.SpacePath(spaceNamed(t, site, me, "Achterhoek leert").ID)
	page := window(t, reader(site, browsertest.Chromium(t), leader), browsertest.Desk, "light")
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
	page := reader.Blank(size)
	t.Cleanup(func() { page.MustClose() })
	err := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}.Call(page.Page)
	if err != nil {
		t.Fatal(err)
	}
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
		t.Errorf("%s has the title %q", v.path, head.Title)
	}
	if len(head.Headings) != 1 || head.Headings[0] == "" {
		t.Errorf("%s has the headings %q", v.path, head.Headings)
	}
	if head.Language == "" {
		t.Errorf("%s has no language", v.path)
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
		t.Errorf("%s: %s", v.path, f)
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
