package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
)

// What a door asks when it cannot read what somebody sent: who may not know of
// a thing, or may not touch it, is to hear that, and nothing about how their
// message was judged. Each gives the fault that doing it would give.

// May says whether actor may do this in the space that a stream lies in.
func (f *Forum) May(ctx context.Context, actor community.Actor, action community.Action, stream int64) error {
	return f.db.Read(ctx, func(tx *database.Tx) error {
		_, _, err := enterStream(tx, actor, action, stream, ``)
		return err
	})
}

// MayChangeStream says whether actor may change a stream's own fields.
func (f *Forum) MayChangeStream(ctx context.Context, actor community.Actor, stream int64) error {
	return f.db.Read(ctx, func(tx *database.Tx) error {
		space, row, err := enterStream(tx, actor, community.Read, stream, ``)
		if err != nil {
			return err
		}
		return mayChangeStream(space, actor, row, StreamChange{})
	})
}

// MayAccept says whether actor may choose the answer to a question.
func (f *Forum) MayAccept(ctx context.Context, actor community.Actor, stream int64) error {
	return f.db.Read(ctx, func(tx *database.Tx) error {
		space, row, err := enterStream(tx, actor, community.Read, stream, ``)
		if err != nil {
			return err
		}
		return mayAccept(space, actor, row)
	})
}

// MayWithPost says whether actor may do this in the space that a post lies in.
func (f *Forum) MayWithPost(ctx context.Context, actor community.Actor, action community.Action, post int64) error {
	return f.db.Read(ctx, func(tx *database.Tx) error {
		_, _, _, err := enterPost(tx, actor, action, post, ``)
		return err
	})
}

// MayEdit says whether actor may give a post another text.
func (f *Forum) MayEdit(ctx context.Context, actor community.Actor, post int64) error {
	return f.db.Read(ctx, func(tx *database.Tx) error {
		space, _, row, err := enterPost(tx, actor, community.Read, post, ``)
		if err != nil {
			return err
		}
		return mayEdit(space, actor, row)
	})
}
