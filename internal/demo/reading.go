package demo

import (
	"slices"
	"time"
)

// reading says how far everybody came, and who wants to hear more or less.
func (w *world) reading() {
	bySpace := map[string][]*Stream{}
	for i := range w.plan.Streams {
		s := &w.plan.Streams[i]
		bySpace[s.Space] = append(bySpace[s.Space], s)
	}
	for _, space := range w.plan.Spaces {
		for _, m := range space.Members {
			r := chanceOf("read/" + space.Key + "/" + m.Person)
			visit := w.lastVisit(r, space, m)
			for _, s := range bySpace[space.Key] {
				w.read(r, s, m, visit)
			}
		}
	}
}

// lastVisit draws when somebody last looked in a space: some this morning, most
// this week, a few not for ages.
func (w *world) lastVisit(r chance, space Space, m Membership) time.Time {
	now := w.calendar.now
	if w.signsIn(m.Person) {
		// Something is new for them everywhere, and not too much.
		return now.Add(-time.Duration(r.between(5, 34)) * time.Hour)
	}
	switch x := r.Float64(); {
	case x < 0.35:
		return now.Add(-time.Duration(r.between(0, 300)) * time.Minute)
	case x < 0.65:
		return now.Add(-time.Duration(r.between(8, 60)) * time.Hour)
	case x < 0.85:
		return now.Add(-time.Duration(r.between(3, 14)) * 24 * time.Hour)
	case x < 0.95:
		return now.Add(-time.Duration(r.between(15, 90)) * 24 * time.Hour)
	}
	return m.Since.Add(time.Duration(r.between(1, 200)) * time.Hour)
}

// read puts down how far one person came in one stream.
func (w *world) read(r chance, s *Stream, m Membership, visit time.Time) {
	upto := -1
	skipped := s.Kind != "channel" && r.hits(0.3) // not every topic is opened
	for i, p := range s.Posts {
		if p.Author == m.Person || !skipped && !p.At.After(visit) {
			upto = i
		}
	}
	if upto >= 0 && s.Posts[upto].Author != m.Person && r.hits(0.06) {
		upto -= min(upto, r.between(1, 4)) // read in haste, the end was left
		for i := len(s.Posts) - 1; i > upto; i-- {
			if s.Posts[i].Author == m.Person {
				upto = i
			}
		}
	}
	if upto >= 0 {
		w.plan.Reads = append(w.plan.Reads, Read{m.Person, s.Key, upto})
	}
	wrote := slices.ContainsFunc(s.Posts, func(p Post) bool { return p.Author == m.Person })
	switch {
	case s.Kind == "channel" && len(s.Posts) > 150 && !wrote && r.hits(0.14):
		w.plan.Levels = append(w.plan.Levels, Level{m.Person, s.Key, "muted"})
	case s.Kind == "channel" && r.hits(0.04), s.Kind != "channel" && !wrote && r.hits(0.012):
		w.plan.Levels = append(w.plan.Levels, Level{m.Person, s.Key, "all"})
	case s.Kind == "channel" && r.hits(0.03):
		w.plan.Levels = append(w.plan.Levels, Level{m.Person, s.Key, "mentions"})
	}
}
