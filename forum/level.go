package forum

import (
	"context"

	"leerkring/community"
	"leerkring/internal/database"
)

// EffectiveLevel works out what somebody hears of a stream: what they chose
// for it, else for its space, else all where they take part and mentions
// elsewhere.
func EffectiveLevel(own, space community.Level, takesPart bool) community.Level {
	switch {
	case own != community.LevelDefault:
		return own
	case space != community.LevelDefault:
		return space
	case takesPart:
		return community.LevelAll
	}
	return community.LevelMentions
}

// SetLevel says what actor wants to hear of a stream. The empty level goes
// back to the default.
func (f *Forum) SetLevel(ctx context.Context, actor community.Actor, id int64, level community.Level) (s Stream, err error) {
	err = f.db.Write(ctx, func(tx *database.Tx) error {
		if _, _, err := enterStream(tx, actor, community.Follow, id, ``); err != nil {
			return err
		}
		if err := level.Check(); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO stream_people (person_id, stream_id, level) VALUES (?, ?, ?)
			ON CONFLICT (person_id, stream_id) DO UPDATE SET level = excluded.level`,
			actor.Person, id, orNull(string(level))); err != nil {
			return err
		}
		s, err = loadStream(tx, actor, id)
		return err
	})
	if err == nil {
		f.tell.Seen(actor.Person, id) // what counts as unread follows the level
	}
	return s, err
}
