package notify

import (
	"time"

	"leerkring/community"
	"leerkring/internal/database"
)

// insertNotification writes a notification, asking once more whether the person
// may read the space; ErrNoRows when they may not, or have it already. A
// conversation between people has one at a time: who did not see the first line
// yet is not told of the second.
func insertNotification(tx *database.Tx, h hearer, post news, now time.Time) (id int64, err error) {
	waits := ``
	if post.SpaceKind == community.KindDirect {
		waits = ` AND NOT EXISTS (SELECT 1 FROM notifications x
			LEFT JOIN stream_people sp ON sp.person_id = x.person_id AND sp.stream_id = x.stream_id
			WHERE x.person_id = m.person_id AND x.space_id = m.space_id AND NOT ` + isRead + `)`
	}
	err = tx.Get(&id, `INSERT INTO notifications (person_id, kind, space_id, stream_id, post_id, rev, from_id, created_at)
		SELECT m.person_id, ?, m.space_id, ?, ?, ?, ?, ? FROM memberships m
		WHERE m.person_id = ? AND m.space_id = ? AND `+community.VisibleTo("m.person_id", "m.space_id")+waits+`
		ON CONFLICT DO NOTHING RETURNING id`,
		h.Kind, post.StreamID, post.Post, post.about(), post.from(), now, h.ID, post.SpaceID)
	return id, err
}

// loadCard reads what is shown of a person; nil for nobody.
func loadCard(tx *database.Tx, id *int64) (*community.PersonCard, error) {
	if id == nil {
		return nil, nil
	}
	var card community.PersonCard
	err := tx.Get(&card, `SELECT p.id, p.name, coalesce(o.name, '') AS organisation
		FROM people p LEFT JOIN organisations o ON o.id = p.organisation_id WHERE p.id = ?`, *id)
	return &card, err
}
