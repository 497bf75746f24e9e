package demo

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// staged is a scene with a moment.
type staged struct {
	scene *scene
	start time.Time
	fixed bool // may not be moved to today or yesterday
}

// stage is a channel while it fills.
type stage struct {
	channel
	chance chance
	scenes []staged
	lines  int
	used   map[*scene]int
}

// chat fills the channels with scenes.
func (w *world) chat() {
	pools := scenes()
	var stages []*stage
	for _, c := range w.channels {
		for _, pool := range c.pools {
			if pools[pool] == nil {
				panic("demo: spaces.txt: " + c.key + ": no file chat/" + pool + ".txt")
			}
		}
		stages = append(stages, &stage{channel: c, chance: chanceOf("stage/" + c.key), used: map[*scene]int{}})
	}
	w.cast(stages, pools)
	said := map[string]int{}
	for _, s := range stages {
		slices.SortStableFunc(s.scenes, func(a, b staged) int { return a.start.Compare(b.start) })
		if s.lively {
			w.freshen(s)
		}
		w.plan.Streams = append(w.plan.Streams, w.play(s, said))
	}
}

// cast divides the scenes over the channels: every scene once where it belongs,
// then those that may come back, round by round, until each channel has enough.
func (w *world) cast(stages []*stage, pools map[string][]*scene) {
	left := map[*scene]int{}
	for _, pool := range pools {
		for _, sc := range pool {
			left[sc] = sc.times
		}
	}
	for progress := true; progress; {
		progress = false
		for _, s := range stages {
			if s.lines >= s.posts {
				continue
			}
			sc := w.next(s, pools, left)
			if sc == nil {
				continue
			}
			left[sc]--
			s.used[sc]++
			progress = true
			if start, ok := w.moment(s, sc); ok {
				s.lines += len(sc.lines)
				s.scenes = append(s.scenes, staged{sc, start, !sc.when.easy() || sc.when.from > 1})
			}
		}
	}
}

// next picks the scene that a channel needs most: of its first pools, used
// least; one and the same scene at most a few times a year in one channel.
func (w *world) next(s *stage, pools map[string][]*scene, left map[*scene]int) *scene {
	var best []*scene
	least := 0
	for rank, pool := range s.pools {
		for _, sc := range pools[pool] {
			if left[sc] <= 0 || s.used[sc] >= 5 || !w.stageable(s, sc) {
				continue
			}
			// A scene of the channel's own pool goes before one of a shared pool
			// that was used as often.
			need := s.used[sc]*2 + min(rank, 1)
			switch {
			case best == nil || need < least:
				best, least = []*scene{sc}, need
			case need == least:
				best = append(best, sc)
			}
		}
	}
	if best == nil {
		return nil
	}
	return pick(s.chance, best)
}

// stageable says whether a channel has the people and the days for a scene.
func (w *world) stageable(s *stage, sc *scene) bool {
	space := w.spaces[s.space]
	return len(space.Members) >= len(sc.voices) && sc.when.from <= w.calendar.ago(space.At)
}

// moment draws when a scene plays, well apart from its other times.
func (w *world) moment(s *stage, sc *scene) (time.Time, bool) {
	wish := sc.when
	began := w.calendar.ago(w.spaces[s.space].At)
	wish.to = min(wish.to, max(began-3, 0))
	if sc.long() {
		wish.from = max(wish.from, 3)
	}
	for _, v := range sc.wishes {
		if v == "new" {
			return w.arrival(s)
		}
	}
	for range 30 {
		start := w.calendar.draw(s.chance, wish)
		if start.Before(w.spaces[s.space].At.Add(time.Hour)) {
			start = w.spaces[s.space].At.Add(time.Duration(s.chance.between(60, 90)) * time.Minute)
		}
		apart := true
		for _, other := range s.scenes {
			if other.scene == sc && start.Sub(other.start).Abs() < 24*24*time.Hour {
				apart = false
			}
		}
		if apart {
			return start, true
		}
	}
	return time.Time{}, false
}

// arrival draws a day just after somebody joined.
func (w *world) arrival(s *stage) (time.Time, bool) {
	var days []time.Time
	for _, m := range w.spaces[s.space].Members {
		if after := m.Since.Sub(w.spaces[s.space].At); after > 20*24*time.Hour && w.calendar.ago(m.Since) > 3 {
			days = append(days, m.Since)
		}
	}
	if len(days) == 0 {
		return time.Time{}, false
	}
	return w.calendar.nextMorning(s.chance, pick(s.chance, days)), true
}

// freshen moves a few scenes of a lively channel to yesterday and today.
func (w *world) freshen(s *stage) {
	recent := 2
	if s.posts > 250 {
		recent = 4
	}
	var free []int
	for i, st := range s.scenes {
		if !st.fixed && len(st.scene.lines) > 2 && !st.scene.long() && w.alone(s, st) {
			free = append(free, i)
		}
	}
	s.chance.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	slices.SortStableFunc(free, func(a, b int) int {
		return cmp.Compare(fresh(s.scenes[b].scene), fresh(s.scenes[a].scene))
	})
	moved := map[*scene]bool{}
	for _, k := range free {
		st := &s.scenes[k]
		switch n := len(moved); {
		case n == recent || moved[st.scene]:
			continue
		case n%2 == 0:
			st.start = w.calendar.now.Add(-time.Duration(s.chance.between(8, 40)*(n+1)) * time.Minute)
		default:
			st.start = w.calendar.hour(s.chance, w.calendar.day(1), pick(s.chance, []string{"ochtend", "middag"}))
		}
		moved[st.scene] = true
	}
	slices.SortStableFunc(s.scenes, func(a, b staged) int { return a.start.Compare(b.start) })
}

// alone says whether a scene was not played in the channel of late.
func (w *world) alone(s *stage, st staged) bool {
	return !slices.ContainsFunc(s.scenes, func(other staged) bool {
		return other.scene == st.scene && other.start != st.start && w.calendar.now.Sub(other.start) < 24*24*time.Hour
	})
}

func fresh(sc *scene) int {
	if sc.recent {
		return 1
	}
	return 0
}

// play writes out a channel.
func (w *world) play(s *stage, said map[string]int) Stream {
	space := w.spaces[s.space]
	stream := Stream{
		Key: s.key, Space: s.space, Kind: "channel", Title: s.title, By: space.By,
		At: latest(space.At, space.Members[space.index(space.By)].Since).Add(20 * time.Minute), Accepted: -1,
	}
	if stream.At.After(w.calendar.now) {
		stream.At = w.calendar.now.Add(-25 * time.Minute)
	}
	last := stream.At
	for _, st := range s.scenes {
		posts := w.perform(s, st, latest(st.start, last.Add(4*time.Minute)), len(stream.Posts), said)
		for i := range posts {
			w.mark(s.chance, &stream, &posts[i], st.scene.lines[i].reactions)
			said[posts[i].Body]++
		}
		stream.Posts = append(stream.Posts, posts...)
		if len(posts) > 0 {
			last = posts[len(posts)-1].At
		}
	}
	w.squeeze(&stream)
	return stream
}

// perform turns a scene into posts. Of a few ways to fill its slots it takes
// the one with the least that was said before.
func (w *world) perform(s *stage, st staged, start time.Time, base int, said map[string]int) []Post {
	voices := w.choose(s.chance, s.space, st.scene.voices, st.scene.wishes, st.scene.apart, start)
	if voices == nil {
		return nil
	}
	var texts []string
	fewest := -1
	for try := 0; try < 6 && fewest != 0; try++ {
		c := &cast{world: w, chance: s.chance, voices: voices, words: map[string]string{"vandaag": w.calendar.weekday(start)}}
		var filled []string
		again := 0
		for _, l := range st.scene.lines {
			text := c.fill(l.text)
			filled = append(filled, text)
			if len(text) > 24 {
				again += said[text] * said[text]
			}
		}
		if fewest < 0 || again < fewest {
			texts, fewest = filled, again
		}
		if !st.scene.slotted() {
			break
		}
	}
	posts := make([]Post, len(texts))
	t := start
	for i, l := range st.scene.lines {
		if i > 0 {
			t = w.after(s.chance, t, l)
		}
		posts[i] = Post{Author: voices[l.voice], At: t.UTC(), Body: texts[i], Parent: -1, Deleted: l.deleted}
		if l.replyTo >= 0 {
			posts[i].Parent = base + l.replyTo
		}
	}
	w.thread(s, posts, base)
	return posts
}

// thread makes of some scenes a thread under their first line, and lets people
// call one another by name now and then.
func (w *world) thread(s *stage, posts []Post, base int) {
	if w.spaces[s.space].Kind == "direct" {
		return
	}
	under := len(posts) > 2 && s.chance.hits(0.13)
	for i := range posts {
		if under && i > 0 && posts[i].Parent < 0 {
			posts[i].Parent = base
		}
		call := s.chance.hits(0.05)
		if i > 1 && call && posts[i].Author != posts[i-1].Author && !strings.Contains(posts[i].Body, "@[") && len(posts[i].Body) > 12 {
			posts[i].Body = "@[" + posts[i-1].Author + "] " + posts[i].Body
		}
	}
}

// long says whether a scene takes hours or days.
func (sc *scene) long() bool {
	return slices.ContainsFunc(sc.lines, func(l line) bool { return l.overnight || l.pause > 0 })
}

func (sc *scene) slotted() bool {
	return slices.ContainsFunc(sc.lines, func(l line) bool { return strings.Contains(l.text, "{") })
}

// after draws when the next line comes.
func (w *world) after(r chance, t time.Time, l line) time.Time {
	typing := time.Duration(len(l.text)) * 90 * time.Millisecond
	switch {
	case l.overnight:
		return w.calendar.nextMorning(r, t)
	case l.pause > 0:
		return t.Add(r.around(l.pause, 0.2))
	case r.hits(0.1):
		return t.Add(typing + time.Duration(r.between(6*60, 45*60))*time.Second)
	}
	return t.Add(typing + r.around(55*time.Second, 0.8) + time.Second).Truncate(time.Millisecond)
}

// squeeze pulls the end of a channel back when it runs past now: posts keep
// their order and their distance as far as there is room.
func (w *world) squeeze(s *Stream) {
	end := w.calendar.now.Add(-time.Duration(chanceOf("end/"+s.Key).between(70, 700)) * time.Second)
	for i := len(s.Posts) - 1; i >= 0 && s.Posts[i].At.After(end); i-- {
		s.Posts[i].At = end
		gap := 20 * time.Second
		if i > 0 {
			if d := s.Posts[i].At.Sub(s.Posts[i-1].At); d > 0 {
				break
			}
			gap += time.Duration(len(s.Posts[i].Body)) * 150 * time.Millisecond
		}
		end = end.Add(-gap).Truncate(time.Millisecond)
	}
}
