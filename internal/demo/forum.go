package demo

import (
	"time"
)

// forum gives every topic a place in time and people to write it.
func (w *world) forum() {
	all := topics()
	byKey := map[string]*topic{}
	for _, t := range all {
		if byKey[t.key] != nil || w.streams[t.key] {
			fail(t.file, t.line, "the key %q stands there twice", t.key)
		}
		if w.spaces[t.space] == nil {
			fail(t.file, t.line, "no space %q", t.space)
		}
		byKey[t.key] = t
	}
	starts := map[string]time.Time{}
	for _, t := range all {
		w.start(t, byKey, starts, 0)
	}
	for _, t := range all {
		w.plan.Streams = append(w.plan.Streams, w.topic(t, starts[t.key]))
	}
}

// start decides when a topic began: after everything it links to.
func (w *world) start(t *topic, byKey map[string]*topic, starts map[string]time.Time, depth int) time.Time {
	if s, known := starts[t.key]; known {
		return s
	}
	if depth > 20 {
		fail(t.file, t.line, "links go round in a circle")
	}
	r := chanceOf("start/" + t.key)
	began := w.calendar.ago(w.spaces[t.space].At)
	wish := t.when
	wish.to = min(wish.to, max(began-12, wish.from))
	if wish.from == anyTime.from {
		wish.from = min(4, wish.to)
	}
	start := w.calendar.draw(r, wish)
	for _, key := range t.links() {
		other := byKey[key]
		if other == nil {
			fail(t.file, t.line, "a link to %q, which is not there", key)
		}
		if s := w.start(other, byKey, starts, depth+1); !start.After(s.Add(48 * time.Hour)) {
			start = w.calendar.nextMorning(r, s.Add(time.Duration(r.between(48, 200))*time.Hour))
		}
	}
	// Room for what comes after it.
	if limit := w.calendar.now.Add(-20 * time.Minute); start.After(limit) {
		start = limit.Add(-time.Duration(r.between(5, 90)) * time.Minute)
	}
	starts[t.key] = start
	return start
}

// topic writes out one stream.
func (w *world) topic(t *topic, start time.Time) Stream {
	r := chanceOf("topic/" + t.key)
	c := &cast{world: w, chance: r, words: map[string]string{}}
	c.voices = w.choose(r, t.space, t.voices(), t.wishes, false, start)
	if c.voices == nil {
		fail(t.file, t.line, "the space has fewer people than the topic has voices")
	}
	s := Stream{
		Key: t.key, Space: t.space, Kind: t.kind, Title: c.fill(t.title), Tags: t.tags, Category: t.category,
		Pinned: t.pinned, Closed: t.closed, Accepted: -1,
	}
	moments := w.moments(r, t, start)
	for i, from := range t.posts {
		p := Post{Author: c.voices[from.voice], At: moments[i], Parent: from.replyTo, Deleted: from.deleted}
		for _, text := range from.texts {
			p.Edits = append(p.Edits, Edit{Body: c.fill(text)})
		}
		last := len(p.Edits) - 1
		p.Body, p.Edits = p.Edits[last].Body, p.Edits[:last]
		w.edited(r, &p, t.kind)
		if from.accepted {
			s.Accepted = i
		}
		w.mark(r, &s, &p, from.reactions)
		if t.kind == "question" && i > 0 && !p.Deleted {
			w.vote(r, &s, &p, from)
		}
		s.Posts = append(s.Posts, p)
	}
	s.By, s.At = s.Posts[0].Author, s.Posts[0].At
	if t.kind != "question" && s.Accepted >= 0 {
		fail(t.file, t.line, "only a question has an accepted answer")
	}
	return s
}

// moments draws rising times for n posts, none after now. When a conversation
// would run past now, the whole of it started earlier.
func (w *world) moments(r chance, t *topic, start time.Time) []time.Time {
	n := len(t.posts)
	middle := 3 * time.Hour
	switch {
	case t.kind == "article":
		middle = 60 * time.Hour
	case n > 30:
		middle = 90 * time.Minute
	}
	now := w.calendar.now.Add(-90 * time.Second)
	for {
		all := []time.Time{start}
		for i := 1; i < n; i++ {
			gap := r.around(middle, 1.1)
			if r.hits(0.25) { // somebody was just reading
				gap = time.Duration(r.between(3, 40)) * time.Minute
			}
			if days := t.posts[i].later; days > 0 {
				gap = time.Duration(days)*24*time.Hour + time.Duration(r.between(-200, 200))*time.Minute
			}
			next := w.calendar.working(r, all[i-1].Add(gap+time.Minute))
			all = append(all, next.Truncate(time.Second))
		}
		late := all[n-1].Sub(now)
		if late <= 0 {
			for i := range all {
				all[i] = all[i].UTC()
			}
			return all
		}
		if late < 12*time.Hour && n > 1 && now.Sub(start) < 40*time.Hour {
			// Fresh: press it together instead, so that it stays fresh.
			span, room := all[n-1].Sub(start), now.Sub(start)
			for i := range all {
				all[i] = start.Add(time.Duration(float64(all[i].Sub(start)) * float64(room) / float64(span))).UTC().Truncate(time.Millisecond)
			}
			return all
		}
		start = start.Add(-late - time.Duration(r.between(1, 30))*time.Hour)
		if w.calendar.free(start.In(w.calendar.zone)) {
			start = start.Add(-48 * time.Hour)
		}
	}
}

// edited draws when the earlier texts were replaced.
func (w *world) edited(r chance, p *Post, kind string) {
	n := len(p.Edits)
	if n == 0 {
		return
	}
	room := w.calendar.now.Add(-3 * time.Hour).Sub(p.At)
	longest := time.Duration(n) * 45 * 24 * time.Hour
	if kind != "article" {
		longest = 20 * time.Minute
	}
	room = min(room, longest)
	for i := range n {
		t := p.At.Add(time.Duration(float64(room) * (float64(i) + 0.4 + r.Float64()*0.5) / float64(n)))
		if kind == "article" {
			if later := w.calendar.working(r, t); later.Before(w.calendar.now.Add(-time.Hour)) {
				t = later
			}
		}
		if i > 0 && !t.After(p.Edits[i-1].At) {
			t = p.Edits[i-1].At.Add(time.Minute)
		}
		p.Edits[i].At = t.UTC().Truncate(time.Millisecond)
	}
}

// vote lets members vote for an answer.
func (w *world) vote(r chance, s *Stream, p *Post, from contribution) {
	n := from.votes
	if n < 0 {
		n = r.between(0, 3)
		if from.accepted {
			n = r.between(2, 7)
		}
	}
	p.Votes = w.audience(r, s.Space, p, n)
}

// audience draws n people who were there when a post was written, but not its author.
func (w *world) audience(r chance, space string, p *Post, n int) []string {
	if n == 0 {
		return nil
	}
	members, talk := w.spaces[space].Members, w.talkers(space)
	weights := make([]float64, len(members))
	for i, m := range members {
		if m.Person != p.Author && !m.Since.After(p.At) {
			weights[i] = 0.2 + talk[i]
		}
	}
	var drawn []string
	for range n {
		i := r.weighted(weights)
		if i < 0 {
			break
		}
		weights[i] = 0
		drawn = append(drawn, members[i].Person)
	}
	return drawn
}
