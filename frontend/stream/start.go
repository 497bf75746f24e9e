package stream

import (
	"net/http"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// New shows the form to start a stream of the kind "soort" in a space. Script
// asks, while a question is typed, what looks like it.
func New(v *page.Visit) error {
	if v.Wants("similar") {
		id, err := v.ID("id")
		if err != nil {
			return err
		}
		links, err := similarTo(v, id, v.Query("titel"), 0)
		if err != nil {
			return err
		}
		return v.Show(standing(v, links))
	}
	return showStart(v, http.StatusOK, starting{kind: forum.Kind(v.Query("soort"))})
}

// Start takes that form. Somebody who asks a question without having seen what
// stands there already, sees that first: script shows it while they type and says
// so in "sure".
func Start(v *page.Visit) error {
	space, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	in := forum.NewStream{
		Kind: forum.Kind(v.Value("kind")), Title: v.Value("title"), Body: v.Value("body"),
		Tags: splitTags(v.Value("tags")), Nonce: v.Value("nonce"),
	}
	if in.Kind == forum.Question && v.Value("sure") == "" {
		similar, err := similarTo(v, space, in.Title, 0)
		if err != nil {
			return err
		}
		if len(similar) > 0 {
			return showStart(v, http.StatusOK, starting{kind: in.Kind, fields: sentFields(v), similar: similar})
		}
	}
	started, err := v.Forum.Start(v.Context(), v.Actor, space, in)
	if problem := v.Problem(err); problem != nil {
		return showStart(v, problem.Status, starting{kind: in.Kind, fields: sentFields(v), problem: problem, sure: v.Value("sure") != ""})
	}
	if err != nil {
		return err
	}
	return v.Go(forum.StreamPath(started.ID))
}

// starting is what the form shows.
type starting struct {
	space   community.Space
	kind    forum.Kind
	frame   layout.Frame
	fields  fields
	nonce   string
	similar []component.Link
	// sure: they have seen what stands there already.
	sure    bool
	problem *page.Problem
}

func showStart(v *page.Visit, status int, s starting) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Community.May(v.Context(), v.Actor, community.Write, id); err != nil {
		return err
	}
	if s.space, err = v.Community.Space(v.Context(), v.Actor, id); err != nil {
		return err
	}
	if !s.kind.Valid() {
		s.kind = forum.Discussion
	}
	if s.frame, err = frameOf(v, s.space, s.kind, s.title(v)); err != nil {
		return err
	}
	if s.nonce = v.Value("nonce"); s.nonce == "" {
		s.nonce = uuid.NewString()
	}
	s.frame.Failed = s.problem != nil
	s.frame.Scripts = []string{"stream"}
	return v.ShowAs(status, s.page(v))
}

func (s starting) title(v *page.Visit) string { return v.Words.T("talk.start_" + string(s.kind)) }
