package forum

import (
	"context"
	"unicode"
	"unicode/utf8"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// React puts actor's emoji under a post; one that stands changes nothing.
func (f *Forum) React(ctx context.Context, actor community.Actor, id int64, emoji string) (Post, error) {
	return f.changePost(ctx, PostChanged, func(tx *database.Tx) (Post, bool, error) {
		_, _, post, err := enterPost(tx, actor, community.Write, id, forUpdate(tx))
		if err != nil {
			return Post{}, false, err
		}
		if !isEmoji(emoji) {
			return Post{}, false, fault.InvalidField("emoji", "not_emoji")
		}
		if post.Deleted {
			return Post{}, false, fault.New(fault.Conflict, "post.is_deleted")
		}
		if err := roomForReaction(tx, id, emoji); err != nil {
			return Post{}, false, err
		}
		n, err := tx.Exec(`INSERT INTO reactions (post_id, emoji, person_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, emoji, actor.Person, f.clock.Now())
		return afterMark(tx, post, n, err)
	})
}

// Unreact takes actor's emoji away; one that is not there changes nothing.
func (f *Forum) Unreact(ctx context.Context, actor community.Actor, id int64, emoji string) (Post, error) {
	return f.changePost(ctx, PostChanged, func(tx *database.Tx) (Post, bool, error) {
		_, _, post, err := enterPost(tx, actor, community.Write, id, forUpdate(tx))
		if err != nil {
			return Post{}, false, err
		}
		if !isEmoji(emoji) {
			return Post{}, false, fault.InvalidField("emoji", "not_emoji")
		}
		n, err := tx.Exec(`DELETE FROM reactions WHERE post_id = ? AND emoji = ? AND person_id = ?`, id, emoji, actor.Person)
		return afterMark(tx, post, n, err)
	})
}

// ToggleReaction puts actor's emoji under a post, or takes it away when it is
// there: what pressing it once means.
func (f *Forum) ToggleReaction(ctx context.Context, actor community.Actor, id int64, emoji string) (Post, error) {
	there, err := f.marked(ctx, actor, id, `SELECT 1 FROM reactions WHERE post_id = ? AND person_id = ? AND emoji = ?`, emoji)
	if err != nil {
		return Post{}, err
	}
	if there {
		return f.Unreact(ctx, actor, id, emoji)
	}
	return f.React(ctx, actor, id, emoji)
}

// marked reports whether actor has a mark on a post.
func (f *Forum) marked(ctx context.Context, actor community.Actor, id int64, query string, more ...any) (there bool, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, _, err := enterPost(tx, actor, community.Read, id, ``); err != nil {
			return err
		}
		there, err = tx.Exists(query, append([]any{id, actor.Person}, more...)...)
		return err
	})
	return there, err
}

// afterMark gives the post a new rev when the mark on it is really new or
// really gone.
func afterMark(tx *database.Tx, post postRow, n int64, err error) (Post, bool, error) {
	if err != nil {
		return Post{}, false, err
	}
	if n == 0 {
		same, err := loadPost(tx, post.ID)
		return same, false, err
	}
	changed, err := touchPost(tx, post)
	return changed, true, err
}

func roomForReaction(tx *database.Tx, post int64, emoji string) error {
	var others int
	if err := tx.Get(&others, `SELECT count(DISTINCT emoji) FROM reactions WHERE post_id = ? AND emoji <> ?`, post, emoji); err != nil {
		return err
	}
	if others >= limits.DifferentReactions {
		return fault.New(fault.Conflict, "post.reactions_are_full", "Max", limits.DifferentReactions)
	}
	return nil
}

// isEmoji takes what a keyboard gives as one emoji: pictures, with the joiners,
// variations, skin tones, flags and key caps that belong to one (UTS #51), and
// no words.
func isEmoji(s string) bool {
	n := utf8.RuneCountInString(s)
	if n == 0 || n > limits.Emoji || !utf8.ValidString(s) {
		return false
	}
	picture := false
	for _, r := range s {
		switch {
		case r == 0x200D || r == 0xFE0F || r == 0xFE0E: // joiner, variations
		case r >= 0xE0020 && r <= 0xE007F: // tags, as in the flag of Wales
		case r == 0x20E3: // makes a key cap of the character before
			picture = true
		case r >= '0' && r <= '9' || r == '#' || r == '*': // only with a key cap
		case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2190 && r <= 0x2BFF, r >= 0x1F1E6 && r <= 0x1F1FF,
			r == 0x203C, r == 0x2049, r == 0x3030, r == 0x303D, r == 0x3297, r == 0x3299:
			picture = picture || unicode.IsSymbol(r) || unicode.IsPunct(r)
		case r == 0xA9 || r == 0xAE || r == 0x2122 || r == 0x2139:
			picture = true
		default:
			return false
		}
	}
	return picture
}
