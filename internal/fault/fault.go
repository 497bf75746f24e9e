// Package fault holds the few kinds of error a person or a program can be told
// about. A fault carries a text for people (a key of the locale files, so each
// door answers in the asker's language) and, apart from it, a cause for the log.
// An error that is no fault is a defect: the doors answer "unavailable to you,
// our mistake" and log it whole.
package fault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind is what went wrong, in the words of the protocol.
type Kind int

const (
	// BadRequest: the message itself could not be read.
	BadRequest Kind = iota + 1
	// UnknownCommand: a socket command that does not exist.
	UnknownCommand
	// Invalid: the message was read, a value in it does not fit.
	Invalid
	// Unidentified: nobody is signed in.
	Unidentified
	// Forbidden: the caller may see it and may not do it.
	Forbidden
	// NotFound: it is not there, or the caller may not know that it is.
	NotFound
	// WrongMethod: the address exists, not with this method.
	WrongMethod
	// Conflict: it does not fit with how things stand now.
	Conflict
	// TooLarge: the request as a whole.
	TooLarge
	// WrongType: the body is not of a type that is taken here.
	WrongType
	// TooMany: the caller asked too often.
	TooMany
	// Unavailable: a part that is needed does not answer. Says nothing about
	// whether a write was kept.
	Unavailable
)

var codes = [...]string{
	BadRequest:     "bad_request",
	UnknownCommand: "unknown_command",
	Invalid:        "invalid",
	Unidentified:   "unauthorized",
	Forbidden:      "forbidden",
	NotFound:       "not_found",
	WrongMethod:    "method_not_allowed",
	Conflict:       "conflict",
	TooLarge:       "too_large",
	WrongType:      "unsupported_media_type",
	TooMany:        "rate_limited",
	Unavailable:    "unavailable",
}

// Code returns the protocol's word for the kind.
func (k Kind) Code() string {
	if k <= 0 || int(k) >= len(codes) {
		return "unavailable"
	}
	return codes[k]
}

// Text names a text of the locale files and what fills its gaps.
type Text struct {
	Key  string
	Args map[string]any
}

// Field is one value that does not fit.
type Field struct {
	// Name is the field's name as the protocol spells it.
	Name string
	// Code is a word for programs: required, too_long, not_one_of, …
	Code string
	Text Text
}

// Error is a fault. Compare kinds with [Is].
type Error struct {
	Kind   Kind
	Text   Text
	Fields []Field
	// RetryAfter says when it makes sense to ask again (TooMany, Unavailable).
	RetryAfter time.Duration
	// Cause is for the log alone.
	Cause error
}

func (e *Error) Error() string {
	s := e.Kind.Code() + " (" + e.Text.Key + ")"
	for _, f := range e.Fields {
		s += " " + f.Name + ":" + f.Code
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns a fault of this kind with the text under key. args are pairs of
// name and value for the text's gaps.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Text: Text{Key: key, Args: pairs(args)}}
}

// Missing is the answer for what is not there and for what is hidden: one
// text, so that neither can be told from the other.
func Missing() *Error { return New(NotFound, "fault.not_found") }

// Refused is the answer to someone who may see it and may not do it.
func Refused() *Error { return New(Forbidden, "fault.forbidden") }

// InvalidField returns an Invalid fault about one field. The text is the one
// under "field.CODE".
func InvalidField(name, code string, args ...any) *Error {
	return &Error{
		Kind:   Invalid,
		Text:   Text{Key: "fault.invalid"},
		Fields: []Field{{Name: name, Code: code, Text: Text{Key: "field." + code, Args: pairs(args)}}},
	}
}

// Down returns an Unavailable fault: ask again after a moment.
func Down(cause error) *Error {
	e := New(Unavailable, "fault.unavailable")
	e.RetryAfter = 2 * time.Second
	e.Cause = cause
	return e
}

// TooFast returns a TooMany fault: ask again after wait.
func TooFast(wait time.Duration) *Error {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	e := New(TooMany, "fault.too_many", "Seconds", seconds)
	e.RetryAfter = wait
	return e
}

// As returns the fault in err, if there is one.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is reports whether err is a fault of this kind.
func Is(err error, kind Kind) bool {
	e, ok := As(err)
	return ok && e.Kind == kind
}

// From returns the fault to tell the asker about err. An error that is no
// fault becomes Unavailable; expected reports whether it was a fault, or the
// asker's own leaving, and so not worth an alarm.
func From(err error) (e *Error, expected bool) {
	if e, ok := As(err); ok {
		return e, true
	}
	e = Down(err)
	return e, errors.Is(err, context.Canceled)
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	if len(args)%2 != 0 {
		panic(fmt.Sprintf("fault: odd number of text arguments: %v", args))
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}
