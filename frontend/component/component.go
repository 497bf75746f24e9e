// Package component holds the parts that pages are made of: buttons, fields,
// people, lists, posts. Each is a plain struct with a View method that draws
// it; none knows the domain, a database or who is looking, so a page fills them
// from what it has read. The style page (frontend/style) shows them all in all
// their states.
//
// The parts are those of NL Design System where it has them (classes nl- and
// utrecht-), our own (lk-) where not. Nothing carries a style attribute or an
// event attribute: the content security policy allows neither.
package component

import (
	"strconv"

	"leerkring/internal/locale"
)

// Words writes the texts of components in the reader's language.
type Words = *locale.Printer

// Link is a place to go to, with the words that say where.
type Link struct {
	Label, Href string
}

func text(n int) string { return strconv.Itoa(n) }

func id(n int64) string { return strconv.FormatInt(n, 10) }

// upTo99 writes a count as a badge shows it: 1 to 99, then "99+".
func upTo99(n int) string {
	if n > 99 {
		return "99+"
	}
	return text(n)
}

// classes joins what is not empty.
func classes(names ...string) string {
	s := ""
	for _, name := range names {
		if name == "" {
			continue
		}
		if s != "" {
			s += " "
		}
		s += name
	}
	return s
}

// when returns name if yes, and nothing otherwise.
func when(yes bool, name string) string {
	if yes {
		return name
	}
	return ""
}
