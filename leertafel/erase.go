package leertafel

import (
	"context"
	"encoding/json"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
)

// jobErase is the queue's word for erasing what was at a table.
const jobErase = "leertafel.erase"

type eraseJob struct{ Stream int64 }

// planErasure puts the erasure of a closed table in the queue. When the time is
// changed later, each job looks for itself whether the moment has come.
func (l *Leertafel) planErasure(tx *database.Tx, row tableRow, done *changes) error {
	done.jobs = true
	return jobs.Enqueue(tx, l.clock.Now(), jobs.Job{Kind: jobErase, RunAt: *row.eraseAt(), Payload: eraseJob{row.StreamID}})
}

// eraseWhenDue erases the case and the cards of a table whose time is over:
// report and lessons stay.
func (l *Leertafel) eraseWhenDue(ctx context.Context, payload json.RawMessage) error {
	var job eraseJob
	if err := readJob(payload, &job); err != nil {
		return err
	}
	return l.change(ctx, func(tx *database.Tx, done *changes) error {
		row, err := loadRow(tx, job.Stream, forUpdate(tx))
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		now := l.clock.Now()
		if row.State != Closed || row.eraseAt().After(now) {
			return nil
		}
		if _, err := tx.Exec(`DELETE FROM cards WHERE stream_id = ?`, row.StreamID); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE seats SET involved = '', warned = '' WHERE stream_id = ?`, row.StreamID); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE tables SET state = ?, erased_at = ?, story = '' WHERE stream_id = ?`, Erased, now, row.StreamID); err != nil {
			return err
		}
		return l.touch(tx, row, done)
	})
}
