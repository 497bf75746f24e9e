// Package live is what makes a page live: the fragments that events carry, and
// the socket client that puts them in place (*.ts).
package live

import (
	"bytes"
	"context"
	"fmt"

	"leerkring/community"
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

// Unread returns the element that says how much is unread in a stream, and in
// which space that lies; "" when nobody knows the space.
func Unread(space int64, unread int) string {
	if space == 0 {
		return ""
	}
	return fmt.Sprintf(`<data data-space="%d" value="%d"></data>`, space, unread)
}

// Post fills the component from a post.
func Post(p forum.Post) component.Post {
	c := component.Post{
		ID: p.ID, Rev: p.Rev, Look: lookOf(p), Anonymous: p.Anonymous, At: p.CreatedAt, HTML: p.HTML,
		Deleted: p.Deleted, Voters: p.Voters, Accepted: p.Accepted,
	}
	if p.Author != nil {
		c.Author = &component.Person{ID: p.Author.ID, Name: p.Author.Name, Organisation: p.Author.Organisation, Mark: markOf(p.AuthorRole)}
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
	switch {
	case p.Kind == forum.Channel:
		return component.InChannel
	case p.Kind == forum.Question && p.CreatedRev > 1 && p.ParentID == nil: // 1 is the question itself
		return component.AsAnswer
	}
	return component.InForum
}

// markOf shows who leads and who coaches; that somebody manages the space says
// nothing about their words.
func markOf(role community.Role) component.Mark {
	switch role {
	case community.Coach:
		return component.Coach
	case community.Facilitator:
		return component.Facilitator
	}
	return component.NoMark
}
