package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
	"leerkring/internal/richtext"
)

// EditInput is a new text for a post.
type EditInput struct {
	Body string `json:"body" validate:"max=20000"`
	// Rev, when set, is the post's rev that the new text was made from: a newer
	// one is a conflict.
	Rev *int64 `json:"rev" validate:"omitnil,min=0"`
}

// Edit gives a post of actor's own another text. The earlier one is kept among
// its revisions. The same text changes nothing.
func (f *Forum) Edit(ctx context.Context, actor community.Actor, id int64, in EditInput) (Post, error) {
	words := draft(in.Body)
	return f.changePost(ctx, PostChanged, func(tx *database.Tx) (Post, bool, error) {
		space, stream, post, err := enterPost(tx, actor, community.Read, id, forUpdate(tx))
		if err != nil {
			return Post{}, false, err
		}
		if err := mayEdit(space, actor, post); err != nil {
			return Post{}, false, err
		}
		if err := fault.Check(in); err != nil {
			return Post{}, false, err
		}
		if words.empty() {
			return Post{}, false, fault.InvalidField("body", "required")
		}
		if post.Deleted {
			return Post{}, false, fault.New(fault.Conflict, "post.is_deleted")
		}
		if in.Rev != nil && post.Rev > *in.Rev {
			return Post{}, false, fault.New(fault.Conflict, "post.is_newer")
		}
		if words.body == post.Body {
			same, err := loadPost(tx, id)
			return same, false, err
		}
		if err := f.writeText(tx, space, stream, post, words); err != nil {
			return Post{}, false, err
		}
		changed, err := loadPost(tx, id)
		return changed, true, err
	})
}

func mayEdit(space community.Space, actor community.Actor, post postRow) error {
	if post.isBy(actor) {
		return space.Allow(actor, community.EditOwn)
	}
	return space.Allow(actor, community.EditOthers)
}

// writeText keeps the old text and writes the new one under the next rev.
func (f *Forum) writeText(tx *database.Tx, space community.Space, stream streamRow, post postRow, words text) error {
	now := f.clock.Now()
	written := post.CreatedAt
	if post.EditedAt != nil {
		written = *post.EditedAt
	}
	if _, err := tx.Exec(`INSERT INTO revisions (post_id, author_id, body, html, created_at) VALUES (?, ?, ?, ?, ?)`,
		post.ID, post.AuthorID, post.Body, post.HTML, written); err != nil {
		return err
	}
	names, err := community.Names(tx, space.ID, words.mentions())
	if err != nil {
		return err
	}
	rev, err := nextRev(tx, stream.ID)
	if err != nil {
		return err
	}
	html := words.html(names)
	if _, err := tx.Exec(`UPDATE posts SET rev = ?, body = ?, html = ?, edited_at = ? WHERE id = ?`,
		rev, words.body, html, now, post.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM mentions WHERE post_id = ?`, post.ID); err != nil {
		return err
	}
	if err := insertMentions(tx, post.ID, post.AuthorID, space, names); err != nil {
		return err
	}
	if err := reindex(tx, post.ID, richtext.Plain(html)); err != nil {
		return err
	}
	if len(names) == 0 {
		return nil
	}
	return jobs.Enqueue(tx, now, jobs.Job{Kind: JobPosted, Payload: Posted{Post: post.ID, Edited: true}})
}

// Delete takes a post away; its place stays. Who wrote it may, and facilitators
// and managers. Text, earlier texts, reactions and votes are gone for good.
func (f *Forum) Delete(ctx context.Context, actor community.Actor, id int64) (Post, error) {
	var unanswered *Stream
	post, err := f.changePost(ctx, PostDeleted, func(tx *database.Tx) (Post, bool, error) {
		unanswered = nil
		space, stream, post, err := enterPost(tx, actor, community.Read, id, forUpdate(tx))
		if err != nil {
			return Post{}, false, err
		}
		action := community.DeleteOthers
		if post.isBy(actor) {
			action = community.DeleteOwn
		}
		if err := space.Allow(actor, action); err != nil {
			return Post{}, false, err
		}
		if post.Deleted {
			same, err := loadPost(tx, id)
			return same, false, err
		}
		if err := f.erase(tx, post); err != nil {
			return Post{}, false, err
		}
		deleted, err := loadPost(tx, id)
		if err != nil || stream.AnswerID == nil || *stream.AnswerID != id {
			return deleted, true, err
		}
		// It was the answer: the question is open again.
		s, err := loadStream(tx, actor, stream.ID)
		if err != nil {
			return deleted, true, err
		}
		s.AnswerID, deleted.Accepted = nil, false
		unanswered = &s
		return deleted, true, saveStream(tx, &s, false)
	})
	if err == nil && unanswered != nil {
		f.announce(streamChange(*unanswered))
	}
	return post, err
}

func (f *Forum) erase(tx *database.Tx, post postRow) error {
	rev, err := nextRev(tx, post.StreamID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE posts SET rev = ?, body = '', html = '', score = 0, deleted_at = ? WHERE id = ?`,
		rev, f.clock.Now(), post.ID); err != nil {
		return err
	}
	for _, table := range []string{"revisions", "reactions", "votes", "mentions"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE post_id = ?`, post.ID); err != nil {
			return err
		}
	}
	if err := unindex(tx, post.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE streams SET post_count = post_count - 1 WHERE id = ?`, post.StreamID); err != nil {
		return err
	}
	if post.AuthorID == nil {
		return nil
	}
	var left int
	if err := tx.Get(&left, `UPDATE stream_people SET posts = posts - 1 WHERE person_id = ? AND stream_id = ? RETURNING posts`,
		*post.AuthorID, post.StreamID); err != nil || left > 0 {
		return err
	}
	_, err = tx.Exec(`UPDATE streams SET participant_count = participant_count - 1 WHERE id = ?`, post.StreamID)
	return err
}

// changePost runs a change of one post and announces it when there is one.
func (f *Forum) changePost(ctx context.Context, event Event, change func(*database.Tx) (Post, bool, error)) (post Post, err error) {
	changed := false
	err = f.db.Write(ctx, func(tx *database.Tx) error {
		post, changed, err = change(tx)
		return err
	})
	if err != nil {
		return Post{}, err
	}
	if changed {
		f.announce(postChange(event, post))
		f.tell.WorkWaits()
	}
	return post, nil
}

// nextRev takes the stream's next number.
func nextRev(tx *database.Tx, stream int64) (rev int64, err error) {
	err = tx.Get(&rev, `UPDATE streams SET rev = rev + 1 WHERE id = ? RETURNING rev`, stream)
	return rev, err
}

// touchPost gives a post the stream's next number and returns it as it is now.
func touchPost(tx *database.Tx, post postRow) (Post, error) {
	rev, err := nextRev(tx, post.StreamID)
	if err != nil {
		return Post{}, err
	}
	if _, err := tx.Exec(`UPDATE posts SET rev = ? WHERE id = ?`, rev, post.ID); err != nil {
		return Post{}, err
	}
	return loadPost(tx, post.ID)
}
