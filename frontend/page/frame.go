package page

import (
	"fmt"
	"net/url"
	"strings"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
)

// Around is what a page says of itself for the frame around it.
type Around struct {
	Title   string
	Section layout.Section
	// Space is the space the page is in, or nil.
	Space *community.Space
	// Trail leads here; the space's own is added in front.
	Trail component.Trail
	Tabs  []component.Tab
}

// Frame returns the frame around a page, with the spaces of the visitor and what
// is new in them.
func (v *Visit) Frame(around Around) (layout.Frame, error) {
	f := layout.Frame{
		Words: v.Words, Title: around.Title, Section: around.Section, Trail: around.Trail, Tabs: around.Tabs,
		Notice: v.notice(),
	}
	if around.Space != nil {
		f.Here = &layout.Here{
			Name: around.Space.Name, Href: community.SpacePath(around.Space.ID), Hue: around.Space.Hue,
			Direct: around.Space.Kind == community.KindDirect,
			Closed: around.Space.Visibility != community.Open && around.Space.Kind != community.KindDirect,
		}
	}
	if v.Guest() {
		return f, nil
	}
	f.Zone = v.Zone.String()
	if v.Actor.Theme == "light" || v.Actor.Theme == "dark" {
		f.Theme = v.Actor.Theme
	}
	f.Person = &component.Person{ID: v.Actor.Person, Name: v.Actor.Name, Organisation: v.Actor.Organisation}
	return f, v.fillCounts(&f, around.Space)
}

// fillCounts puts the visitor's spaces in the frame, and what waits for them.
func (v *Visit) fillCounts(f *layout.Frame, here *community.Space) error {
	spaces, err := v.MySpaces()
	if err != nil {
		return err
	}
	unread, err := v.Unread()
	if err != nil {
		return err
	}
	if f.Inbox, err = v.Notify.UnreadCount(v.Context(), v.Actor); err != nil {
		return err
	}
	f.Spaces = spaceLines(spaces, bySpace(unread), here)
	for i := range f.Spaces {
		f.Spaces[i].Streams = byStream(unread, f.Spaces[i].ID)
	}
	return nil
}

// MySpaces returns the spaces the visitor belongs to, read once per visit.
func (v *Visit) MySpaces() ([]community.Space, error) {
	if v.spaces == nil {
		spaces, err := v.Community.MySpaces(v.Context(), v.Actor)
		if err != nil {
			return nil, err
		}
		v.spaces = &spaces
	}
	return *v.spaces, nil
}

// Unread returns what the visitor has not read, by stream, read once per visit.
func (v *Visit) Unread() ([]forum.StreamUnread, error) {
	if v.unread == nil {
		unread, err := v.Forum.Unread(v.Context(), v.Actor)
		if err != nil {
			return nil, err
		}
		v.unread = &unread
	}
	return *v.unread, nil
}

// bySpace sums what is unread in each space.
func bySpace(unread []forum.StreamUnread) map[int64]forum.StreamUnread {
	sums := map[int64]forum.StreamUnread{}
	for _, u := range unread {
		sum := sums[u.SpaceID]
		sum.Unread += u.Unread
		sum.Mentions += u.Mentions
		sums[u.SpaceID] = sum
	}
	return sums
}

// byStream writes what is unread in each stream of a space, for the page's script.
func byStream(unread []forum.StreamUnread, space int64) string {
	var b strings.Builder
	for _, u := range unread {
		if u.SpaceID != space {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d:%d:%d", u.StreamID, u.Unread, u.Mentions)
	}
	return b.String()
}

// spaceLines puts each space under the one it lies in, when the visitor is in
// both.
func spaceLines(spaces []community.Space, unread map[int64]forum.StreamUnread, here *community.Space) []layout.Space {
	mine := map[int64]bool{}
	for _, s := range spaces {
		mine[s.ID] = true
	}
	var lines []layout.Space
	var add func(s community.Space, child bool)
	add = func(s community.Space, child bool) {
		lines = append(lines, layout.Space{
			ID: s.ID, Name: s.Name, Href: community.SpacePath(s.ID), Hue: s.Hue, Child: child, Direct: s.Kind == community.KindDirect,
			Unread: unread[s.ID].Unread, ForYou: forYou(s, unread[s.ID]),
			Current: here != nil && here.ID == s.ID,
		})
		for _, below := range spaces {
			if below.ParentID != nil && *below.ParentID == s.ID {
				add(below, true)
			}
		}
	}
	for _, s := range spaces {
		if s.ParentID == nil || !mine[*s.ParentID] {
			add(s, false)
		}
	}
	return lines
}

// forYou is how much of what is unread is meant for the visitor: in a
// conversation between people, all of it.
func forYou(s community.Space, unread forum.StreamUnread) int {
	if s.Kind == community.KindDirect {
		return unread.Unread
	}
	return unread.Mentions
}

// Done returns an address with a word that makes the page there say that
// something was done. The words are texts under "done".
func Done(path, word string) string { return With(path, "gedaan", word) }

// With returns an address with one more parameter, before its fragment.
func With(path, name, value string) string {
	path, fragment, hasFragment := strings.Cut(path, "#")
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	path += separator + name + "=" + url.QueryEscape(value)
	if hasFragment {
		path += "#" + fragment
	}
	return path
}

// notice is what the address says was done just now.
func (v *Visit) notice() *component.Alert {
	word := v.Query("gedaan")
	if word == "" {
		return nil
	}
	key := "done." + word
	text := v.Words.T(key)
	if text == key {
		return nil // not one of our words
	}
	return &component.Alert{Kind: component.Success, Text: text}
}
