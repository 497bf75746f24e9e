package browsertest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"leerkring/community"
)

// Reader is somebody at a browser of their own, with cookies of their own.
type Reader struct {
	site    *Site
	browser *rod.Browser
	Actor   community.Actor
}

// Reader gives somebody a browser in which they are signed in.
func (s *Site) Reader(browser *rod.Browser, person int64) *Reader {
	s.t.Helper()
	r := s.Guest(browser)
	r.Actor = s.Actor(person)
	r.SignIn()
	return r
}

// Guest gives a browser in which nobody is signed in. Whatever is asked of it
// ends within [life].
func (s *Site) Guest(browser *rod.Browser) *Reader {
	s.t.Helper()
	own, err := browser.Timeout(patience).Incognito()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), life)
	own = own.Context(ctx)
	s.t.Cleanup(func() {
		defer cancel()
		if err := own.Timeout(patience).Close(); err != nil {
			s.t.Log("a browser is left open: ", err)
		}
	})
	return &Reader{site: s, browser: own}
}

// SignIn gives the browser a session.
func (r *Reader) SignIn() {
	r.site.t.Helper()
	r.setCookie(r.site.session(r.Actor.Person))
}

// Become signs somebody else in at the same desk.
func (r *Reader) Become(person int64) {
	r.site.t.Helper()
	r.Actor = r.site.Actor(person)
	r.SignIn()
}

func (r *Reader) setCookie(value string) {
	r.site.t.Helper()
	err := r.browser.SetCookies([]*proto.NetworkCookieParam{{
		Name: community.SessionCookie, Value: value, URL: r.site.URL, HTTPOnly: true, SameSite: proto.NetworkCookieSameSiteLax,
	}})
	if err != nil {
		r.site.t.Fatal(err)
	}
}

// Desk and Phone are the sizes of a window.
var (
	Desk  = [2]int{1280, 800}
	Phone = [2]int{360, 740}
)

// Open opens a page in a window of this size, and waits until it is there.
func (r *Reader) Open(path string, size [2]int) *Page {
	r.site.t.Helper()
	p := r.Blank(size)
	p.Go(path)
	return p
}

// Blank opens a window without a page.
func (r *Reader) Blank(size [2]int) *Page {
	r.site.t.Helper()
	page, err := r.browser.Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		r.site.t.Fatal(err)
	}
	p := &Page{Page: page, t: r.site.t, url: r.site.URL}
	p.Look(size, "light")
	return p
}

// In makes a test of its own answer for the window: a part of the one that opened
// it.
func (p *Page) In(t testing.TB) *Page {
	own := *p
	own.t = t
	return &own
}

// Look makes the window this large, on a device that is set to "light" or "dark":
// a phone with a finger, or a desk with a mouse.
func (p *Page) Look(size [2]int, theme string) {
	p.t.Helper()
	p.touch = size[0] < 700
	view := &proto.EmulationSetDeviceMetricsOverride{Width: size[0], Height: size[1], DeviceScaleFactor: 1, Mobile: p.touch}
	if err := p.SetViewport(view); err != nil {
		p.t.Fatal(err)
	}
	if err := (proto.EmulationSetTouchEmulationEnabled{Enabled: p.touch}).Call(p.Page); err != nil {
		p.t.Fatal(err)
	}
	err := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}.Call(p.Page)
	if err != nil {
		p.t.Fatal(err)
	}
}

// Page is a window with a page.
type Page struct {
	*rod.Page
	t   testing.TB
	url string
	// touch: there is a finger, no mouse.
	touch bool
}

const (
	// patience is how long something may take on a busy machine.
	patience = 20 * time.Second
	// life is how long a reader may read, for what is asked of a page without
	// patience: some calls never come back when it has died.
	life = 10 * time.Minute
)

// Go goes to an address of the site.
func (p *Page) Go(path string) {
	p.t.Helper()
	if err := p.Timeout(patience).Navigate(p.url + path); err != nil {
		p.t.Fatal(path, ": ", err)
	}
	p.Loaded()
}

// Loaded waits until the page and its scripts are there.
func (p *Page) Loaded() {
	p.t.Helper()
	p.Until("the page is loaded", `() => document.readyState === 'complete'`)
}

// Until waits until a function of script gives something that counts as true.
func (p *Page) Until(what, expression string, args ...any) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	ask := `(...args) => Boolean((` + expression + `)(...args))`
	for {
		result, err := p.Timeout(patience).Eval(ask, args...)
		if err == nil && result.Value.Bool() {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("after %v not: %s; %v\n%s", patience, what, err, p.Text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Until waits until something is so on the side of the site.
func Until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v not: %s", patience, what)
		}
	}
}

// Says waits until these words can be read on the page.
func (p *Page) Says(words string) {
	p.t.Helper()
	p.Until("the page says "+words, `(words) => document.body.innerText.includes(words)`, words)
}

// Lacks fails the test if these words can be read on the page now.
func (p *Page) Lacks(words string) {
	p.t.Helper()
	if strings.Contains(p.Text(), words) {
		p.t.Errorf("the page says %q:\n%s", words, p.Text())
	}
}

// Text is what can be read on the page.
func (p *Page) Text() string {
	result, err := p.Timeout(patience).Eval(`() => (document.querySelector('main') || document.body).innerText`)
	if err != nil {
		return err.Error()
	}
	return result.Value.Str()
}

// Number is what an expression of script gives, when that is a number.
func (p *Page) Number(expression string, args ...any) float64 {
	p.t.Helper()
	result, err := p.Timeout(patience).Eval(expression, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	return result.Value.Num()
}

// Value is what an expression of script gives, when that is a text.
func (p *Page) Value(expression string, args ...any) string {
	p.t.Helper()
	result, err := p.Timeout(patience).Eval(expression, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	return result.Value.Str()
}

// Find waits for an element.
func (p *Page) Find(selector string) *rod.Element {
	p.t.Helper()
	e, err := p.Timeout(patience).Element(selector)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", selector, err, p.Text())
	}
	return e.CancelTimeout()
}

// Front brings the window before the others: what lies behind is not drawn.
func (p *Page) Front() {
	p.t.Helper()
	if _, err := p.Activate(); err != nil {
		p.t.Fatal(err)
	}
}

// Click presses an element, with the mouse or on a phone with a finger.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Front()
	if err := p.press(p.Find(selector).Timeout(patience)); err != nil {
		p.t.Fatalf("press %s: %v\n%s", selector, err, p.Text())
	}
}

// press presses the middle of an element, when that is not behind another one.
func (p *Page) press(e *rod.Element) error {
	if err := intoView(e); err != nil {
		return err
	}
	shape, err := e.Shape()
	if err != nil {
		return err
	}
	box := shape.Box()
	at := proto.Point{X: box.X + box.Width/2, Y: box.Y + box.Height/2}
	over, err := e.Eval(`(x, y) => { const top = document.elementFromPoint(x, y); return this.contains(top) || (top && top.contains(this)) ? '' : 'behind ' + (top && top.outerHTML) }`, at.X, at.Y)
	if err != nil {
		return err
	}
	if over.Value.Str() != "" {
		return errors.New(over.Value.Str())
	}
	if p.touch {
		return p.tap(at)
	}
	if err := p.Timeout(patience).Mouse.MoveTo(at); err != nil {
		return err
	}
	return p.Timeout(patience).Mouse.Click(proto.InputMouseButtonLeft, 1)
}

// tap touches a point with a finger. It does not wait until the page was drawn,
// which without script is never heard.
func (p *Page) tap(at proto.Point) error {
	finger := []*proto.InputTouchPoint{{X: at.X, Y: at.Y}}
	err := proto.InputDispatchTouchEvent{Type: proto.InputDispatchTouchEventTypeTouchStart, TouchPoints: finger}.Call(p.Timeout(patience))
	if err != nil {
		return err
	}
	return proto.InputDispatchTouchEvent{Type: proto.InputDispatchTouchEventTypeTouchEnd, TouchPoints: []*proto.InputTouchPoint{}}.Call(p.Timeout(patience))
}

// Type writes into an element, after what stands there.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.Front()
	if err := p.write(p.Find(selector).Timeout(patience), text); err != nil {
		p.t.Fatalf("type into %s: %v", selector, err)
	}
}

func (p *Page) write(e *rod.Element, text string) error {
	if err := intoView(e); err != nil {
		return err
	}
	_, err := e.Eval(`() => { this.focus(); this.setSelectionRange?.(this.value.length, this.value.length) }`)
	if err != nil {
		return err
	}
	return p.Timeout(patience).InsertText(text)
}

// Replace writes over what stands in an element.
func (p *Page) Replace(selector, text string) {
	p.t.Helper()
	p.Front()
	e := p.Find(selector).Timeout(patience)
	_, err := e.Eval(`() => { this.focus(); this.select() }`)
	if err == nil {
		err = p.Timeout(patience).InsertText(text)
	}
	if err != nil {
		p.t.Fatalf("replace what stands in %s: %v", selector, err)
	}
}

// Press presses a key in an element.
func (p *Page) Press(selector string, key input.Key) {
	p.t.Helper()
	p.Front()
	_, err := p.Find(selector).Timeout(patience).Eval(`() => this.focus()`)
	if err == nil {
		err = p.Timeout(patience).Keyboard.Type(key)
	}
	if err != nil {
		p.t.Fatalf("press a key in %s: %v", selector, err)
	}
}

// intoView scrolls to an element. Rod's own way waits until the page was drawn,
// which it hears by script, and not at all without.
func intoView(e *rod.Element) error {
	return proto.DOMScrollIntoViewIfNeeded{ObjectID: e.Object.ObjectID}.Call(e)
}

// WithoutScript switches script off for the pages that follow.
func (p *Page) WithoutScript() {
	p.t.Helper()
	if err := (proto.EmulationSetScriptExecutionDisabled{Value: true}).Call(p.Page); err != nil {
		p.t.Fatal(err)
	}
}

// Live waits until the page's socket is open and has caught up.
func (p *Page) Live() {
	p.t.Helper()
	p.Until("the page is live", `() => Boolean(document.querySelector('[data-live].is-live'))`)
}
