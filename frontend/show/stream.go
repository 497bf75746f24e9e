package show

import (
	"net/url"
	"strconv"

	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/page"
)

// PostAddress is a post in its stream.
func PostAddress(stream, post int64) string {
	if post == 0 {
		return forum.StreamPath(stream)
	}
	id := strconv.FormatInt(post, 10)
	return forum.StreamPath(stream) + "?bericht=" + id + "#post-" + id
}

// Rows returns streams as the rows of a list, with who takes part in each and
// who spoke last.
func Rows(v *page.Visit, streams []forum.Stream) (component.Rows, error) {
	ids := make([]int64, len(streams))
	for i, s := range streams {
		ids[i] = s.ID
	}
	glimpses, err := v.Forum.Glimpses(v.Context(), v.Actor, ids)
	if err != nil {
		return nil, err
	}
	rows := make(component.Rows, 0, len(streams))
	for _, s := range streams {
		rows = append(rows, row(v, s, glimpses[s.ID]))
	}
	return rows, nil
}

// RowsWithSpace is Rows for a list of several spaces: each row says in which it
// stands.
func RowsWithSpace(v *page.Visit, streams []forum.Stream) (component.Rows, error) {
	rows, err := Rows(v, streams)
	if err != nil {
		return nil, err
	}
	names, err := spaceNames(v)
	if err != nil {
		return nil, err
	}
	for i, s := range streams {
		if _, known := names[s.SpaceID]; !known { // an open space that they read along in
			space, err := v.Community.Space(v.Context(), v.Actor, s.SpaceID)
			if err != nil {
				return nil, err
			}
			names[s.SpaceID] = space.Name
		}
		rows[i].Where = names[s.SpaceID]
	}
	return rows, nil
}

// spaceNames returns the names of the visitor's spaces.
func spaceNames(v *page.Visit) (map[int64]string, error) {
	spaces, err := v.MySpaces()
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(spaces))
	for _, s := range spaces {
		names[s.ID] = s.Name
	}
	return names, nil
}

func row(v *page.Visit, s forum.Stream, g forum.Glimpse) component.Row {
	r := component.Row{
		Kind: component.Kind(s.Kind), Title: s.Title, Href: forum.StreamPath(s.ID), Posts: replies(s),
		Unread: s.Unread, ForYou: s.Mentions > 0, States: States(v, s), Tags: s.Tags,
		People: People(g.People),
	}
	if s.Mentions > 0 {
		r.Unread = s.Mentions
	}
	at := s.CreatedAt
	if s.LastPostAt != nil {
		at = *s.LastPostAt
	}
	r.Last = Moment(v, at)
	if g.By != nil {
		r.By = g.By.Name
	}
	if s.Kind == forum.Channel {
		r.Excerpt = g.Excerpt
	}
	return r
}

// replies is how many posts answer the first; -1 leaves the number out.
func replies(s forum.Stream) int {
	switch {
	case s.Kind == forum.Channel:
		return -1
	case s.Kind == forum.Article && s.Posts <= 1:
		return -1
	}
	return max(0, s.Posts-1)
}

// States returns the words that say how a stream stands.
func States(v *page.Visit, s forum.Stream) (states []component.State) {
	if s.Pinned {
		states = append(states, component.State{Label: v.Words.T("stream.pinned"), Icon: component.IconPin})
	}
	if s.AnswerID != nil {
		states = append(states, component.State{Label: v.Words.T("stream.answered"), Icon: component.IconCheck, Good: true})
	}
	if s.Closed {
		states = append(states, component.State{Label: v.Words.T("stream.closed"), Icon: component.IconLock})
	}
	return states
}

// Tags returns a stream's tags; each leads to what else in the space has it.
func Tags(s forum.Stream) (tags component.Tags) {
	for _, tag := range s.Tags {
		tags = append(tags, component.Tag{Label: tag, Href: TagPath(s.SpaceID, s.Kind, tag)})
	}
	return tags
}

// TagPath is the list of streams of one kind with a tag, in a space.
func TagPath(space int64, kind forum.Kind, tag string) string {
	return TabPath(space, TabOf(kind)) + "?onderwerp=" + url.QueryEscape(tag)
}
