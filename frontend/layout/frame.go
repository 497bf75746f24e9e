// Package layout is what stands around every page: the head of the document, the
// way around on phone and desk, the place for notices. A page fills a Frame and
// puts its content inside; the package knows no domain and asks nobody.
package layout

import (
	"leerkring/frontend/assets"
	"leerkring/frontend/component"
	"leerkring/frontend/look"

	"github.com/a-h/templ"
)

// The addresses of the main places.
const (
	HomePath          = "/"
	SpacesPath        = "/ruimtes"
	QuestionsPath     = "/vragen"
	InboxPath         = "/meldingen"
	SearchPath        = "/zoeken"
	SettingsPath      = "/instellingen"
	SignInPath        = "/aanmelden"
	AccessibilityPath = "/toegankelijkheid"
)

// Section is one of the main places, for the mark of where the reader is.
type Section int

// The sections.
const (
	Elsewhere Section = iota
	Home
	Spaces
	Questions
	Inbox
	Search
	Settings
)

// Frame is everything around a page's content. The zero value of a field leaves
// its part out; Words and Title are always needed.
type Frame struct {
	Words component.Words
	// Title says what the page is; the browser shows it before the space's name
	// and the product's.
	Title string
	// Failed says in the browser's title that a form was not taken.
	Failed bool
	// Theme is the person's own choice, "light" or "dark"; "" follows the device.
	Theme string
	// Zone is the person's time zone, for the times that script rewrites.
	Zone string
	// Sample says that the page shows an example, and opens no socket.
	Sample bool

	// Person is who is signed in, or nil.
	Person  *component.Person
	Section Section
	// Spaces are those the person is in, in their order.
	Spaces []Space
	// Inbox and Questions count what waits for the person.
	Inbox, Questions int

	// Trail leads to Here; Here is the space the page is in, or nil; Tabs are
	// its parts.
	Trail component.Trail
	Here  *Here
	Tabs  []component.Tab

	// Notice is told at the top of the page, once.
	Notice *component.Alert
	// Aside is the right column: who is here, what this is about.
	Aside templ.Component
	// AsideAtDesk leaves the right column out where it would not stand beside the
	// page: for pages that are not the first of what it tells about.
	AsideAtDesk bool
	// Full gives the page the whole height, and its content scrolls by itself:
	// a channel.
	Full bool
	// Scripts are the pages' own, by the name of their folder: "channel".
	Scripts []string
	// Styles are style sheets of their own, in the same way.
	Styles []string
	// HouseStyle is the address of a municipality's token file on our own
	// origin, read after ours, or "".
	HouseStyle string
}

// Space is a line in the list of spaces.
type Space struct {
	Name, Href string
	Hue        int
	// Unread posts, and how many of them are meant for the person.
	Unread, ForYou int
	Current        bool
	// Child is drawn under the one above it.
	Child bool
	// Direct: a conversation between people, with a face for a mark.
	Direct bool
	// ID and Streams are for script, which keeps the counts: what is unread in
	// each stream of the space, as "STREAM:POSTS:MENTIONS", with a blank between.
	ID      int64
	Streams string
}

// Here is the space a page is in.
type Here struct {
	Name, Href string
	Hue        int
	// Closed shows the lock.
	Closed bool
	// Direct: a conversation between people, with a face for a mark.
	Direct bool
	// Title makes the name the title of the page (h1): the space's own first
	// page. Elsewhere the content has its own h1.
	Title bool
}

func (f Frame) fullTitle() string {
	title := f.Title
	if f.Failed {
		title = f.Words.T("frame.failed") + ": " + title
	}
	if f.Here != nil && f.Here.Name != f.Title {
		title += " · " + f.Here.Name
	}
	return title + " · " + f.Words.T("frame.product")
}

func (f Frame) bodyClass() string {
	class := "lk-frame"
	if f.Aside != nil {
		class += " lk-frame--aside"
		if f.AsideAtDesk {
			class += " lk-frame--aside-at-desk"
		}
	}
	if f.Full {
		class += " lk-frame--full"
	}
	if f.Person == nil {
		class += " lk-frame--guest"
	}
	return class
}

func (f Frame) scripts() []string {
	return built(append([]string{"app"}, f.Scripts...), ".js")
}

func (f Frame) styles() []string {
	return built(append([]string{"app"}, f.Styles...), ".css")
}

// built returns the addresses of those names that were built.
func built(names []string, end string) []string {
	var paths []string
	for _, name := range names {
		if path := assets.Path(name + end); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// place is one of the main places in the menu and in the phone's bar.
type place struct {
	section Section
	label   string
	href    string
	icon    component.Icon
	count   component.Count
}

func (f Frame) places() []place {
	return []place{
		{Home, f.Words.T("frame.home"), HomePath, component.IconHome, component.Count{}},
		{Spaces, f.Words.T("frame.spaces"), SpacesPath, component.IconSpaces, component.Count{}},
		{Questions, f.Words.T("frame.questions"), QuestionsPath, component.IconQuestion, component.Count{N: f.Questions, ForYou: true}},
		{Inbox, f.Words.T("frame.inbox"), InboxPath, component.IconInbox, component.Count{N: f.Inbox, ForYou: true}},
	}
}

// inboxCount marks where script keeps the count of the inbox.
func (f Frame) inboxCount(p place) templ.Attributes {
	if p.section != Inbox {
		return nil
	}
	return templ.Attributes{"data-inbox": itoa(int64(f.Inbox))}
}

// sign is what stands before the name.
func (s Space) sign() templ.Component { return sign(s.Name, s.Hue, s.Direct) }

func (h Here) sign() templ.Component { return sign(h.Name, h.Hue, h.Direct) }

func sign(name string, hue int, direct bool) templ.Component {
	if direct {
		return component.Avatar{Name: name, Small: true}.View()
	}
	return component.SpaceMark{Name: name, Hue: hue}.View()
}

func (s Space) count() component.Count {
	if s.ForYou > 0 {
		return component.Count{N: s.ForYou, ForYou: true}
	}
	return component.Count{N: s.Unread}
}

// The colours around the page on a phone: those of its ground.
var (
	lightGround = look.Light()["--basis-color-default-bg-document"]
	darkGround  = look.Dark()["--basis-color-default-bg-document"]
)

func current(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}
