package community

import (
	"context"
	"sync"
	"time"

	"leerkring/internal/database"
)

// noteAccess writes down, in the transaction that does it, that what a person
// may read, or how they may come in, has changed; 0 is everybody. The journal
// is how other nodes and other processes hear of it when nothing else carries
// the news.
func (c *Community) noteAccess(tx *database.Tx, person int64) error {
	_, err := tx.Exec(`INSERT INTO access_changes (person_id, changed_at) VALUES (?, ?)`, person, c.clock.Now())
	return err
}

// journalReach is how far back the journal is read each time. A transaction
// may commit after one that began later, so the end of the journal is no place
// to go on from; nodes' clocks may differ as well.
const journalReach = time.Minute

// AccessJournal reads the journal, for one reader.
type AccessJournal struct {
	community *Community
	mu        sync.Mutex
	read      map[int64]time.Time // entries passed on, by id
}

// AccessJournal returns a reader that begins with what happens from now on.
func (c *Community) AccessJournal() *AccessJournal {
	return &AccessJournal{community: c}
}

// Changed returns the people whose access changed since the last call; 0 among
// them is everybody. The first call returns those of the last minute.
func (j *AccessJournal) Changed(ctx context.Context) (people []int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	since := j.community.clock.Now().Add(-journalReach)
	var entries []struct {
		ID        int64
		PersonID  int64
		ChangedAt time.Time
	}
	if err := j.community.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&entries, `SELECT id, person_id, changed_at FROM access_changes WHERE changed_at > ? ORDER BY id`, since)
	}); err != nil {
		return nil, err
	}
	read := make(map[int64]time.Time, len(entries))
	seen := map[int64]bool{}
	for _, e := range entries {
		read[e.ID] = e.ChangedAt
		if _, before := j.read[e.ID]; !before && !seen[e.PersonID] {
			seen[e.PersonID] = true
			people = append(people, e.PersonID)
		}
	}
	j.read = read
	return people, nil
}
