package api

import (
	"leerkring/internal/fault"
	"leerkring/notify"
)

// NotificationJSON is something a person was told.
type NotificationJSON struct {
	ID        int64       `json:"id" example:"31"`
	Kind      string      `json:"kind" enum:"mention,reply,answer,assignment,invitation,moderation" example:"reply"`
	Space     int64       `json:"space" example:"5"`
	Stream    *int64      `json:"stream"`
	Post      *int64      `json:"post"`
	Title     string      `json:"title" doc:"The stream's title, or the space's name."`
	Excerpt   string      `json:"excerpt" doc:"The beginning of the post, as plain text."`
	From      *SenderJSON `json:"from" doc:"Who did it; null when that is not kept."`
	CreatedAt Moment      `json:"created_at"`
	ReadAt    *Moment     `json:"read_at"`
}

// SenderJSON is who did what a notification tells.
type SenderJSON struct {
	ID   int64  `json:"id" example:"7"`
	Name string `json:"name" example:"Fatma Yilmaz"`
}

// InboxJSON is what is left to read.
type InboxJSON struct {
	Unread int `json:"unread" doc:"How many notifications are not read." example:"0"`
}

// NotificationData returns a notification in the words of the protocol, for
// events and answers.
func NotificationData(n notify.Notification) NotificationJSON {
	shape := NotificationJSON{
		ID: n.ID, Kind: n.Kind, Space: n.SpaceID, Stream: n.StreamID, Post: n.PostID, Title: n.Title, Excerpt: n.Excerpt,
		CreatedAt: Moment(n.CreatedAt), ReadAt: momentOrNull(n.ReadAt),
	}
	if n.From != nil {
		shape.From = &SenderJSON{ID: n.From.ID, Name: n.From.Name}
	}
	return shape
}

func (a *API) listNotifications(c *call) (any, error) {
	q := c.query()
	unread, page := q.choice("unread", "true", "false") == "true", q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	list, next, err := a.notify.Inbox(c.ctx(), c.actor, unread, page)
	return listOf(list, next, NotificationData), err
}

// ReadNotificationsJSON says which notifications somebody has read.
type ReadNotificationsJSON struct {
	IDs   []int64 `json:"ids" required:"false" validate:"max=1000" maxItems:"1000" doc:"These."`
	Until *int64  `json:"until" required:"false" validate:"omitnil,min=0" minimum:"0" doc:"All up to and including this one, instead of ids."`
}

func (a *API) readNotifications(c *call) (any, error) {
	var in ReadNotificationsJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if err := in.fits(); err != nil {
		return nil, c.refuse(err)
	}
	if err := a.notify.MarkRead(c.ctx(), c.actor, in.IDs, valueOf(in.Until)); err != nil {
		return nil, err
	}
	unread, err := a.notify.UnreadCount(c.ctx(), c.actor)
	return InboxJSON{Unread: unread}, err
}

// fits: one of the two.
func (in ReadNotificationsJSON) fits() error {
	switch {
	case in.IDs == nil && in.Until == nil:
		return fault.InvalidField("ids", "required")
	case in.IDs != nil && in.Until != nil:
		return fault.InvalidField("until", "does_not_fit")
	}
	return nil
}
