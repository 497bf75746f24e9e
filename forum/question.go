package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
)

// Accept chooses a post as the answer to the question it stands in. Who asked
// may, and facilitators and managers. Choosing the same again changes nothing.
func (f *Forum) Accept(ctx context.Context, actor community.Actor, stream, post int64) (Stream, error) {
	return f.changeAnswer(ctx, actor, stream, func(tx *database.Tx, row streamRow) (*int64, error) {
		there, err := tx.Exists(`SELECT 1 FROM posts WHERE id = ? AND stream_id = ? AND deleted_at IS NULL AND id <> ?`,
			post, stream, valueOf(row.FirstPostID))
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, fault.InvalidField("post", "not_there")
		}
		return &post, nil
	})
}

// Unaccept opens a question again.
func (f *Forum) Unaccept(ctx context.Context, actor community.Actor, stream int64) (Stream, error) {
	return f.changeAnswer(ctx, actor, stream, func(*database.Tx, streamRow) (*int64, error) { return nil, nil })
}

// changeAnswer makes one change of the stream and one of each post that
// becomes the answer or ceases to be, each with a rev of its own.
func (f *Forum) changeAnswer(ctx context.Context, actor community.Actor, id int64, choose func(*database.Tx, streamRow) (*int64, error)) (Stream, error) {
	var stream Stream
	var changes []Change
	err := f.db.Write(ctx, func(tx *database.Tx) error {
		changes = nil
		space, row, err := enterStream(tx, actor, community.Read, id, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := mayAccept(space, actor, row); err != nil {
			return err
		}
		if row.Kind != Question {
			return fault.New(fault.Conflict, "question.is_none")
		}
		chosen, err := choose(tx, row)
		if err != nil {
			return err
		}
		if stream, err = loadStream(tx, actor, id); err != nil {
			return err
		}
		if valueOf(chosen) == valueOf(row.AnswerID) {
			return nil
		}
		stream.AnswerID = chosen
		if err := saveStream(tx, &stream, false); err != nil {
			return err
		}
		changes = append(changes, streamChange(stream))
		for _, post := range []*int64{row.AnswerID, chosen} {
			if post == nil {
				continue
			}
			changed, err := touchPost(tx, postRow{ID: *post, StreamID: id})
			if err != nil {
				return err
			}
			stream.Rev = changed.Rev
			changes = append(changes, postChange(PostChanged, changed))
		}
		if chosen == nil {
			return nil
		}
		return jobs.Enqueue(tx, f.clock.Now(), jobs.Job{Kind: JobPosted, Payload: Posted{Post: *chosen, Accepted: true, By: actor.Person}})
	})
	if err == nil && len(changes) > 0 {
		f.announce(changes...)
		f.tell.WorkWaits()
	}
	return stream, err
}

func mayAccept(space community.Space, actor community.Actor, row streamRow) error {
	if row.AuthorID != nil && *row.AuthorID == actor.Person {
		return space.Allow(actor, community.EditOwn)
	}
	return space.Allow(actor, community.AcceptForAsker)
}

func valueOf(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
