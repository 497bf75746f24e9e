// Package about has the pages about the place itself: now how accessible it is.
package about

import (
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// Accessibility tells honestly how accessible the pages are, and what to do when
// one runs into something.
func Accessibility(v *page.Visit) error {
	f := layout.Frame{Words: v.Words, Title: v.Words.T("frame.accessibility")}
	if !v.Guest() {
		var err error
		if f, err = v.Frame(page.Around{Title: f.Title}); err != nil {
			return err
		}
	}
	return v.Show(accessibilityPage(v, f))
}
