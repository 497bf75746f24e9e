package demo

import (
	"slices"
	"time"
)

// Make makes the plan as it looks at now. It is a pure function: the same now
// gives the same plan. It panics when a text has a mistake, which the tests of
// this package find.
func Make(now time.Time) *Plan {
	p := &Plan{}
	w := &world{
		plan: p, calendar: newCalendar(now),
		people: map[string]*Person{}, spaces: map[string]*Space{}, streams: map[string]bool{},
		talk: map[string][]float64{},
	}
	p.Now = w.calendar.now
	staff(p)
	for i := range p.People {
		w.people[p.People[i].Key] = &p.People[i]
	}
	w.places()
	for _, c := range w.channels {
		w.streams[c.key] = true
	}
	w.forum()
	w.chat()
	slices.SortStableFunc(p.Streams, func(a, b Stream) int { return a.At.Compare(b.At) })
	w.reading()
	return p
}
