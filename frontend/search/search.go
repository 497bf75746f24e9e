// Package search finds what was said about something, and who people are, among
// all that one may read.
package search

import (
	"net/http"
	"net/url"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

const (
	// hitsShown on one page.
	hitsShown = 20
	// peopleShown above the hits.
	peopleShown = 5
)

// search is what stands on the page.
type search struct {
	layout.Frame
	// What was asked.
	Q     string
	Space int64
	Kind  forum.Kind

	Spaces, Kinds []component.Choice
	Hits          []hit
	People        component.People
	Pager         component.Pager
	Problem       *page.Problem
}

// hit is a stream in which the words stand.
type hit struct {
	component.Row
	// Snippet is escaped text with <mark> around the words (forum.Hit).
	Snippet string
}

// Show shows the form, and what was found for the words in it.
func Show(v *page.Visit) error {
	s := search{Q: v.Query("q"), Space: v.QueryID("ruimte"), Kind: forum.Kind(v.Query("soort"))}
	if !s.Kind.Valid() {
		s.Kind = ""
	}
	if err := s.loadForm(v); err != nil {
		return err
	}
	if s.Q == "" {
		return v.Show(searchPage(v, s))
	}
	err := s.find(v)
	if s.Problem = v.Problem(err); s.Problem != nil {
		s.Failed = true
		return v.ShowAs(s.Problem.Status, searchPage(v, s))
	}
	if err != nil {
		return err
	}
	return v.ShowAs(http.StatusOK, searchPage(v, s))
}

func (s *search) loadForm(v *page.Visit) (err error) {
	title := v.Words.T("frame.search")
	if s.Q != "" {
		title = v.Words.T("search.title", "Q", s.Q)
	}
	if s.Frame, err = v.Frame(page.Around{Title: title, Section: layout.Search}); err != nil {
		return err
	}
	spaces, err := v.MySpaces()
	if err != nil {
		return err
	}
	s.Spaces = []component.Choice{{Label: v.Words.T("search.everywhere")}}
	isMine := s.Space == 0
	for _, space := range spaces {
		isMine = isMine || space.ID == s.Space
		s.Spaces = append(s.Spaces, component.Choice{Value: itoa(space.ID), Label: space.Name, Chosen: space.ID == s.Space})
	}
	if !isMine { // an open space that one reads as an outsider
		space, err := v.Community.Space(v.Context(), v.Actor, s.Space)
		if err != nil {
			return err
		}
		s.Spaces = append(s.Spaces, component.Choice{Value: itoa(space.ID), Label: space.Name, Chosen: true})
	}
	s.Kinds = []component.Choice{{Label: v.Words.T("search.any_kind")}}
	for _, k := range []forum.Kind{forum.Discussion, forum.Question, forum.Article, forum.Channel} {
		s.Kinds = append(s.Kinds, component.Choice{Value: string(k), Label: v.Words.T("space.tab_" + string(k) + "s"), Chosen: k == s.Kind})
	}
	return nil
}

// find looks for the words, and on the first page for people as well.
func (s *search) find(v *page.Visit) error {
	cursor := v.Query("verder")
	found, next, err := v.Forum.Search(v.Context(), v.Actor, forum.SearchQuery{Q: s.Q, Space: s.Space, Kind: s.Kind},
		community.Page{Limit: hitsShown, Cursor: cursor})
	if err != nil {
		return err
	}
	streams := make([]forum.Stream, len(found))
	for i, h := range found {
		streams[i] = h.Stream
	}
	rows, err := show.RowsWithSpace(v, streams)
	if err != nil {
		return err
	}
	for i, h := range found {
		row := rows[i]
		row.Href, row.Excerpt = show.PostAddress(h.Stream.ID, h.Post), ""
		s.Hits = append(s.Hits, hit{Row: row, Snippet: h.Snippet})
	}
	s.Pager.Timeless = true
	if next != "" {
		s.Pager.Older = s.path(next)
	}
	if cursor != "" {
		s.Pager.Newer = s.path("")
		return nil
	}
	if s.Kind != "" {
		return nil
	}
	people, _, err := v.Community.People(v.Context(), v.Actor, community.PeopleQuery{Q: s.Q, Space: s.Space}, community.Page{Limit: peopleShown})
	s.People = show.People(people)
	return err
}

// path is the address of this search, at some place in what was found.
func (s *search) path(cursor string) string {
	q := url.Values{"q": {s.Q}}
	if s.Space != 0 {
		q.Set("ruimte", itoa(s.Space))
	}
	if s.Kind != "" {
		q.Set("soort", string(s.Kind))
	}
	if cursor != "" {
		q.Set("verder", cursor)
	}
	return layout.SearchPath + "?" + q.Encode()
}
