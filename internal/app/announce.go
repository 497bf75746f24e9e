package app

import (
	"leerkring/api"
	"leerkring/forum"
	"leerkring/frontend/live"
	"leerkring/hub"
	"leerkring/notify"
)

// What the rooms announce after a commit, and who hears of it. A node that does
// not serve has no hub: then the serving ones find it in the database.

// event is a personal event in the words of the protocol.
type event struct {
	Event string `json:"event"`
	Data  any    `json:"data"`
}

// tellUnread is the word under which nodes share what was posted where.
const tellUnread = "unread"

func (a *App) changed(c forum.Change) {
	if a.hub == nil {
		return
	}
	a.hub.Publish(hubChange(c))
	if c.Event == forum.PostCreated || c.Event == forum.PostDeleted {
		a.unread.Changed(c.StreamID, c.SpaceID)
	}
}

func (a *App) started(s forum.Stream) {
	if a.hub != nil {
		a.hub.ToSpace(s.SpaceID, event{"stream.created", api.StreamData(s)})
	}
}

func (a *App) seen(person, stream int64) {
	if a.unread != nil {
		a.unread.Seen(person, stream)
	}
}

func (a *App) notified(person int64, n notify.Notification) {
	if a.hub == nil {
		return
	}
	about := int64(0)
	if n.StreamID != nil {
		about = *n.StreamID
	}
	a.hub.ToPerson(person, about, event{"notification.created", api.NotificationData(n)})
}

func (a *App) accessChanged(person int64) {
	if a.hub != nil {
		a.hub.Recheck(person)
	}
}

func (a *App) workWaits() {
	if a.queue != nil {
		a.queue.Wake()
	}
}

func (a *App) heard(kind string, payload []byte) {
	if kind == tellUnread {
		a.unread.Heard(payload)
	}
}

// unreadChanged tells how much is unread in a stream. A page counts by space,
// so its event comes with the element that says which.
func unreadChanged(u forum.StreamUnread) hub.WithFragment {
	count := struct {
		Stream   int64 `json:"stream"`
		Unread   int   `json:"unread"`
		Mentions int   `json:"mentions"`
	}{u.StreamID, u.Unread, u.Mentions}
	return hub.WithFragment{Event: event{"unread.changed", count}, Fragment: live.Unread(u.SpaceID, u.Unread)}
}
