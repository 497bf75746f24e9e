// Package stream is where people talk: the pages of a channel, a discussion, a
// question, an article and a thread, starting one, and what can be done with
// one. Without script they are forms; with it (stream.ts) they are live.
package stream

import (
	"net/http"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
	"leerkring/internal/limits"
)

// Show shows a stream: the newest posts, or those around the first that is new
// to the reader; "bericht", "voor" and "na" ask for another part. Script asks for
// the posts alone.
func Show(v *page.Visit) error {
	return showStream(v, http.StatusOK, draft{})
}

// draft is what stands in the composer: something at the start of a page only
// when it was sent and not taken.
type draft struct {
	Body    string
	Nonce   string
	Problem *page.Problem
}

func showStream(v *page.Visit, status int, d draft) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	target := v.QueryID("bericht")
	sight, err := v.Forum.See(v.Context(), v.Actor, id, forum.PostQuery{
		Around: target, Before: v.QueryID("voor"), After: v.QueryID("na"), Limit: limits.PageDefault,
	})
	if err != nil {
		return err
	}
	if v.Wants("posts") {
		return v.Show(postsAlone(scene{Sight: sight, v: v, target: target}))
	}
	s, err := newScene(v, sight, target, d)
	if err != nil {
		return err
	}
	return v.ShowAs(status, s.page())
}

// scene is a stream as its page shows it.
type scene struct {
	forum.Sight
	v      *page.Visit
	frame  layout.Frame
	target int64
	draft  draft
	// Beside the stream.
	leaders component.People
	people  component.People
	similar []component.Link
}

func newScene(v *page.Visit, sight forum.Sight, target int64, d draft) (s scene, err error) {
	s = scene{Sight: sight, v: v, target: target, draft: d}
	if s.draft.Nonce == "" {
		s.draft.Nonce = uuid.NewString()
	}
	if s.Space, err = named(v, s.Space); err != nil {
		return s, err
	}
	if err := s.lookAround(); err != nil {
		return s, err
	}
	if s.frame, err = frameOf(v, s.Space, s.Stream.Kind, s.title()); err != nil {
		return s, err
	}
	s.frame.Failed = d.Problem != nil
	s.frame.Scripts = []string{"stream"}
	s.frame.Full = s.Stream.Kind == forum.Channel
	s.frame.Aside = s.aside()
	return s, nil
}

// frameOf returns the frame around a page of a space, about a kind of stream.
func frameOf(v *page.Visit, space community.Space, kind forum.Kind, title string) (layout.Frame, error) {
	around, err := show.InSpace(v, space, show.TabOf(kind))
	if err != nil {
		return layout.Frame{}, err
	}
	around.Title = title
	return v.Frame(around)
}

// named gives a conversation between people their names.
func named(v *page.Visit, space community.Space) (community.Space, error) {
	if space.Kind != community.KindDirect {
		return space, nil
	}
	return v.Community.Space(v.Context(), v.Actor, space.ID)
}

// lookAround reads what stands beside the stream.
func (s *scene) lookAround() error {
	if s.Stream.Kind == forum.Channel {
		return s.readLeaders()
	}
	glimpses, err := s.v.Forum.Glimpses(s.v.Context(), s.v.Actor, []int64{s.Stream.ID})
	if err != nil {
		return err
	}
	s.people = show.People(glimpses[s.Stream.ID].People)
	s.similar, err = similarTo(s.v, s.Space.ID, s.Stream.Title, s.Stream.ID)
	return err
}

const (
	similarShown = 5
	leadersShown = 5
)

// similarTo returns what a title looks like among what was written to be found
// again: no chat, and not the stream itself.
func similarTo(v *page.Visit, space int64, title string, self int64) (links []component.Link, err error) {
	hits, err := v.Forum.Similar(v.Context(), v.Actor, space, title, 4*similarShown)
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		if h.Stream.ID != self && h.Stream.Kind != forum.Channel && len(links) < similarShown {
			links = append(links, component.Link{Label: h.Stream.Title, Href: forum.StreamPath(h.Stream.ID)})
		}
	}
	return links, nil
}

func (s *scene) readLeaders() error {
	if s.Space.Kind == community.KindDirect {
		return nil
	}
	leaders, err := s.v.Community.Leaders(s.v.Context(), s.v.Actor, s.Space.ID, leadersShown)
	for _, m := range leaders {
		s.leaders = append(s.leaders, show.Member(m))
	}
	return err
}

// back leads to the list that a channel stands in.
func (s scene) back() component.Link {
	if s.Space.Kind == community.KindDirect {
		return component.Link{Label: s.v.Words.T("frame.all_spaces"), Href: layout.SpacesPath}
	}
	return component.Link{Label: s.v.Words.T("space.tab_channels"), Href: show.TabPath(s.Space.ID, show.Chatting)}
}

// title of a conversation between people is their names.
func (s scene) title() string {
	if s.Space.Kind == community.KindDirect {
		return s.Space.Name
	}
	return s.Stream.Title
}
