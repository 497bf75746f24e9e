// Package inbox shows what one was notified of.
package inbox

import (
	"strconv"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// shown on one page.
const shown = 30

// inbox is what stands on the page.
type inbox struct {
	layout.Frame
	Choices []show.Choice
	List    component.Notifications
	Pager   component.Pager
	// Unread: only what is unread was asked for.
	Unread bool
	// Newest is the newest notification on the page; all up to it are marked at
	// once.
	Newest int64
}

// List shows the visitor's notifications.
func List(v *page.Visit) error {
	i := inbox{Unread: v.Query("welke") == "nieuw"}
	var err error
	if i.Frame, err = v.Frame(page.Around{Title: v.Words.T("frame.inbox"), Section: layout.Inbox}); err != nil {
		return err
	}
	path := layout.InboxPath
	i.Choices = []show.Choice{
		{Label: v.Words.T("inbox.all"), Href: layout.InboxPath, Current: !i.Unread},
		{Label: v.Words.T("inbox.unread"), Href: layout.InboxPath + "?welke=nieuw", Current: i.Unread},
	}
	if i.Unread {
		path += "?welke=nieuw"
	}
	cursor := v.Query("verder")
	list, next, err := v.Notify.Inbox(v.Context(), v.Actor, i.Unread, community.Page{Limit: shown, Cursor: cursor})
	if err != nil {
		return err
	}
	if i.List, err = show.Notifications(v, list); err != nil {
		return err
	}
	if len(list) > 0 {
		i.Newest = list[0].ID
	}
	if next != "" {
		i.Pager.Older = page.With(path, "verder", next)
	}
	if cursor != "" {
		i.Pager.Newer = path
	}
	return v.Show(inboxPage(v, i))
}

// MarkRead marks notifications as read: those named by "ids", and all up to and
// including "until".
func MarkRead(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	var ids []int64
	for _, value := range v.Values("ids") {
		if id, err := strconv.ParseInt(value, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	if err := v.Notify.MarkRead(v.Context(), v.Actor, ids, v.ValueID("until")); err != nil {
		return err
	}
	return v.Go(page.Done(layout.InboxPath, "all_read"))
}
