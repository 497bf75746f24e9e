package demo

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// staff makes the organisations and everybody in them.
func staff(p *Plan) {
	jobs := map[string]block{}
	for _, b := range blocks("jobs.txt") {
		jobs[b.key] = b
	}
	index := map[string]int{}
	var wanted, domains []string
	for i, b := range blocks("organisations.txt") {
		index[b.key] = i
		wanted = append(wanted, b.one("people"))
		domain := b.one("mail")
		if domain == "" {
			domain = strings.ReplaceAll(b.key, "-", "") + ".example"
		}
		domains = append(domains, domain)
		p.Organisations = append(p.Organisations, Organisation{Key: b.key, Name: b.one("name"), Place: b.one("place")})
	}
	hall := newHall()
	for _, b := range identities() {
		role := "member"
		if r := b.one("role"); r != "" {
			role = r
		}
		org, known := index[b.one("org")]
		if !known {
			panic("demo: identities.txt: no organisation " + b.one("org"))
		}
		p.People = append(p.People, hall.enter(b.one("name"), org, domains[org], b.one("job"), role, b.one("about")))
		p.Roles = append(p.Roles, Role{Person: b.key, Label: b.one("label"), About: b.one("see")})
		if p.People[len(p.People)-1].Key != b.key {
			panic("demo: identities.txt: the key of " + b.one("name") + " is not " + b.key)
		}
	}
	for org, o := range p.Organisations {
		r := chanceOf("staff/" + o.Key)
		used := map[string]int{}
		for _, part := range strings.Split(wanted[org], ",") {
			job, number, _ := strings.Cut(strings.TrimSpace(part), " ")
			n, err := strconv.Atoi(number)
			if err != nil || jobs[job].key == "" {
				panic(fmt.Sprintf("demo: organisations.txt: %s: %q is no job and number", o.Key, part))
			}
			abouts := jobs[job].all("about")
			first := r.IntN(len(abouts))
			for range n {
				about := abouts[(first+used[job])%len(abouts)]
				used[job]++
				about = strings.ReplaceAll(about, "{plaats}", o.Place)
				about = strings.ReplaceAll(about, "{wijk}", pick(r, slotWords()["wijk"]))
				p.People = append(p.People, hall.enter(hall.name(r), org, domains[org], job, "member", about))
			}
		}
	}
	for i := range p.People {
		r := chanceOf("person/" + p.People[i].Key)
		if r.hits(0.02) && i >= len(p.Roles) {
			p.People[i].Language = "en"
		}
	}
	for i, moderators := len(p.Roles), 0; i < len(p.People) && moderators < 2; i++ {
		if p.People[i].Job == "prog" {
			p.People[i].PlatformRole = "moderator"
			moderators++
		}
	}
}

// identities are the blocks of the people to sign in as.
var identities = sync.OnceValue(func() []block { return blocks("identities.txt") })

// hall remembers who is there, so no two people share a name or an address.
type hall struct {
	groups []nameGroup
	weight []float64
	seen   map[string]bool
}

type nameGroup struct{ first, last []string }

func newHall() *hall {
	h := &hall{seen: map[string]bool{}}
	for _, b := range blocks("names.txt") {
		w, err := strconv.Atoi(b.one("weight"))
		if err != nil {
			panic("demo: names.txt: a group without weight")
		}
		h.weight = append(h.weight, float64(w))
		h.groups = append(h.groups, nameGroup{strings.Split(b.one("first"), ", "), strings.Split(b.one("last"), ", ")})
	}
	return h
}

// name makes one that nobody has yet. First names are kept apart as long as
// that is possible, for in a chat people call each other by them.
func (h *hall) name(r chance) string {
	for try := 0; ; try++ {
		group := h.groups[r.weighted(h.weight)]
		first, last := pick(r, group.first), pick(r, group.last)
		switch {
		case r.hits(0.08): // somebody of one family with a name of another
			last = pick(r, h.groups[r.weighted(h.weight)].last)
		case r.hits(0.04):
			second := pick(r, h.groups[0].last)
			if !strings.Contains(second, " ") && !strings.Contains(last, " ") && second != last {
				last += "-" + second
			}
		}
		full := first + " " + last
		if h.seen[slug(full)] || h.seen["last "+last] && try < 3 || h.seen["first "+first] && try < 6 {
			continue
		}
		h.seen["last "+last], h.seen["first "+first] = true, true
		return full
	}
}

func (h *hall) enter(name string, org int, domain, job, role, about string) Person {
	key := slug(name)
	if h.seen[key] {
		panic("demo: two people are called " + name)
	}
	h.seen[key] = true
	first, last, _ := strings.Cut(name, " ")
	local := slug(first) + "." + strings.ReplaceAll(slug(last), "-", "")
	return Person{
		Key: key, Name: name, Mail: local + "@" + domain, Organisation: org,
		PlatformRole: role, Job: job, About: about, Language: "nl",
	}
}

// slug makes a key of a name: lower case, without accents, words joined by "-".
func slug(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(strings.ReplaceAll(s, "ı", "i"))) {
		switch {
		case r == 'ł':
			b.WriteByte('l')
		case unicode.Is(unicode.Mn, r) || r == '\'':
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		default:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
	}
	return strings.Trim(b.String(), "-")
}
