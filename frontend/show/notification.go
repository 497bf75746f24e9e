package show

import (
	"leerkring/frontend/component"
	"leerkring/frontend/page"
	"leerkring/notify"
)

// Notifications returns what the visitor was notified of, as rows.
func Notifications(v *page.Visit, list []notify.Notification) (component.Notifications, error) {
	names, err := spaceNames(v)
	if err != nil {
		return nil, err
	}
	rows := make(component.Notifications, 0, len(list))
	for _, n := range list {
		row := component.Notification{
			Kind: n.Kind, Title: n.Title, Excerpt: n.Excerpt, Space: names[n.SpaceID], Href: notificationAddress(n),
			At: Moment(v, n.CreatedAt), Unread: n.ReadAt == nil,
			Direct: n.Direct,
		}
		if n.Direct {
			row.Space = "" // it bears the name of who wrote
		}
		if n.From != nil {
			from := Person(*n.From)
			row.From = &from
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// notificationAddress is where to go on: the post, or the invitation.
func notificationAddress(n notify.Notification) string {
	if n.InvitationCode != "" {
		return "/uitnodiging/" + n.InvitationCode
	}
	if n.StreamID == nil || n.PostID == nil {
		return "/meldingen"
	}
	return PostAddress(*n.StreamID, *n.PostID)
}
