package notify

import (
	"context"
	"slices"
	"time"

	"leerkring/community"
	"leerkring/internal/cursor"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/richtext"
)

// Notification is one thing somebody should know of.
type Notification struct {
	ID int64
	// Kind is one of the words below.
	Kind     string
	SpaceID  int64
	StreamID *int64
	PostID   *int64
	// Title is the stream's, or the name of the space.
	Title string
	// Direct: it is a message in a conversation between people.
	Direct bool
	// Excerpt is the beginning of what it is about, in plain text, made anew from
	// the text as it is now.
	Excerpt string
	// From is who caused it; nil when that is not kept.
	From      *community.PersonCard
	CreatedAt time.Time
	// ReadAt is nil while it is unread. What was read by reading the stream has
	// the moment it came, since nobody noted a later one.
	ReadAt *time.Time
	// InvitationCode opens the page of the invitation; "" for the other kinds.
	InvitationCode string
}

// The kinds of notification, in the words of the protocol.
const (
	KindMention    = "mention"
	KindReply      = "reply"
	KindAnswer     = "answer"
	KindInvitation = "invitation"
)

// excerptLength of a notification and of an item in a digest, in code points.
const excerptLength = 140

// Inbox lists what actor was notified of and may still see, the newest first.
// next is the cursor of what follows, or "".
func (n *Notify) Inbox(ctx context.Context, actor community.Actor, unreadOnly bool, page community.Page) (list []Notification, next string, err error) {
	before := int64(1) << 53
	if page.Cursor != "" {
		key, err := cursor.Decode(page.Cursor, 1)
		if err != nil {
			return nil, "", err
		}
		before = key[0]
	}
	condition, args := n.standing(actor)
	if unreadOnly {
		condition += ` AND NOT ` + isRead
	}
	var rows []notificationRecord
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&rows, `SELECT `+notificationColumns+` FROM `+notificationTables+`
			WHERE `+condition+` AND x.id < ? ORDER BY x.id DESC LIMIT ?`, append(args, before, page.Limit+1)...)
	})
	if len(rows) > page.Limit {
		rows = rows[:page.Limit]
		next = cursor.Encode(rows[len(rows)-1].ID)
	}
	for _, r := range rows {
		list = append(list, r.notification())
	}
	return list, next, err
}

// UnreadCount returns how many of actor's notifications are unread.
func (n *Notify) UnreadCount(ctx context.Context, actor community.Actor) (count int, err error) {
	condition, args := n.standing(actor)
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&count, `SELECT count(*) FROM `+notificationTables+` WHERE `+condition+` AND NOT `+isRead, args...)
	})
	return count, err
}

// MarkRead marks these notifications of actor as read, and all up to and
// including until. Ids of others', and of none, are passed over.
func (n *Notify) MarkRead(ctx context.Context, actor community.Actor, ids []int64, until int64) error {
	if !actor.Scopes.Has(community.ScopeWrite) {
		return fault.New(fault.Forbidden, "fault.no_scope", "Scope", community.ScopeWrite.String())
	}
	const mark = `UPDATE notifications SET read_at = ? WHERE person_id = ? AND read_at IS NULL AND `
	return n.db.Write(ctx, func(tx *database.Tx) error {
		now := n.clock.Now()
		for some := range slices.Chunk(ids, 500) {
			if _, err := tx.Exec(mark+`id IN (?)`, now, actor.Person, some); err != nil {
				return err
			}
		}
		if until <= 0 {
			return nil
		}
		_, err := tx.Exec(mark+`id <= ?`, now, actor.Person, until)
		return err
	})
}

// notificationTables joins what a notification x is about.
const notificationTables = `notifications x
	JOIN spaces s ON s.id = x.space_id
	LEFT JOIN streams t ON t.id = x.stream_id
	LEFT JOIN posts p ON p.id = x.post_id
	LEFT JOIN stream_people sp ON sp.person_id = x.person_id AND sp.stream_id = x.stream_id
	LEFT JOIN people f ON f.id = x.from_id LEFT JOIN organisations fo ON fo.id = f.organisation_id
	LEFT JOIN invitations i ON i.id = x.invitation_id`

const notificationColumns = `x.id, x.kind, x.space_id, x.stream_id, x.post_id, x.created_at, x.read_at, ` + isRead + ` AS is_read,
	coalesce(t.title, s.name) AS title, s.kind = 'direct' AS direct, coalesce(p.html, '') AS html,
	CASE WHEN i.id IS NULL THEN '' ELSE s.description END AS about, coalesce(i.code, '') AS invitation_code,
	x.from_id, coalesce(f.name, '') AS from_name, coalesce(fo.name, '') AS from_organisation`

// isRead: marked, or the person has seen the stream past what it is about.
const isRead = `(x.read_at IS NOT NULL OR (x.stream_id IS NOT NULL AND coalesce(sp.seen_rev, 0) >= x.rev))`

// standing is the condition for the notifications of actor that may still be
// shown: of what they may read, and is still there. An invitation is to a space
// they may not see yet; it stands while it works.
func (n *Notify) standing(actor community.Actor) (condition string, args []any) {
	visible, person := community.Visible(actor, "x.space_id")
	works, now := community.InvitationStands("i", n.clock.Now())
	return `x.person_id = ? AND ((x.invitation_id IS NULL AND ` + visible + ` AND ` + stillThere + `)
		OR (x.invitation_id IS NOT NULL AND ` + works + `))`, []any{actor.Person, person, now}
}

// stillThere: the post has not been deleted. A notification about somebody's
// own post is that it was chosen as the answer, and stands while it is.
const stillThere = `(p.id IS NULL OR (p.deleted_at IS NULL
	AND (p.author_id IS NULL OR p.author_id <> x.person_id OR coalesce(t.answer_id, 0) = p.id)))`

type notificationRecord struct {
	ID               int64
	Kind             string
	SpaceID          int64
	StreamID         *int64
	PostID           *int64
	CreatedAt        time.Time
	ReadAt           *time.Time
	IsRead           bool
	Direct           bool
	Title            string
	HTML             string
	About            string
	InvitationCode   string
	FromID           *int64
	FromName         string
	FromOrganisation string
}

func (r notificationRecord) notification() Notification {
	made := Notification{
		ID: r.ID, Kind: r.Kind, SpaceID: r.SpaceID, StreamID: r.StreamID, PostID: r.PostID, Title: r.Title,
		Excerpt: richtext.Excerpt(r.HTML, excerptLength), CreatedAt: r.CreatedAt, ReadAt: r.ReadAt,
		InvitationCode: r.InvitationCode, Direct: r.Direct,
	}
	if r.About != "" {
		made.Excerpt = cut(r.About, excerptLength)
	}
	if r.IsRead && r.ReadAt == nil {
		made.ReadAt = &r.CreatedAt
	}
	if r.FromID != nil {
		made.From = &community.PersonCard{ID: *r.FromID, Name: r.FromName, Organisation: r.FromOrganisation}
	}
	return made
}
