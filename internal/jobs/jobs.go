// Package jobs does work after a commit: notifications, mails, housekeeping. A
// job is a row that is written in the caller's transaction, so it exists
// exactly when what it is about exists. Any node may take it; a lease keeps two
// from doing the same, and a node that dies leaves its jobs to the others. A
// job may therefore run more than once, and its handler must not mind.
package jobs

import (
	"encoding/json"
	"time"

	"leerkring/internal/database"
)

// Job is work to be done.
type Job struct {
	// Kind chooses the handler.
	Kind string
	// Key, when set, makes a second job of the same kind and key, while the
	// first has not been done, the same job.
	Key string
	// Payload is kept as JSON.
	Payload any
	// RunAt is when it may start; zero is at once.
	RunAt time.Time
}

// Enqueue puts a job in the queue, in the caller's transaction.
func Enqueue(tx *database.Tx, now time.Time, j Job) error {
	payload, err := json.Marshal(j.Payload)
	if err != nil {
		return err
	}
	var key *string
	if j.Key != "" {
		key = &j.Key
	}
	if j.RunAt.IsZero() {
		j.RunAt = now
	}
	_, err = tx.Exec(`INSERT INTO jobs (kind, unique_key, payload, run_at, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, unique_key) DO NOTHING`, j.Kind, key, string(payload), j.RunAt, now)
	return err
}
