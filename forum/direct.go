package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/locale"
)

// Direct returns the conversation of actor with these people, made when it is
// new: a hidden space with one channel. The same people have one conversation.
func (f *Forum) Direct(ctx context.Context, actor community.Actor, people []int64) (community.Space, error) {
	var space community.Space
	var channel *Stream
	err := f.db.Write(ctx, func(tx *database.Tx) error {
		channel = nil
		made, fresh, err := community.Direct(tx, f.clock.Now(), actor, people)
		if err != nil {
			return err
		}
		space = made
		if !fresh {
			return nil
		}
		id, err := f.insertStream(tx, actor, space.ID, NewStream{Kind: Channel, Title: locale.For(actor.Language).T("direct.channel")})
		if err != nil {
			return err
		}
		s, err := loadStream(tx, actor, id)
		channel = &s
		return err
	})
	if err == nil && channel != nil {
		f.tell.Started(channel.forEveryone())
	}
	return space, err
}
