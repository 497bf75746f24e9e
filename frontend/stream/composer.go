package stream

import (
	"github.com/a-h/templ"

	"leerkring/frontend/component"
	"leerkring/frontend/show"
	"leerkring/internal/limits"
)

// filled completes a composer with where it sends to and what stands in it.
func (s scene) filled(c component.Composer) component.Composer {
	c.ID, c.Action, c.Stream, c.MaxLength = "schrijf", postsPath(s.Stream.ID), s.Stream.ID, limits.Body
	c.Nonce, c.Value, c.Error = s.draft.Nonce, s.draft.Body, s.draft.Problem.Of("body")
	c.Extra = seenField(s.Stream.Rev)
	return c
}

// closed says why one cannot write here, and what then.
func (s scene) closed() templ.Component {
	switch {
	case s.May.Join:
		return readingAlong(s.v.Words.T("talk.reading_along"), show.Join(s.v, s.Space, component.Primary))
	case s.Stream.Closed:
		return component.ComposerClosed{Text: s.v.Words.T("talk.closed")}.View()
	}
	return component.ComposerClosed{Text: s.v.Words.T("talk.only_members")}.View()
}
