// Package home answers one question: what is there for me now? First what is
// meant for the reader, then questions that wait for somebody, then what is new
// in what they follow. Nothing new is good news, and said.
package home

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

const (
	// toMeShown, questionsShown and rowsPerSpace keep the page to what one can
	// take in; each has a link to the rest.
	toMeShown      = 5
	questionsShown = 3
	rowsPerSpace   = 3
	// quietAfter is how long nobody wrote in a space that is called quiet.
	quietAfter = 28 * 24 * time.Hour
	// quietShown spaces are named at most.
	quietShown = 6
)

// content is what stands on the page.
type content struct {
	layout.Frame
	Greeting, Day string
	ToMe          component.Notifications
	// Direct are the conversations between people with something new.
	Direct    component.Rows
	Questions component.Rows
	News      []news
	Quiet     []component.Link
	// Newcomer: they belong to no space yet.
	Newcomer bool
}

// news is what is new in one space.
type news struct {
	component.Group
	Rows component.Rows
}

func (c content) isEmpty() bool {
	return len(c.ToMe)+len(c.Direct)+len(c.Questions)+len(c.News) == 0
}

// Show shows the page.
func Show(v *page.Visit) error {
	c, err := load(v)
	if err != nil {
		return err
	}
	return v.Show(homePage(v, c))
}

func load(v *page.Visit) (c content, err error) {
	if c.Frame, err = v.Frame(page.Around{Title: v.Words.T("frame.home"), Section: layout.Home}); err != nil {
		return c, err
	}
	spaces, err := v.MySpaces()
	if err != nil {
		return c, err
	}
	c.Newcomer = len(spaces) == 0
	c.Greeting = v.Words.T("home.greeting_"+partOfDay(v.Now), "Name", firstName(v.Actor.Name))
	c.Day = v.Words.Day(v.Now, v.Now)
	list, _, err := v.Notify.Inbox(v.Context(), v.Actor, true, community.Page{Limit: toMeShown})
	if err != nil {
		return c, err
	}
	if c.ToMe, err = show.Notifications(v, list); err != nil {
		return c, err
	}
	questions, _, err := v.Forum.Questions(v.Context(), v.Actor, forum.QuestionsForMe, community.Page{Limit: questionsShown})
	if err != nil {
		return c, err
	}
	if c.Questions, err = show.RowsWithSpace(v, questions); err != nil {
		return c, err
	}
	bare(c.Questions)
	if err = c.loadNews(v, spaces, questions); err != nil {
		return c, err
	}
	c.Quiet, err = loadQuiet(v, spaces)
	return c, err
}

// partOfDay is the word for the hour, as people greet each other.
func partOfDay(now time.Time) string {
	switch hour := now.Hour(); {
	case hour < 5:
		return "evening"
	case hour < 12:
		return "morning"
	case hour < 18:
		return "afternoon"
	}
	return "evening"
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// loadNews reads what is unread by space, the space where something happened
// last first, without the streams that stand on the page already. In the space
// that the address names all of it. A conversation between people is not news: it
// is meant for the reader.
func (c *content) loadNews(v *page.Visit, spaces []community.Space, shown []forum.Stream) error {
	unread, err := v.Unread()
	if err != nil {
		return err
	}
	var ids []int64
	for _, u := range unread {
		if !slices.ContainsFunc(shown, func(s forum.Stream) bool { return s.ID == u.StreamID }) {
			ids = append(ids, u.StreamID)
		}
	}
	streams, err := v.Forum.StreamsByID(v.Context(), v.Actor, ids)
	if err != nil {
		return err
	}
	whole := v.QueryID("ruimte")
	total, kept := map[int64]int{}, make([]forum.Stream, 0, len(streams))
	for _, s := range streams {
		total[s.SpaceID]++
		if total[s.SpaceID] <= rowsPerSpace || s.SpaceID == whole {
			kept = append(kept, s)
		}
	}
	rows, err := show.Rows(v, kept)
	if err != nil {
		return err
	}
	bare(rows)
	at := map[int64]int{}
	for i, s := range kept {
		space := spaces[slices.IndexFunc(spaces, func(sp community.Space) bool { return sp.ID == s.SpaceID })]
		if space.Kind == community.KindDirect {
			c.Direct = append(c.Direct, direct(rows[i], space))
			continue
		}
		if _, ok := at[s.SpaceID]; !ok {
			at[s.SpaceID] = len(c.News)
			c.News = append(c.News, news{Group: group(v, space, total[s.SpaceID], s.SpaceID == whole)})
		}
		g := &c.News[at[s.SpaceID]]
		g.Rows = append(g.Rows, rows[i])
	}
	return nil
}

// bare leaves the tags out: here one looks at what is new, not for a subject.
func bare(rows component.Rows) {
	for i := range rows {
		rows[i].Tags = nil
	}
}

// direct shows a conversation between people by who they are.
func direct(row component.Row, space community.Space) component.Row {
	row.Title, row.Face, row.People, row.ForYou = space.Name, space.Name, nil, true
	return row
}

func group(v *page.Visit, space community.Space, streams int, whole bool) component.Group {
	path := community.SpacePath(space.ID)
	id := "ruimte-" + itoa(space.ID)
	g := component.Group{Space: component.Link{Label: space.Name, Href: path}, Hue: space.Hue, ID: id}
	if streams > rowsPerSpace && !whole {
		g.More = component.Link{Label: v.Words.N("home.show_all", streams, "Space", space.Name), Href: layout.HomePath + "?ruimte=" + itoa(space.ID) + "#" + id}
	}
	return g
}

// loadQuiet returns the spaces in which nobody wrote for a while, the one that
// was quiet longest last.
func loadQuiet(v *page.Visit, spaces []community.Space) ([]component.Link, error) {
	last, err := v.Forum.LastActivity(v.Context(), v.Actor)
	if err != nil {
		return nil, err
	}
	isLively := func(s community.Space) bool {
		at, ok := last[s.ID]
		return s.Kind == community.KindDirect || !ok || v.Now.Sub(at) < quietAfter
	}
	quiet := slices.DeleteFunc(slices.Clone(spaces), isLively)
	slices.SortStableFunc(quiet, func(a, b community.Space) int { return cmp.Compare(last[b.ID].Unix(), last[a.ID].Unix()) })
	var links []component.Link
	for _, s := range quiet[:min(quietShown, len(quiet))] {
		links = append(links, component.Link{Label: s.Name, Href: community.SpacePath(s.ID)})
	}
	return links, nil
}
