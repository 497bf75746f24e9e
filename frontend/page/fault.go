package page

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/internal/fault"
)

var statuses = map[fault.Kind]int{
	fault.BadRequest:   http.StatusBadRequest,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unidentified: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.WrongMethod:  http.StatusMethodNotAllowed,
	fault.Conflict:     http.StatusConflict,
	fault.TooLarge:     http.StatusRequestEntityTooLarge,
	fault.WrongType:    http.StatusUnsupportedMediaType,
	fault.TooMany:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// Problem is a fault as a form shows it, beside what was filled in.
type Problem struct {
	Status int
	// Text says what happened; Fields says it of single fields, by name.
	Text   string
	Fields map[string]string
}

// Of returns what is wrong with a field, or "". A nil Problem has nothing.
func (p *Problem) Of(field string) string {
	if p == nil {
		return ""
	}
	return p.Fields[field]
}

// Summary lists what is wrong, for the top of the form; labels names the fields
// in the order in which they stand.
func (p *Problem) Summary(fields ...string) component.ErrorSummary {
	var summary component.ErrorSummary
	if p == nil {
		return summary
	}
	for _, name := range fields {
		if text := p.Fields[name]; text != "" {
			summary.Errors = append(summary.Errors, component.FieldError{Field: name, Text: text})
		}
	}
	return summary
}

// Problem returns the fault that a form can show, so that the page comes again
// with what was filled in; nil when the error is for [Visit.fail] to answer.
func (v *Visit) Problem(err error) *Problem {
	e, ok := fault.As(err)
	if !ok {
		return nil
	}
	switch e.Kind {
	case fault.Invalid, fault.Conflict, fault.TooMany, fault.Unavailable, fault.TooLarge:
	default:
		return nil
	}
	v.retryAfter(e)
	p := &Problem{Status: statuses[e.Kind], Text: v.Words.Fault(e.Text), Fields: map[string]string{}}
	for _, f := range e.Fields {
		p.Fields[f.Name] = v.Words.Fault(f.Text)
	}
	return p
}

// fail answers with a page that says what happened and what to do. When a form
// was sent, the page has what was in it, to send again.
func (v *Visit) fail(err error) {
	if v.Context().Err() != nil {
		return // nobody waits for an answer
	}
	e, expected := fault.From(err)
	status := statuses[e.Kind]
	id := ""
	if !expected {
		id = uuid.NewString()
		status = http.StatusInternalServerError
		v.Log.Error("a page could not be made", "id", id, "route", v.R.Pattern, "error", err)
	}
	if status == 0 {
		status = http.StatusInternalServerError
	}
	v.retryAfter(e)
	if e.Kind == fault.Unidentified && v.R.Method != http.MethodPost {
		v.askWho()
		return
	}
	kept := v.kept()
	page := faultPage{
		Frame:  layout.Frame{Words: v.Words, Title: v.Words.T("fault.title_" + e.Kind.Code())},
		Text:   v.Words.Fault(e.Text),
		Kind:   e.Kind,
		ID:     id,
		Kept:   kept,
		Action: v.R.URL.RequestURI(),
	}
	for _, f := range e.Fields {
		page.Details = append(page.Details, f.Name+": "+v.Words.Fault(f.Text))
	}
	if v.ShowAs(status, page.View()) != nil {
		return
	}
}

func (v *Visit) retryAfter(e *fault.Error) {
	if e.RetryAfter > 0 {
		v.W.Header().Set("Retry-After", strconv.Itoa(max(1, int((e.RetryAfter+time.Second-1)/time.Second))))
	}
}

// askWho sends a guest to sign in, to come back here afterwards.
func (v *Visit) askWho() {
	http.Redirect(v.W, v.R, SignInAddress(v.R.URL.RequestURI()), http.StatusSeeOther)
}

// kept returns the fields of the form that was sent, if there was one.
func (v *Visit) kept() (fields []keptField) {
	if v.R.Method != http.MethodPost || v.form() != nil {
		return nil
	}
	for _, name := range sortedKeys(v.R.PostForm) {
		for _, value := range v.R.PostForm[name] {
			fields = append(fields, keptField{Name: name, Value: value})
		}
	}
	return fields
}
