// Package unsubscribe stops one type of mail with the link that stands in it. It
// needs nobody to be signed in, and a mail program can do it by itself (RFC
// 8058): looking changes nothing, the POST stops the mail.
package unsubscribe

import (
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// Ask shows what the link would stop, with the button.
func Ask(v *page.Visit) error {
	kind, mail, err := v.Notify.ReadUnsubscribe(v.Context(), v.R.PathValue("token"))
	if err != nil {
		return err
	}
	return v.Show(askPage(v, frame(v), kind, mail))
}

// Stop stops the mail.
func Stop(v *page.Visit) error {
	kind, err := v.Notify.Unsubscribe(v.Context(), v.R.PathValue("token"))
	if err != nil {
		return err
	}
	return v.Show(stoppedPage(v, frame(v), kind))
}

func frame(v *page.Visit) layout.Frame {
	return layout.Frame{Words: v.Words, Title: v.Words.T("unsubscribe.title")}
}
