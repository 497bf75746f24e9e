package forum

import (
	"context"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/internal/cursor"
	"leerkring/internal/database"
)

// streamColumns reads a Stream as t for the person sp (stream_people) belongs
// to, and their membership m.
const streamColumns = `t.id, t.space_id, t.kind, t.title, t.category, t.pinned, t.closed, t.answer_id, t.first_post_id,
	t.rev, t.changed_rev, t.last_post_rev, t.post_count, t.participant_count, t.created_at, t.last_post_at,
	t.author_id, coalesce(a.name, '') AS author_name, coalesce(ao.name, '') AS author_organisation,
	coalesce(sp.level, '') AS own_level, coalesce(sp.seen_rev, 0) AS seen_rev, coalesce(sp.posts, 0) AS own_posts,
	coalesce(m.level, '') AS space_level`

// streamTables joins what streamColumns reads. It takes the asker twice.
const streamTables = `streams t
	LEFT JOIN people a ON a.id = t.author_id LEFT JOIN organisations ao ON ao.id = a.organisation_id
	LEFT JOIN stream_people sp ON sp.stream_id = t.id AND sp.person_id = ?
	LEFT JOIN memberships m ON m.space_id = t.space_id AND m.person_id = ?`

type streamRecord struct {
	ID                 int64
	SpaceID            int64
	Kind               Kind
	Title              string
	Category           string
	Pinned             bool
	Closed             bool
	AnswerID           *int64
	FirstPostID        *int64
	Rev                int64
	ChangedRev         int64
	LastPostRev        int64
	PostCount          int
	ParticipantCount   int
	CreatedAt          time.Time
	LastPostAt         *time.Time
	AuthorID           *int64
	AuthorName         string
	AuthorOrganisation string
	OwnLevel           community.Level
	SeenRev            int64
	OwnPosts           int
	SpaceLevel         community.Level
}

func (r streamRecord) stream(actor community.Actor) Stream {
	s := Stream{
		ID: r.ID, SpaceID: r.SpaceID, Kind: r.Kind, Title: r.Title, Category: r.Category, Tags: []string{},
		Pinned: r.Pinned, Closed: r.Closed, AnswerID: r.AnswerID, FirstPostID: r.FirstPostID,
		Rev: r.Rev, ChangedRev: r.ChangedRev, LastPostRev: r.LastPostRev, Posts: r.PostCount, Participants: r.ParticipantCount,
		CreatedAt: r.CreatedAt, LastPostAt: r.LastPostAt,
		OwnLevel: r.OwnLevel, SeenRev: r.SeenRev,
	}
	if r.AuthorID != nil {
		s.Author = &community.PersonCard{ID: *r.AuthorID, Name: r.AuthorName, Organisation: r.AuthorOrganisation}
	}
	takesPart := r.OwnPosts > 0 || (r.AuthorID != nil && *r.AuthorID == actor.Person)
	s.Level = EffectiveLevel(r.OwnLevel, r.SpaceLevel, takesPart)
	return s
}

// Stream returns a stream as it is to actor.
func (f *Forum) Stream(ctx context.Context, actor community.Actor, id int64) (s Stream, err error) {
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, _, err := enterStream(tx, actor, community.Read, id, ``); err != nil {
			return err
		}
		s, err = loadStream(tx, actor, id)
		return err
	})
	return s, err
}

// loadStream reads a stream that actor has been let into.
func loadStream(tx *database.Tx, actor community.Actor, id int64) (Stream, error) {
	streams, err := loadStreams(tx, actor, `t.id = ?`, ``, id)
	if err != nil {
		return Stream{}, err
	}
	if len(streams) == 0 {
		return Stream{}, database.ErrNoRows
	}
	return streams[0], nil
}

// loadStreams reads the streams that fit a condition, with their tags and what
// is unread in them.
func loadStreams(tx *database.Tx, actor community.Actor, condition, order string, args ...any) ([]Stream, error) {
	var records []streamRecord
	if err := tx.Select(&records, `SELECT `+streamColumns+` FROM `+streamTables+` WHERE `+condition+` `+order,
		append([]any{actor.Person, actor.Person}, args...)...); err != nil {
		return nil, err
	}
	streams := make([]Stream, len(records))
	ids := make([]int64, len(records))
	at := make(map[int64]int, len(records))
	for i, r := range records {
		streams[i], ids[i], at[r.ID] = r.stream(actor), r.ID, i
	}
	if len(ids) == 0 {
		return streams, nil
	}
	var tags []struct {
		StreamID int64
		Tag      string
	}
	if err := tx.Select(&tags, `SELECT stream_id, tag FROM stream_tags WHERE stream_id IN (?) ORDER BY stream_id, position`, ids); err != nil {
		return nil, err
	}
	for _, t := range tags {
		s := &streams[at[t.StreamID]]
		s.Tags = append(s.Tags, t.Tag)
	}
	unread, err := countUnread(tx, `m.person_id = ? AND t.id IN (?)`, actor.Person, ids)
	if err != nil {
		return nil, err
	}
	for _, u := range unread {
		s := &streams[at[u.StreamID]]
		s.Unread, s.Mentions = u.Unread, u.Mentions
	}
	return streams, nil
}

// StreamQuery narrows a list of streams.
type StreamQuery struct {
	// Kind: streams of this kind alone; "" is all.
	Kind Kind
	// Tag: streams with this tag alone; "" is all.
	Tag string
	// Unanswered: questions without an accepted answer alone.
	Unanswered bool
	// Pinned: those that are pinned alone, or those that are not; nil is both.
	Pinned *bool
}

// Streams lists the streams of a space, the one that was last posted in first.
func (f *Forum) Streams(ctx context.Context, actor community.Actor, spaceID int64, query StreamQuery, page community.Page) (streams []Stream, next string, err error) {
	conditions, args := []string{`t.space_id = ?`}, []any{spaceID}
	if query.Kind != "" {
		conditions, args = append(conditions, `t.kind = ?`), append(args, query.Kind)
	}
	if query.Tag != "" {
		conditions = append(conditions, `EXISTS (SELECT 1 FROM stream_tags g WHERE g.stream_id = t.id AND g.tag = ?)`)
		args = append(args, query.Tag)
	}
	if query.Unanswered {
		conditions = append(conditions, `t.kind = 'question' AND t.answer_id IS NULL`)
	}
	if query.Pinned != nil {
		conditions, args = append(conditions, `t.pinned = ?`), append(args, *query.Pinned)
	}
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := community.Enter(tx, actor, community.Read, spaceID); err != nil {
			return err
		}
		streams, next, err = pageOfStreams(tx, actor, conditions, args, page)
		return err
	})
	return streams, next, err
}

// Which questions somebody wants to see.
type Which string

const (
	AllQuestions Which = ""
	// OpenQuestions wait for an answer that helps.
	OpenQuestions Which = "open"
	// QuestionsForMe are open, asked by somebody else, and the reader has written
	// nothing under them.
	QuestionsForMe Which = "for_me"
	// MyQuestions are those the reader asked.
	MyQuestions Which = "mine"
	// AnsweredQuestions have an answer that helped.
	AnsweredQuestions Which = "answered"
)

// Questions lists questions of all spaces actor belongs to, the one that was
// last posted in first.
func (f *Forum) Questions(ctx context.Context, actor community.Actor, which Which, page community.Page) (streams []Stream, next string, err error) {
	const open = `t.answer_id IS NULL AND t.closed = false`
	visible, person := community.Visible(actor, "t.space_id")
	conditions, args := []string{`t.kind = 'question'`, `m.person_id IS NOT NULL`, visible}, []any{person}
	switch which {
	case OpenQuestions:
		conditions = append(conditions, open)
	case QuestionsForMe:
		conditions = append(conditions, open, `coalesce(t.author_id, 0) <> ?`, `coalesce(sp.posts, 0) = 0`)
		args = append(args, actor.Person)
	case MyQuestions:
		conditions, args = append(conditions, `t.author_id = ?`), append(args, actor.Person)
	case AnsweredQuestions:
		conditions = append(conditions, `t.answer_id IS NOT NULL`)
	}
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		streams, next, err = pageOfStreams(tx, actor, conditions, args, page)
		return err
	})
	return streams, next, err
}

// StreamsByID returns those of these streams that actor may read, the one that
// was last posted in first.
func (f *Forum) StreamsByID(ctx context.Context, actor community.Actor, ids []int64) (streams []Stream, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	visible, person := community.Visible(actor, "t.space_id")
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		streams, err = loadStreams(tx, actor, `t.id IN (?) AND `+visible, `ORDER BY `+activity+` DESC, t.id DESC`, ids, person)
		return err
	})
	return streams, err
}

// activity is the moment a list of streams is ordered by.
const activity = `coalesce(t.last_post_at, t.created_at)`

func pageOfStreams(tx *database.Tx, actor community.Actor, conditions []string, args []any, page community.Page) ([]Stream, string, error) {
	if page.Cursor != "" {
		key, err := cursor.Decode(page.Cursor, 2)
		if err != nil {
			return nil, "", err
		}
		conditions = append(conditions, `(`+activity+`, t.id) < (?, ?)`)
		args = append(args, time.UnixMicro(key[0]).UTC(), key[1])
	}
	streams, err := loadStreams(tx, actor, strings.Join(conditions, " AND "),
		`ORDER BY `+activity+` DESC, t.id DESC LIMIT ?`, append(args, page.Limit+1)...)
	if err != nil || len(streams) <= page.Limit {
		return streams, "", err
	}
	streams = streams[:page.Limit]
	last := streams[len(streams)-1]
	at := last.CreatedAt
	if last.LastPostAt != nil {
		at = *last.LastPostAt
	}
	return streams, cursor.Encode(at.UnixMicro(), last.ID), nil
}
