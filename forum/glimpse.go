package forum

import (
	"context"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/richtext"
)

// Glimpse is what a list tells of a stream beside its own fields.
type Glimpse struct {
	// By wrote the newest post; nil when that is not kept, or there is no post.
	By *community.PersonCard
	// Excerpt is the beginning of it, in plain text.
	Excerpt string
	// People are those who wrote most in it, at most glimpsePeople.
	People []community.PersonCard
}

const (
	glimpsePeople = 3
	// excerptLength is in code points.
	excerptLength = 140
)

// Glimpses returns what a list tells of these streams. What actor may not read
// is left out.
func (f *Forum) Glimpses(ctx context.Context, actor community.Actor, streams []int64) (map[int64]Glimpse, error) {
	if len(streams) == 0 {
		return nil, nil
	}
	var newest []struct {
		StreamID, AuthorID int64
		Name, Organisation string
		HTML               string
	}
	var people []struct {
		StreamID int64
		community.PersonCard
	}
	visible, person := community.Visible(actor, "t.space_id")
	err := f.db.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Select(&newest, `SELECT t.id AS stream_id, coalesce(p.author_id, 0) AS author_id, p.html,
				coalesce(a.name, '') AS name, coalesce(ao.name, '') AS organisation
			FROM streams t JOIN posts p ON p.id = (SELECT x.id FROM posts x WHERE x.stream_id = t.id AND x.deleted_at IS NULL
				ORDER BY x.created_rev DESC LIMIT 1)
			LEFT JOIN people a ON a.id = p.author_id LEFT JOIN organisations ao ON ao.id = a.organisation_id
			WHERE t.id IN (?) AND `+visible, streams, person); err != nil {
			return err
		}
		return tx.Select(&people, `SELECT r.stream_id, a.id, a.name, coalesce(ao.name, '') AS organisation
			FROM (SELECT sp.stream_id, sp.person_id,
					row_number() OVER (PARTITION BY sp.stream_id ORDER BY sp.posts DESC, sp.person_id) AS place
				FROM stream_people sp JOIN streams t ON t.id = sp.stream_id
				WHERE sp.stream_id IN (?) AND sp.posts > 0 AND `+visible+`) r
			JOIN people a ON a.id = r.person_id LEFT JOIN organisations ao ON ao.id = a.organisation_id
			WHERE r.place <= ? ORDER BY r.stream_id, r.place`, streams, person, glimpsePeople)
	})
	glimpses := make(map[int64]Glimpse, len(newest))
	for _, n := range newest {
		g := Glimpse{Excerpt: richtext.Excerpt(n.HTML, excerptLength)}
		if n.AuthorID != 0 {
			g.By = &community.PersonCard{ID: n.AuthorID, Name: n.Name, Organisation: n.Organisation}
		}
		glimpses[n.StreamID] = g
	}
	for _, p := range people {
		g := glimpses[p.StreamID]
		g.People = append(g.People, p.PersonCard)
		glimpses[p.StreamID] = g
	}
	return glimpses, err
}

// LastActivity returns when something was last written in each space actor
// belongs to; a space where nothing was ever started is left out.
func (f *Forum) LastActivity(ctx context.Context, actor community.Actor) (map[int64]time.Time, error) {
	var rows []struct {
		SpaceID int64
		At      database.Time
	}
	visible, person := community.Visible(actor, "t.space_id")
	err := f.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&rows, `SELECT t.space_id, max(`+activity+`) AS at FROM memberships m
			JOIN streams t ON t.space_id = m.space_id WHERE m.person_id = ? AND `+visible+` GROUP BY t.space_id`, actor.Person, person)
	})
	last := make(map[int64]time.Time, len(rows))
	for _, r := range rows {
		last[r.SpaceID] = r.At.Time
	}
	return last, err
}

// Tags returns the tags that streams of a kind have in a space, those that most
// have first, at most limit.
func (f *Forum) Tags(ctx context.Context, actor community.Actor, spaceID int64, kind Kind, limit int) (tags []string, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := community.Enter(tx, actor, community.Read, spaceID); err != nil {
			return err
		}
		return tx.Select(&tags, `SELECT g.tag FROM stream_tags g JOIN streams t ON t.id = g.stream_id
			WHERE t.space_id = ? AND t.kind = ? GROUP BY g.tag ORDER BY count(*) DESC, g.tag LIMIT ?`, spaceID, kind, limit)
	})
	return tags, err
}
