package page

import (
	"net/url"
	"slices"

	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/internal/fault"
)

// keptField is one field of a form that could not be taken.
type keptField struct{ Name, Value string }

// longText reports whether it is something somebody wrote: it is shown, so that
// it can be copied as well.
func (f keptField) longText() bool { return f.Name == "body" || len(f.Value) > 80 }

// faultPage says what happened and what to do. What was sent stands in it.
type faultPage struct {
	layout.Frame
	Text    string
	Kind    fault.Kind
	Details []string
	ID      string
	Kept    []keptField
	Action  string
}

// signedOut: somebody's session ended while they were typing.
func (p faultPage) signedOut() bool { return p.Kind == fault.Unidentified }

func (p faultPage) canResend() bool {
	return len(p.Kept) > 0 && p.Kind != fault.NotFound && p.Kind != fault.Forbidden
}

// homeLook: going home is the first thing to do unless something can be sent
// again.
func (p faultPage) homeLook() component.ButtonLook {
	if p.canResend() {
		return component.Quiet
	}
	return component.Primary
}

func (p faultPage) wroteSomething() bool {
	return slices.ContainsFunc(p.Kept, keptField.longText)
}

// SignInAddress is the page to sign in on, and to go on from to next.
func SignInAddress(next string) string {
	if next == "" || next == "/" {
		return layout.SignInPath
	}
	return layout.SignInPath + "?next=" + url.QueryEscape(next)
}

func sortedKeys(values url.Values) []string {
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
