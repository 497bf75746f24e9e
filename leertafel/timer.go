package leertafel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
)

// TimerInput sets the clock of the present phase.
type TimerInput struct {
	// Seconds from now; 0 takes the clock away. With Extend they are added to
	// what is left.
	Seconds *int `json:"seconds" validate:"required,min=0,max=5184000"`
	Extend  bool `json:"extend"`
	// Auto: when the time is over the session goes on by itself.
	Auto bool `json:"auto"`
}

// SetTimer sets the clock of the present phase. It is kept with the table, so
// it runs on whatever happens to a program or a phone.
func (l *Leertafel) SetTimer(ctx context.Context, actor community.Actor, stream int64, in TimerInput) (t Table, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		if at.row.State != Running {
			return notRunning()
		}
		now := l.clock.Now()
		var end *time.Time
		if *in.Seconds > 0 {
			from := now
			if in.Extend && at.row.TimerAt != nil && at.row.TimerAt.After(now) {
				from = *at.row.TimerAt
			}
			at := from.Add(time.Duration(*in.Seconds) * time.Second)
			end = &at
		}
		auto := in.Auto && end != nil
		if _, err := tx.Exec(`UPDATE tables SET timer_at = ?, timer_auto = ? WHERE stream_id = ?`, end, auto, stream); err != nil {
			return err
		}
		if auto {
			done.jobs = true
			if err := jobs.Enqueue(tx, now, jobs.Job{Kind: jobTimer, RunAt: *end,
				Payload: timerJob{Stream: stream, Phase: at.row.Phase, At: *end}}); err != nil {
				return err
			}
		}
		if err := l.touch(tx, at.row, done); err != nil {
			return err
		}
		t = *done.list[len(done.list)-1].Table
		return nil
	})
	return t, err
}

// jobTimer is the queue's word for going on when the time is over.
const jobTimer = "leertafel.timer"

type timerJob struct {
	Stream int64
	Phase  int
	At     time.Time
}

// timeIsOver goes on to the next phase, if the clock still says so. The last
// phase stays.
func (l *Leertafel) timeIsOver(ctx context.Context, payload json.RawMessage) error {
	var job timerJob
	if err := readJob(payload, &job); err != nil {
		return err
	}
	err := l.change(ctx, func(tx *database.Tx, done *changes) error {
		row, err := loadRow(tx, job.Stream, forUpdate(tx))
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		stands := row.State == Running && row.Phase == job.Phase && row.TimerAuto && row.TimerAt != nil && row.TimerAt.Equal(job.At)
		if !stands || row.Phase+1 >= len(row.Script.Phases) {
			return nil
		}
		_, err = l.move(tx, row, row.Phase+1, done)
		return err
	})
	return err
}

// Handlers returns what this package does for the queue, by kind of job.
func (l *Leertafel) Handlers() map[string]jobs.Handler {
	return map[string]jobs.Handler{
		jobTimer: l.timeIsOver,
		jobErase: l.eraseWhenDue,
	}
}

// readJob decodes a job's payload. One that cannot be read never will be.
func readJob(payload json.RawMessage, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrGiveUp, err)
	}
	return nil
}
