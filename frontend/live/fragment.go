// Package live is what makes a page live: the fragments that events carry, and
// the socket client that puts them in place (*.ts).
package live

import (
	"bytes"
	"context"

	"leerkring/forum"
	"leerkring/frontend/component"
)

// Fragment returns the element of a post as a page can put it in: the same for
// every reader, and the same that the page itself is made of.
func Fragment(post *forum.Post) (string, error) {
	var b bytes.Buffer
	err := Post(*post).View().Render(context.Background(), &b)
	return b.String(), err
}

// Post fills the component from a post.
func Post(p forum.Post) component.Post {
	c := component.Post{
		ID: p.ID, Rev: p.Rev, Look: lookOf(p), Anonymous: p.Anonymous, At: p.CreatedAt, HTML: p.HTML,
		Deleted: p.Deleted, Voters: p.Voters, Accepted: p.Accepted,
	}
	if p.Author != nil {
		c.Author = &component.Person{ID: p.Author.ID, Name: p.Author.Name, Organisation: p.Author.Organisation}
	}
	if p.EditedAt != nil {
		c.EditedAt = *p.EditedAt
	}
	if p.ParentID != nil {
		c.ReplyTo = &component.ReplyTo{Post: *p.ParentID, Name: p.ParentAuthor}
	}
	for _, r := range p.Reactions {
		c.Reactions = append(c.Reactions, component.Reaction{Emoji: r.Emoji, By: r.People})
	}
	return c
}

func lookOf(p forum.Post) component.PostLook {
	switch p.Kind {
	case forum.Channel:
		return component.InChannel
	case forum.Question:
		return component.AsAnswer
	}
	return component.InForum
}
