package notify

import (
	"context"
	"encoding/json"
	"slices"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/richtext"
)

// inboxBatch is how many notifications are written in one transaction, so that
// a post that concerns very many holds up nobody.
const inboxBatch = 200

// posted finds out who must hear of a post and puts it in their inboxes. Doing
// it twice does nothing more.
func (n *Notify) posted(ctx context.Context, payload json.RawMessage) error {
	var job forum.Posted
	if err := read(payload, &job); err != nil {
		return err
	}
	var post news
	var from *community.PersonCard
	var hearers []hearer
	err := n.db.Read(ctx, func(tx *database.Tx) (err error) {
		if post, err = loadNews(tx, job); err != nil {
			return err
		}
		if from, err = loadCard(tx, post.from()); err != nil {
			return err
		}
		hearers, err = whoHears(tx, post)
		return err
	})
	if err == database.ErrNoRows {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	for some := range slices.Chunk(hearers, inboxBatch) {
		if err := n.putInInboxes(ctx, post, from, some); err != nil {
			return err
		}
	}
	return nil
}

// from is who caused the notification.
func (p news) from() *int64 {
	if p.Accepted {
		return &p.By
	}
	return p.AuthorID
}

// about is the rev a reader must have seen to have read of it: a text that was
// changed, or chosen as the answer, later than it was written.
func (p news) about() int64 {
	if p.Accepted || p.Edited {
		return p.Rev
	}
	return p.CreatedRev
}

func (n *Notify) putInInboxes(ctx context.Context, post news, from *community.PersonCard, hearers []hearer) error {
	type put struct {
		person       int64
		notification Notification
	}
	var fresh []put
	err := n.db.Write(ctx, func(tx *database.Tx) error {
		fresh = nil
		now := n.clock.Now()
		for _, h := range hearers {
			id, err := insertNotification(tx, h, post, now)
			if err == database.ErrNoRows {
				continue // they know already, or may not know any more
			}
			if err != nil {
				return err
			}
			fresh = append(fresh, put{h.ID, Notification{
				ID: id, Kind: h.Kind, SpaceID: post.SpaceID, StreamID: &post.StreamID, PostID: &post.Post, Title: post.Title, Direct: post.SpaceKind == community.KindDirect,
				Excerpt: richtext.Excerpt(post.HTML, excerptLength), From: from, CreatedAt: now,
			}})
			if h.Kind == KindMention && h.MailMentions {
				if err := n.planMentionMail(tx, now, h.ID, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range fresh {
		n.tell.Notified(f.person, f.notification)
	}
	return nil
}
