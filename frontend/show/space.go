package show

import (
	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/page"
)

// Tab is a part of a space, by its word in the address.
type Tab string

// The tabs of a space.
const (
	// NoTab is for pages of a space that belong to none of its parts.
	NoTab      Tab = "-"
	Discussing Tab = ""
	Asking     Tab = "vragen"
	Knowing    Tab = "kennis"
	Chatting   Tab = "chat"
	Members    Tab = "leden"
)

// tabs are the parts in their order, with the kind of stream that lies in each.
var tabs = []struct {
	tab  Tab
	text string
	kind forum.Kind
}{
	{Discussing, "space.tab_discussions", forum.Discussion},
	{Asking, "space.tab_questions", forum.Question},
	{Knowing, "space.tab_articles", forum.Article},
	{Chatting, "space.tab_channels", forum.Channel},
	{Members, "space.tab_members", ""},
}

// TabOf returns the tab in which streams of a kind stand.
func TabOf(kind forum.Kind) Tab {
	for _, t := range tabs {
		if t.kind == kind {
			return t.tab
		}
	}
	return NoTab
}

// TabPath is the address of a part of a space.
func TabPath(space int64, tab Tab) string {
	if tab == Discussing || tab == NoTab {
		return community.SpacePath(space)
	}
	return community.SpacePath(space) + "/" + string(tab)
}

// InSpace returns what the frame around a page of a space needs: the way to it
// and its tabs with what is new in each. The title is the space's name until the
// page gives its own. A space that the visitor may not read, and a conversation
// between people, have no tabs.
func InSpace(v *page.Visit, space community.Space, tab Tab) (page.Around, error) {
	around := page.Around{Title: space.Name, Space: &space}
	above, err := v.Community.Above(v.Context(), v.Actor, space)
	if err != nil {
		return around, err
	}
	for _, s := range above {
		around.Trail = append(around.Trail, component.Link{Label: s.Name, Href: community.SpacePath(s.ID)})
	}
	if !space.Readable || space.Kind == community.KindDirect {
		return around, nil
	}
	counts, err := unreadByKind(v, space.ID)
	if err != nil {
		return around, err
	}
	for _, t := range tabs {
		around.Tabs = append(around.Tabs, component.Tab{
			Label: v.Words.T(t.text), Href: TabPath(space.ID, t.tab), Current: t.tab == tab, Count: counts[t.kind],
		})
	}
	return around, nil
}

// unreadByKind counts what is new in a space: what is meant for the visitor when
// there is any, else all.
func unreadByKind(v *page.Visit, space int64) (map[forum.Kind]component.Count, error) {
	unread, err := v.Unread()
	if err != nil {
		return nil, err
	}
	posts, forYou := map[forum.Kind]int{}, map[forum.Kind]int{}
	for _, u := range unread {
		if u.SpaceID == space {
			posts[u.Kind] += u.Unread
			forYou[u.Kind] += u.Mentions
		}
	}
	counts := map[forum.Kind]component.Count{}
	for kind, n := range posts {
		counts[kind] = component.Count{N: n}
		if forYou[kind] > 0 {
			counts[kind] = component.Count{N: forYou[kind], ForYou: true}
		}
	}
	return counts, nil
}

// SpaceKind returns what a space is, in words.
func SpaceKind(v *page.Visit, kind community.SpaceKind) string {
	return v.Words.T("space.kind_" + string(kind))
}

// Role returns what somebody is in a space, in words.
func Role(v *page.Visit, role community.Role) string {
	if role == community.Outsider {
		return ""
	}
	return v.Words.T("space.role_" + string(role))
}

// SpaceCard returns a space as a card, with what is new in it for the visitor.
func SpaceCard(v *page.Visit, space community.Space) (component.SpaceCard, error) {
	unread, err := v.Unread()
	if err != nil {
		return component.SpaceCard{}, err
	}
	card := component.SpaceCard{
		Name: space.Name, Href: community.SpacePath(space.ID), Hue: space.Hue, Kind: SpaceKind(v, space.Kind),
		Purpose: space.Description, Members: space.Members, Closed: space.Visibility != community.Open, Level: 3,
	}
	if !space.Readable {
		card.Members = 0
	}
	posts, forYou := 0, 0
	for _, u := range unread {
		if u.SpaceID == space.ID {
			posts += u.Unread
			forYou += u.Mentions
		}
	}
	if space.Kind == community.KindDirect {
		forYou = posts
	}
	card.Unread = component.Count{N: posts}
	if forYou > 0 {
		card.Unread = component.Count{N: forYou, ForYou: true}
	}
	return card, nil
}
