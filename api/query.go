package api

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// query reads the parameters of one request and gathers what does not fit. An
// empty parameter is as good as none.
type query struct {
	call   *call
	values url.Values
	unfit  *fault.Error
}

// checkQuery refuses a query that is not encoded well, of which nobody can tell
// what it asks.
func (c *call) checkQuery() error {
	if _, err := url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return fault.New(fault.BadRequest, "fault.bad_request", "What", "the query is not encoded well")
	}
	return nil
}

func (c *call) query() *query {
	return &query{call: c, values: c.r.URL.Query()}
}

// err returns what the caller is to hear when something did not fit.
func (q *query) err() error {
	if q.unfit == nil {
		return nil
	}
	return q.call.refuse(q.unfit)
}

func (q *query) wrong(name, code string, args ...any) {
	e := fault.InvalidField(name, code, args...)
	if q.unfit == nil {
		q.unfit = e
		return
	}
	q.unfit.Fields = append(q.unfit.Fields, e.Fields...)
}

// text reads a parameter of any words.
func (q *query) text(name string) string {
	s := q.values.Get(name)
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		q.wrong(name, "does_not_fit")
		return ""
	}
	return s
}

// choice reads a parameter that is one of a few words.
func (q *query) choice(name string, choices ...string) string {
	s := q.values.Get(name)
	if s != "" && !slices.Contains(choices, s) {
		q.wrong(name, "not_one_of", "Choices", strings.Join(choices, ", "))
		return ""
	}
	return s
}

// id reads an id; 0 when there is none.
func (q *query) id(name string) int64 {
	s := q.values.Get(name)
	if s == "" {
		return 0
	}
	id, ok := parseID(s)
	if !ok {
		q.wrong(name, "does_not_fit")
	}
	return id
}

// place reads the id of a post to go on from; there is false when it is not
// given. 0 is the place before the first post.
func (q *query) place(name string) (id int64, there bool) {
	s := q.values.Get(name)
	if s == "0" {
		return 0, true
	}
	return q.id(name), s != ""
}

// number reads a whole number that is not below zero.
func (q *query) number(name string) int64 {
	s := q.values.Get(name)
	if s == "0" {
		return 0
	}
	n, ok := parseID(s)
	if !ok {
		q.wrong(name, "does_not_fit")
	}
	return n
}

// moment reads an RFC 3339 moment, or a date: its beginning, or with wholeDay
// its end, in UTC.
func (q *query) moment(name string, wholeDay bool) time.Time {
	s := q.values.Get(name)
	if s == "" {
		return time.Time{}
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		if wholeDay {
			day = day.AddDate(0, 0, 1)
		}
		return day
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		q.wrong(name, "not_moment")
	}
	return t.UTC()
}

// page reads limit and cursor.
func (q *query) page() community.Page {
	return community.Page{Limit: q.limit(), Cursor: q.text("cursor")}
}

func (q *query) limit() int {
	s := q.values.Get("limit")
	if s == "" {
		return limits.PageDefault
	}
	n, ok := parseID(s)
	switch {
	case s == "0":
		q.wrong("limit", "too_low", "Min", 1)
	case !ok:
		q.wrong("limit", "does_not_fit")
	case n > limits.PageMax:
		q.wrong("limit", "too_high", "Max", limits.PageMax)
	}
	return int(n)
}
