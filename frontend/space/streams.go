package space

import (
	"net/url"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

const (
	// streamsShown on one page, pinned ones beside them.
	streamsShown = 30
	pinnedShown  = 20
	// tagsShown to choose from.
	tagsShown = 10
)

// kinds are the tabs with streams, by what lies in them.
var kinds = map[show.Tab]forum.Kind{
	show.Discussing: forum.Discussion, show.Asking: forum.Question, show.Knowing: forum.Article, show.Chatting: forum.Channel,
}

// Discussions shows a space: what it is for, who leads it, what is talked about.
// Who may not read it sees its card; a conversation between people has one
// stream, and that is the page.
func Discussions(v *page.Visit) error { return showTab(v, show.Discussing) }

// Questions shows what was asked in a space.
func Questions(v *page.Visit) error { return showTab(v, show.Asking) }

// Articles shows what is known in a space.
func Articles(v *page.Visit) error { return showTab(v, show.Knowing) }

// Channels shows where people chat in a space.
func Channels(v *page.Visit) error { return showTab(v, show.Chatting) }

func showTab(v *page.Visit, tab show.Tab) error {
	space, err := enter(v)
	if err != nil {
		return err
	}
	switch {
	case !space.Readable:
		return showCard(v, space)
	case space.Kind == community.KindDirect:
		return toConversation(v, space)
	}
	s, err := loadStreams(v, space, tab)
	if err != nil {
		return err
	}
	return v.Show(streamsPage(v, s))
}

// streams is what stands on a tab.
type streams struct {
	layout.Frame
	Space   community.Space
	Tab     show.Tab
	Kind    forum.Kind
	Rows    component.Rows
	Pager   component.Pager
	Tags    component.Tags
	Filters []show.Choice
	// Tag is the one that the list is narrowed to, or "".
	Tag string
	// MayStart, MayJoin: what the visitor is offered.
	MayStart, MayJoin bool
}

func loadStreams(v *page.Visit, space community.Space, tab show.Tab) (s streams, err error) {
	s = streams{
		Space: space, Tab: tab, Kind: kinds[tab], Tag: v.Query("onderwerp"),
		MayStart: may(v, space, community.Write),
		MayJoin:  space.Role == community.Outsider && may(v, space, community.Join),
	}
	title := v.Words.T("space.tab_" + string(s.Kind) + "s")
	if tab == show.Discussing {
		title = space.Name
	}
	if s.Frame, err = frame(v, space, tab, title); err != nil {
		return s, err
	}
	s.Here.Title, s.AsideAtDesk = tab == show.Discussing, tab != show.Discussing
	if s.Aside, err = aside(v, space); err != nil {
		return s, err
	}
	return s, s.loadList(v)
}

// loadList reads the streams: on the first page the pinned ones first.
func (s *streams) loadList(v *page.Visit) error {
	query := forum.StreamQuery{Kind: s.Kind, Tag: s.Tag, Unanswered: s.Kind == forum.Question && v.Query("welke") == "open"}
	cursor := v.Query("verder")
	var list []forum.Stream
	if cursor == "" {
		query.Pinned = new(true)
		pinned, _, err := v.Forum.Streams(v.Context(), v.Actor, s.Space.ID, query, community.Page{Limit: pinnedShown})
		if err != nil {
			return err
		}
		list = pinned
	}
	query.Pinned = new(false)
	others, next, err := v.Forum.Streams(v.Context(), v.Actor, s.Space.ID, query, community.Page{Limit: streamsShown, Cursor: cursor})
	if err != nil {
		return err
	}
	if s.Rows, err = show.Rows(v, append(list, others...)); err != nil {
		return err
	}
	s.page(v, next)
	return s.loadChoices(v, query.Unanswered)
}

// page makes the links to the rest of the list, narrowed as it is.
func (s *streams) page(v *page.Visit, next string) {
	address := func(cursor string) string {
		q := url.Values{}
		for name, value := range map[string]string{"onderwerp": s.Tag, "welke": v.Query("welke"), "verder": cursor} {
			if value != "" {
				q.Set(name, value)
			}
		}
		path := show.TabPath(s.Space.ID, s.Tab)
		if len(q) > 0 {
			path += "?" + q.Encode()
		}
		return path
	}
	if next != "" {
		s.Pager.Older = address(next)
	}
	if v.Query("verder") != "" {
		s.Pager.Newer = address("")
	}
}

// loadChoices reads by what the list can be narrowed.
func (s *streams) loadChoices(v *page.Visit, openOnly bool) error {
	path := show.TabPath(s.Space.ID, s.Tab)
	if s.Kind == forum.Question {
		s.Filters = []show.Choice{
			{Label: v.Words.T("space.all_questions"), Href: path, Current: !openOnly},
			{Label: v.Words.T("space.open_questions"), Href: path + "?welke=open", Current: openOnly},
		}
	}
	if s.Kind == forum.Channel || s.Tag != "" {
		return nil
	}
	tags, err := v.Forum.Tags(v.Context(), v.Actor, s.Space.ID, s.Kind, tagsShown)
	for _, tag := range tags {
		s.Tags = append(s.Tags, component.Tag{Label: tag, Href: show.TagPath(s.Space.ID, s.Kind, tag)})
	}
	return err
}

// startPath is the page to start a stream of a kind in the space.
func (s *streams) startPath() string {
	return community.SpacePath(s.Space.ID) + "/nieuw?soort=" + string(s.Kind)
}

// isNarrowed: only a part of what there is was asked for.
func (s *streams) isNarrowed(v *page.Visit) bool { return s.Tag != "" || v.Query("welke") != "" }

// toConversation goes to the one stream of a conversation between people.
func toConversation(v *page.Visit, space community.Space) error {
	list, _, err := v.Forum.Streams(v.Context(), v.Actor, space.ID, forum.StreamQuery{Kind: forum.Channel}, community.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return v.Go(layout.HomePath)
	}
	return v.Go(forum.StreamPath(list[0].ID))
}
