package stream

import (
	"net/http"

	"github.com/google/uuid"

	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/live"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
	"leerkring/internal/limits"
)

// Thread shows a post with what was said under it, and a composer to answer.
// With "deel" it is the part that stands beside a channel.
func Thread(v *page.Visit) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	return showThread(v, id, http.StatusOK, draft{})
}

// thread is a thread as its page shows it.
type thread struct {
	forum.ThreadSight
	v     *page.Visit
	frame layout.Frame
	// to is the post that is answered: the one that was asked for.
	to    forum.Post
	draft draft
}

func showThread(v *page.Visit, post int64, status int, d draft) error {
	sight, err := v.Forum.SeeThread(v.Context(), v.Actor, post)
	if err != nil {
		return err
	}
	t := thread{ThreadSight: sight, v: v, to: sight.Root, draft: d}
	for _, p := range sight.Replies {
		if p.ID == post {
			t.to = p
		}
	}
	if t.draft.Nonce == "" {
		t.draft.Nonce = uuid.NewString()
	}
	if v.Query("deel") != "" {
		return v.ShowAs(status, t.part())
	}
	if t.Space, err = named(v, t.Space); err != nil {
		return err
	}
	if t.frame, err = frameOf(v, t.Space, t.Stream.Kind, v.Words.T("talk.thread")); err != nil {
		return err
	}
	t.frame.Failed = d.Problem != nil
	t.frame.Scripts = []string{"stream"}
	return v.ShowAs(status, t.page())
}

// replies are drawn under each other; who answers the root need not say so.
func (t thread) replies() (list []placed) {
	for _, p := range t.Replies {
		at := placed{Post: live.Post(p), IsNew: p.CreatedRev > t.Stream.SeenRev && t.Stream.Unread > 0 && !p.Deleted}
		if *p.ParentID == t.Root.ID {
			at.Post.ReplyTo = nil
		}
		list = append(list, at)
	}
	return list
}

func (t thread) composer(slim bool) component.Composer {
	c := component.Composer{
		ID: "antwoord", Action: postsPath(t.Stream.ID), Stream: t.Stream.ID, Parent: t.to.ID, MaxLength: limits.Body,
		Nonce: t.draft.Nonce, Value: t.draft.Body, Error: t.draft.Problem.Of("body"),
		Label: t.v.Words.T("talk.reply_to_post"), Button: t.v.Words.T("talk.answer"), Extra: fromField(), Slim: slim,
	}
	if t.to.Author != nil {
		c.Label = t.v.Words.T("talk.reply_to_name", "Name", t.to.Author.Name)
	}
	return c
}

func (t thread) back() string { return show.PostAddress(t.Stream.ID, t.Root.ID) }

// sight is as much of the stream as the sentence needs that stands where one
// cannot write.
func (t thread) sight() forum.Sight {
	return forum.Sight{Space: t.Space, Stream: t.Stream, May: t.May}
}
