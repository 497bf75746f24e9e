package jobs

import (
	"context"
	"time"

	"leerkring/internal/database"
)

// Lease is the right to do something that only one may do at a time, on any
// node. It ends by itself, so a holder that dies hinders nobody for long.
type Lease struct {
	// Name says what it is the right to, Holder who has it: the same holder may
	// take it again, and so renews it.
	Name   string
	Holder string
}

// Take reports whether the lease is ours from now until hold is over.
func (l Lease) Take(ctx context.Context, db *database.DB, now time.Time, hold time.Duration) (taken bool, err error) {
	err = db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE leases.holder = excluded.holder OR leases.until <= ?`, l.Name, l.Holder, now.Add(hold), now)
		taken = n > 0
		return err
	})
	return taken && err == nil, err
}

// Release gives the lease back before its time. One that is somebody else's by
// now stays theirs.
func (l Lease) Release(ctx context.Context, db *database.DB) error {
	return db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM leases WHERE name = ? AND holder = ?`, l.Name, l.Holder)
		return err
	})
}

// Lead reports whether this node holds a lease, taking or renewing it when it
// can: of several nodes one does what must be done once. Call it again before
// half of the time is over.
func (q *Queue) Lead(ctx context.Context, name string, hold time.Duration) (leads bool, err error) {
	return Lease{Name: name, Holder: q.holder}.Take(ctx, q.db, q.clock.Now(), hold)
}
