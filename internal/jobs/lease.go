package jobs

import (
	"context"
	"time"

	"leerkring/internal/database"
)

// Lead reports whether this node holds a lease, taking or renewing it when it
// can: of several nodes one does what must be done once. Call it again before
// half of the time is over.
func (q *Queue) Lead(ctx context.Context, name string, hold time.Duration) (leads bool, err error) {
	err = q.db.Write(ctx, func(tx *database.Tx) error {
		now := q.clock.Now()
		n, err := tx.Exec(`INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE leases.holder = excluded.holder OR leases.until < ?`, name, q.holder, now.Add(hold), now)
		leads = n > 0
		return err
	})
	return leads && err == nil, err
}
