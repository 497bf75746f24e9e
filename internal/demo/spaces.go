package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// world is the plan in the making, with what helps to make it.
type world struct {
	plan     *Plan
	calendar *calendar
	people   map[string]*Person
	spaces   map[string]*Space
	channels []channel
	streams  map[string]bool
	// talk keeps what talkers found, by space.
	talk map[string][]float64
}

// channel is what spaces.txt says about one.
type channel struct {
	key, space, title string
	posts             int
	pools             []string
	lively            bool
}

// places makes the spaces and says who belongs in them since when.
func (w *world) places() {
	for _, b := range blocks("spaces.txt") {
		started := number(b.key, b.one("started"))
		s := &Space{
			Key: b.key, Parent: b.one("parent"), Kind: b.one("kind"), Visibility: b.one("visibility"),
			Name: b.one("name"), Description: b.one("description"),
			At: at(w.calendar.day(started), 9*60+12).UTC(),
		}
		if s.At.After(w.calendar.now) {
			s.At = w.calendar.now.Add(-time.Hour)
		}
		for _, line := range b.all("who") {
			w.who(s, line)
		}
		for i, line := range b.all("take") {
			w.take(s, line, chanceOf(fmt.Sprintf("take/%s/%d", b.key, i)))
		}
		s.By = s.Members[0].Person
		for _, m := range s.Members {
			if m.Role == "manager" {
				s.By = m.Person
				break
			}
		}
		w.since(s, started)
		if s.Kind == "direct" {
			s.Name = w.firstNames(s.Members)
		}
		w.plan.Spaces = append(w.plan.Spaces, *s)
		w.spaces[s.Key] = s
		for _, line := range b.all("channel") {
			w.channels = append(w.channels, channelOf(s.Key, line))
		}
	}
}

// who reads "KEY ROLE since=DAYS".
func (w *world) who(s *Space, line string) {
	words := strings.Fields(line)
	if len(words) < 2 || w.people[words[0]] == nil {
		panic("demo: spaces.txt: " + s.Key + ": who " + line)
	}
	m := Membership{Person: words[0], Role: words[1]}
	if len(words) > 2 {
		days := number(s.Key, strings.TrimPrefix(words[2], "since="))
		m.Since = latest(at(w.calendar.day(days), 10*60+4).UTC(), s.At)
		if m.Since.After(w.calendar.now) {
			m.Since = w.calendar.now.Add(-30 * time.Minute)
		}
	}
	s.Members = append(s.Members, m)
}

// take reads "NUMBER role=R jobs=A,B orgs=C,D space=S share=I/N" and adds
// people who are not in the space yet. The six to sign in as are never taken.
func (w *world) take(s *Space, line string, r chance) {
	words := strings.Fields(line)
	role, share := "member", [2]int{0, 1}
	var jobs, orgs []string
	from := s.Parent
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "role":
			role = value
		case "jobs":
			jobs = strings.Split(value, ",")
		case "orgs":
			orgs = strings.Split(value, ",")
		case "space":
			from = value
		case "share":
			if _, err := fmt.Sscanf(value, "%d/%d", &share[0], &share[1]); err != nil {
				panic("demo: spaces.txt: " + s.Key + ": " + line)
			}
		default:
			panic("demo: spaces.txt: " + s.Key + ": " + line)
		}
	}
	var fit []string
	for _, key := range w.candidates(from, share[1] > 1) {
		p := w.people[key]
		if w.signsIn(key) ||
			slices.ContainsFunc(s.Members, func(m Membership) bool { return m.Person == key }) ||
			len(jobs) > 0 && !slices.Contains(jobs, p.Job) ||
			len(orgs) > 0 && !slices.Contains(orgs, w.plan.Organisations[p.Organisation].Key) {
			continue
		}
		fit = append(fit, key)
	}
	if share[1] > 1 { // every so manyth, so that a group mixes the municipalities
		var part []string
		for i := share[0]; i < len(fit); i += share[1] {
			part = append(part, fit[i])
		}
		fit = part
	} else {
		r.Shuffle(len(fit), func(i, j int) { fit[i], fit[j] = fit[j], fit[i] })
	}
	if words[0] != "all" {
		n := number(s.Key, words[0])
		if n > len(fit) {
			panic(fmt.Sprintf("demo: spaces.txt: %s: %s: only %d people fit", s.Key, line, len(fit)))
		}
		fit = fit[:n]
	}
	for _, key := range fit {
		s.Members = append(s.Members, Membership{Person: key, Role: role})
	}
}

// candidates are the members of a space, or everybody when there is none. For a
// share only plain members count.
func (w *world) candidates(space string, plain bool) []string {
	var keys []string
	if space == "" {
		for _, p := range w.plan.People {
			keys = append(keys, p.Key)
		}
		return keys
	}
	s := w.spaces[space]
	if s == nil {
		panic("demo: spaces.txt: no space " + space + " above this line")
	}
	for _, m := range s.Members {
		if !plain || m.Role == "member" {
			keys = append(keys, m.Person)
		}
	}
	return keys
}

// since gives members the day they joined: most in the first days, others in the
// course of time, never before they came into the parent.
func (w *world) since(s *Space, started int) {
	r := chanceOf("since/" + s.Key)
	for i := range s.Members {
		m := &s.Members[i]
		if !m.Since.IsZero() {
			continue
		}
		m.Since = s.At
		if m.Role != "member" || s.Kind == "cohort" || s.Kind == "direct" || w.signsIn(m.Person) ||
			w.spaces[s.Parent] != nil && w.spaces[s.Parent].Kind == "cohort" {
			w.founder(s.Parent, m.Person)
			continue
		}
		switch {
		case started > 40 && r.hits(0.24):
			m.Since = w.calendar.draw(r, when{from: 6, to: started - 20, weekday: -1}).UTC()
		case started > 20:
			m.Since = s.At.Add(time.Duration(r.between(5, 60*60)) * time.Minute)
		}
		if parent := w.spaces[s.Parent]; parent != nil {
			if k := parent.index(m.Person); k >= 0 {
				m.Since = latest(m.Since, parent.Members[k].Since)
			}
		}
	}
}

// founder makes somebody a member of a space, and of those above it, from the
// start: whoever leads a part was there when the whole began.
func (w *world) founder(space, person string) {
	for s := w.spaces[space]; s != nil; s = w.spaces[s.Parent] {
		if k := s.index(person); k >= 0 {
			s.Members[k].Since = s.At
		}
	}
}

// index finds a member, or -1.
func (s *Space) index(person string) int {
	return slices.IndexFunc(s.Members, func(m Membership) bool { return m.Person == person })
}

// signsIn says whether a person is one of the six to sign in as.
func (w *world) signsIn(person string) bool {
	return slices.ContainsFunc(w.plan.Roles, func(r Role) bool { return r.Person == person })
}

func (w *world) firstNames(members []Membership) string {
	var names []string
	for _, m := range members {
		names = append(names, firstName(w.people[m.Person]))
	}
	return strings.Join(names[:len(names)-1], ", ") + " en " + names[len(names)-1]
}

// channelOf reads "KEY lively posts=N pools=A,B title=the rest".
func channelOf(space, line string) channel {
	rest, title, found := strings.Cut(line, " title=")
	words := strings.Fields(rest)
	if !found || len(words) == 0 {
		panic("demo: spaces.txt: " + space + ": channel " + line)
	}
	c := channel{key: words[0], space: space, title: title}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "lively":
			c.lively = true
		case "posts":
			c.posts = number(space, value)
		case "pools":
			c.pools = strings.Split(value, ",")
		default:
			panic("demo: spaces.txt: " + space + ": channel " + line)
		}
	}
	return c
}

func firstName(p *Person) string {
	first, _, _ := strings.Cut(p.Name, " ")
	return first
}

func number(what, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("demo: %s: %q is no number", what, s))
	}
	return n
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
