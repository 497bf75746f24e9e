package api

import (
	"leerkring/forum"
)

func (a *API) listPosts(c *call) (any, error) {
	q := c.query()
	if q.values.Has("since") {
		return a.postsSince(c, q)
	}
	query := forum.PostQuery{Limit: q.limit(), Cursor: q.text("cursor")}
	after, isAfter := q.place("after")
	before, isBefore := q.place("before")
	if isAfter && isBefore {
		q.wrong("before", "not_with_after")
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	// To the domain 0 is "not given"; no id is below 0, so -1 is the place
	// before the first post.
	if query.After = after; isAfter && after == 0 {
		query.After = -1
	}
	if query.Before = before; isBefore && before == 0 {
		query.Before = -1
	}
	page, err := a.forum.Posts(c.ctx(), c.actor, c.id, query)
	list := listOf(page.Posts, page.Next, PostData)
	return PostPageJSON{Rev: page.Rev, Items: list.Items, Next: list.Next}, err
}

// postsSince answers as the socket command subscribe does.
func (a *API) postsSince(c *call, q *query) (any, error) {
	since := q.number("since")
	if len(q.values) > 1 {
		q.wrong("since", "not_alone")
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	found, err := a.forum.Since(c.ctx(), c.actor, c.id, since)
	if err != nil {
		return nil, err
	}
	return CatchUpData(found), nil
}

// NewPostJSON is what a post is made from.
type NewPostJSON struct {
	Body        string  `json:"body" minLength:"1" maxLength:"20000" doc:"Markdown."`
	Parent      *int64  `json:"parent" required:"false" minimum:"1" doc:"The post it replies to, in the same stream."`
	Anonymous   bool    `json:"anonymous" required:"false"`
	Attachments []int64 `json:"attachments" required:"false" doc:"Ids of own uploads."`
}

func (a *API) createPost(c *call) (any, error) {
	var in NewPostJSON
	nonce, err := c.nonce()
	if err != nil {
		return nil, err
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	post, err := a.forum.Post(c.ctx(), c.actor, forum.PostInput{
		Stream: c.id, Body: in.Body, Nonce: nonce, Parent: idOrNone(in.Parent), Anonymous: in.Anonymous, Attachments: in.Attachments,
	})
	if err != nil {
		return nil, err
	}
	c.created("/posts/{}", post.ID)
	return PostData(post), nil
}

func (a *API) getPost(c *call) (any, error) {
	return postAnswer(a.forum.PostByID(c.ctx(), c.actor, c.id))
}

// EditJSON is a new text for a post.
type EditJSON struct {
	Body string `json:"body" minLength:"1" maxLength:"20000" doc:"Markdown."`
	Rev  *int64 `json:"rev" required:"false" minimum:"0" doc:"The post's rev that the new text was made from."`
}

func (a *API) editPost(c *call) (any, error) {
	var in EditJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return postAnswer(a.forum.Edit(c.ctx(), c.actor, c.id, forum.EditInput(in)))
}

func (a *API) deletePost(c *call) (any, error) {
	return postAnswer(a.forum.Delete(c.ctx(), c.actor, c.id))
}

func (a *API) listRevisions(c *call) (any, error) {
	q := c.query()
	page := q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	revisions, next, err := a.forum.Revisions(c.ctx(), c.actor, c.id, page)
	return listOf(revisions, next, func(r forum.Revision) RevisionJSON {
		return RevisionJSON{Body: r.Body, HTML: r.HTML, Author: personOrNull(r.Author), CreatedAt: Moment(r.CreatedAt)}
	}), err
}

func (a *API) react(c *call) (any, error) {
	emoji, err := c.emoji()
	if err != nil {
		return nil, err
	}
	return postAnswer(a.forum.React(c.ctx(), c.actor, c.id, emoji))
}

func (a *API) unreact(c *call) (any, error) {
	emoji, err := c.emoji()
	if err != nil {
		return nil, err
	}
	return postAnswer(a.forum.Unreact(c.ctx(), c.actor, c.id, emoji))
}

func (a *API) vote(c *call) (any, error) {
	return postAnswer(a.forum.Vote(c.ctx(), c.actor, c.id))
}

func (a *API) unvote(c *call) (any, error) {
	return postAnswer(a.forum.Unvote(c.ctx(), c.actor, c.id))
}

func postAnswer(p forum.Post, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return PostData(p), nil
}
