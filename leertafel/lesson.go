package leertafel

import (
	"cmp"
	"context"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Lesson is what leaves the room: something learned, that somebody goes on
// with. While the session runs it is at the table alone.
type Lesson struct {
	ID       int64
	StreamID int64
	// SpaceID is where it goes: the space the table stands in.
	SpaceID    int64
	Rev        int64
	CreatedRev int64
	Text       string
	Theme      string
	Kept       string
	// Owner goes on with it; nil when they are no longer known.
	Owner *community.PersonCard
	DueAt time.Time
	State LessonState
	// Outcome is how it was done, or why it was dropped.
	Outcome   string
	CreatedAt time.Time
	SharedAt  *time.Time
	EndedAt   *time.Time
}

// LessonState is how far a lesson is.
type LessonState string

const (
	LessonOpen    LessonState = "open"
	LessonDone    LessonState = "done"
	LessonDropped LessonState = "dropped"
)

// LessonInput is what a lesson is made from.
type LessonInput struct {
	Stream int64  `json:"stream"`
	Text   string `json:"text" validate:"notblank,max=500"`
	Theme  string `json:"theme" validate:"notblank,max=60"`
	Owner  int64  `json:"owner" validate:"required,min=1"`
	// Due is the day on which to hear more; its hour does not count.
	Due time.Time `json:"due" validate:"required"`
	// Keep is why the text keeps what may lead to a person.
	Keep string `json:"keep" validate:"max=200"`
	// Nonce makes a repeat the same lesson.
	Nonce string `json:"nonce" validate:"required,max=200"`
}

// AddLesson writes down what is taken along: in the phase for it those who take
// part do, a facilitator at any moment of the session. No owner, no lesson.
func (l *Leertafel) AddLesson(ctx context.Context, actor community.Actor, in LessonInput) (lesson Lesson, err error) {
	in.Text, in.Theme = tidyText(in.Text), richtext.Line(in.Theme)
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, arrange, in.Stream, forShare(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		earlier, err := loadLessons(tx, `n.stream_id = ? AND n.key = ?`, in.Stream, keyOf(in.Nonce))
		if err != nil {
			return err
		}
		if len(earlier) == 1 {
			lesson = earlier[0]
			return nil
		}
		if err := at.takesLessons(); err != nil {
			return err
		}
		if err := l.checkLesson(tx, at, in.Owner, in.Due); err != nil {
			return err
		}
		kept, err := guarded(tx, at, "text", in.Text+"\n"+in.Theme, in.Keep)
		if err != nil {
			return err
		}
		var n int
		if err := tx.Get(&n, `SELECT count(*) FROM lessons WHERE stream_id = ?`, in.Stream); err != nil {
			return err
		}
		if n >= limits.TableLessons {
			return fault.New(fault.Conflict, "lesson.too_many", "Max", limits.TableLessons)
		}
		rev, err := forum.NextRev(tx, in.Stream)
		if err != nil {
			return err
		}
		into := at.space.ID
		if at.space.ParentID != nil {
			into = *at.space.ParentID
		}
		var id int64
		if err := tx.Get(&id, `INSERT INTO lessons (space_id, stream_id, rev, created_rev, key, text, kept, theme, owner_id, due_at, state, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, into, in.Stream, rev, rev, keyOf(in.Nonce), in.Text, kept, in.Theme,
			in.Owner, day(in.Due), LessonOpen, l.clock.Now()); err != nil {
			return err
		}
		lesson, err = oneLesson(tx, id)
		done.lesson(lesson)
		return err
	})
	return lesson, err
}

// takesLessons says whether actor may write lessons down now.
func (p place) takesLessons() error {
	switch {
	case p.row.State == Preparing:
		return notRunning()
	case p.row.State != Running:
		return isClosed()
	case p.is(Facilitator):
		return nil
	case p.phase().Work != Lessons:
		return fault.New(fault.Conflict, "lesson.not_now")
	case p.row.Mode == Unlinkable:
		return fault.New(fault.Forbidden, "card.facilitator_writes")
	}
	return nil
}

// checkLesson makes sure that whoever goes on with it is at the table, and that
// the day is to come.
func (l *Leertafel) checkLesson(tx *database.Tx, at place, owner int64, due time.Time) error {
	seat, err := seatOf(tx, at.row.StreamID, owner)
	if err != nil {
		return err
	}
	if seat.Role == "" {
		return fault.InvalidField("owner", "not_there")
	}
	return l.checkDue(due)
}

func (l *Leertafel) checkDue(due time.Time) error {
	now := l.clock.Now()
	if day(due).Before(day(now)) || due.After(now.AddDate(5, 0, 0)) {
		return fault.InvalidField("due", "not_to_come")
	}
	return nil
}

// day is the beginning of a moment's day in UTC.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// LessonChange is what of a lesson is to be different; nil stays as it is.
type LessonChange struct {
	Text  *string    `json:"text" validate:"omitnil,notblank,max=500"`
	Theme *string    `json:"theme" validate:"omitnil,notblank,max=60"`
	Owner *int64     `json:"owner" validate:"omitnil,min=1"`
	Due   *time.Time `json:"due"`
	Keep  string     `json:"keep" validate:"max=200"`
	// State ends a lesson or opens it again. Dropping it takes a reason.
	State   *LessonState `json:"state" validate:"omitnil,oneof=open done dropped"`
	Outcome *string      `json:"outcome" validate:"omitnil,max=500"`
}

// ChangeLesson changes a lesson. At the table those may who may write one; once
// it has left, its owner, and facilitators and managers of where it went, say
// how it goes and when, and its text stays.
func (l *Leertafel) ChangeLesson(ctx context.Context, actor community.Actor, id int64, in LessonChange) (lesson Lesson, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		old, at, err := enterLesson(tx, actor, id, true, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		changed := old
		if old.SharedAt == nil {
			if err := at.takesLessons(); err != nil {
				return err
			}
			set(&changed.Text, in.Text)
			set(&changed.Theme, in.Theme)
			changed.Text, changed.Theme = tidyText(changed.Text), richtext.Line(changed.Theme)
			if changed.Kept, err = guarded(tx, at, "text", changed.Text+"\n"+changed.Theme, cmp.Or(in.Keep, old.Kept)); err != nil {
				return err
			}
			if in.Owner != nil {
				if err := l.checkLesson(tx, at, *in.Owner, l.clock.Now()); err != nil {
					return err
				}
				changed.Owner = &community.PersonCard{ID: *in.Owner}
			}
		} else if in.Text != nil || in.Theme != nil || in.Owner != nil {
			return fault.New(fault.Conflict, "lesson.has_left")
		}
		if in.Due != nil {
			if err := l.checkDue(*in.Due); err != nil {
				return err
			}
			changed.DueAt = day(*in.Due)
		}
		if err := l.settle(tx, at, &changed, in); err != nil {
			return err
		}
		if changed == old {
			lesson = old
			return nil
		}
		lesson, err = saveLesson(tx, changed, done)
		return err
	})
	return lesson, err
}

// settle takes on the state that was asked for.
func (l *Leertafel) settle(tx *database.Tx, at place, changed *Lesson, in LessonChange) error {
	if in.Outcome != nil {
		outcome := tidyText(*in.Outcome)
		if _, err := guarded(tx, at, "outcome", outcome, ""); err != nil {
			return err
		}
		changed.Outcome = outcome
	}
	if in.State != nil && *in.State != changed.State {
		changed.State = *in.State
		changed.EndedAt = nil
		if *in.State != LessonOpen {
			now := l.clock.Now()
			changed.EndedAt = &now
		}
	}
	if changed.State == LessonDropped && fault.Blank(changed.Outcome) {
		return fault.InvalidField("outcome", "required")
	}
	return nil
}

func saveLesson(tx *database.Tx, lesson Lesson, done *changes) (Lesson, error) {
	rev, err := forum.NextRev(tx, lesson.StreamID)
	if err != nil {
		return lesson, err
	}
	var owner *int64
	if lesson.Owner != nil {
		owner = &lesson.Owner.ID
	}
	if _, err := tx.Exec(`UPDATE lessons SET rev = ?, text = ?, kept = ?, theme = ?, owner_id = ?, due_at = ?, state = ?, outcome = ?,
		shared_at = ?, ended_at = ? WHERE id = ?`, rev, lesson.Text, lesson.Kept, lesson.Theme, owner, lesson.DueAt, lesson.State,
		lesson.Outcome, lesson.SharedAt, lesson.EndedAt, lesson.ID); err != nil {
		return lesson, err
	}
	saved, err := oneLesson(tx, lesson.ID)
	if err == nil {
		done.lesson(saved)
	}
	return saved, err
}

// enterLesson is the only way to a lesson: by the table while it is there, and
// by the space it went to afterwards. For a change, actor must be one of those
// who may make it.
func enterLesson(tx *database.Tx, actor community.Actor, id int64, change bool, lock string) (Lesson, place, error) {
	lesson, err := oneLesson(tx, id)
	if err == database.ErrNoRows {
		return lesson, place{}, fault.Missing()
	}
	if err != nil {
		return lesson, place{}, err
	}
	if lesson.SharedAt == nil {
		a := see
		if change {
			a = arrange
		}
		at, err := sit(tx, actor, a, lesson.StreamID, lock)
		return lesson, at, err
	}
	space, err := community.Enter(tx, actor, community.Read, lesson.SpaceID)
	at := place{actor: actor, space: space, row: tableRow{StreamID: lesson.StreamID}}
	if err != nil || !change {
		return lesson, at, err
	}
	if lesson.Owner != nil && lesson.Owner.ID == actor.Person {
		return lesson, at, community.MayWrite(actor)
	}
	return lesson, at, space.Allow(actor, community.Tidy)
}

// MayChangeLesson says whether actor may change a lesson.
func (l *Leertafel) MayChangeLesson(ctx context.Context, actor community.Actor, id int64) error {
	return l.db.Read(ctx, func(tx *database.Tx) error {
		_, _, err := enterLesson(tx, actor, id, true, ``)
		return err
	})
}

// Lesson returns a lesson.
func (l *Leertafel) Lesson(ctx context.Context, actor community.Actor, id int64) (lesson Lesson, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		lesson, _, err = enterLesson(tx, actor, id, false, ``)
		return err
	})
	return lesson, err
}

// shareLessons lets the lessons of a table leave the room.
func (l *Leertafel) shareLessons(tx *database.Tx, at place, done *changes) error {
	lessons, err := loadLessons(tx, `n.stream_id = ? ORDER BY n.id`, at.row.StreamID)
	if err != nil {
		return err
	}
	now := l.clock.Now()
	for _, lesson := range lessons {
		lesson.SharedAt = &now
		if _, err := saveLesson(tx, lesson, done); err != nil {
			return err
		}
	}
	return nil
}

func oneLesson(tx *database.Tx, id int64) (Lesson, error) {
	lessons, err := loadLessons(tx, `n.id = ?`, id)
	if err == nil && len(lessons) == 0 {
		err = database.ErrNoRows
	}
	if err != nil {
		return Lesson{}, err
	}
	return lessons[0], nil
}

func loadLessons(tx *database.Tx, condition string, args ...any) ([]Lesson, error) {
	var rows []struct {
		ID, StreamID, SpaceID, Rev, CreatedRev int64
		Text, Theme, Kept                      string
		OwnerID                                int64
		Name, Organisation                     string
		DueAt                                  time.Time
		State                                  LessonState
		Outcome                                string
		CreatedAt                              time.Time
		SharedAt, EndedAt                      *time.Time
	}
	if err := tx.Select(&rows, `SELECT n.id, n.stream_id, n.space_id, n.rev, n.created_rev, n.text, n.theme, n.kept,
			coalesce(n.owner_id, 0) AS owner_id, coalesce(p.name, '') AS name, coalesce(o.name, '') AS organisation,
			n.due_at, n.state, n.outcome, n.created_at, n.shared_at, n.ended_at
		FROM lessons n LEFT JOIN people p ON p.id = n.owner_id LEFT JOIN organisations o ON o.id = p.organisation_id
		WHERE `+condition, args...); err != nil {
		return nil, err
	}
	lessons := make([]Lesson, len(rows))
	for i, r := range rows {
		lessons[i] = Lesson{ID: r.ID, StreamID: r.StreamID, SpaceID: r.SpaceID, Rev: r.Rev, CreatedRev: r.CreatedRev, Text: r.Text, Theme: r.Theme,
			Kept: r.Kept, DueAt: r.DueAt, State: r.State, Outcome: r.Outcome, CreatedAt: r.CreatedAt, SharedAt: r.SharedAt, EndedAt: r.EndedAt}
		if r.OwnerID != 0 {
			lessons[i].Owner = &community.PersonCard{ID: r.OwnerID, Name: r.Name, Organisation: r.Organisation}
		}
	}
	return lessons, nil
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}
