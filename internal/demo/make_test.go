package demo

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// moments are the moments the plan is tried at: a working day, a Sunday night,
// New Year, high summer, the hour that daylight saving time takes.
var moments = []time.Time{
	time.Date(2026, 11, 19, 13, 0, 0, 0, time.UTC),
	time.Date(2026, 11, 22, 2, 30, 0, 0, time.UTC),
	time.Date(2027, 1, 1, 0, 5, 0, 0, time.UTC),
	time.Date(2027, 8, 3, 7, 45, 0, 0, time.UTC),
	time.Date(2028, 3, 26, 1, 15, 0, 0, time.UTC),
}

// plans are made once for all tests; none of them changes a plan.
var plans = sync.OnceValue(func() []*Plan {
	var all []*Plan
	for _, now := range moments {
		all = append(all, Make(now))
	}
	return all
})

func eachMoment(t *testing.T, check func(t *testing.T, p *Plan)) {
	t.Helper()
	for _, p := range plans() {
		t.Run(p.Now.Format("2006-01-02T15:04"), func(t *testing.T) { check(t, p) })
	}
}

func TestScope(t *testing.T) {
	eachMoment(t, func(t *testing.T, p *Plan) {
		kinds := map[string]int{}
		posts, edits, most := 0, 0, 0
		longest := map[string]int{}
		answers := map[int]int{}
		var accepted, open int
		for _, s := range p.Streams {
			kinds[s.Kind]++
			posts += len(s.Posts)
			longest[s.Kind] = max(longest[s.Kind], len(s.Posts))
			for _, post := range s.Posts {
				edits += len(post.Edits)
				most = max(most, len(post.Edits)+1)
			}
			if s.Kind == "question" {
				answers[len(s.Posts)-1]++
				if s.Accepted >= 0 {
					accepted++
				} else {
					open++
				}
			}
		}
		t.Logf("%d people, %d organisations, %d spaces, %d streams %v, %d posts, %d edits, %d reads, %d levels",
			len(p.People), len(p.Organisations), len(p.Spaces), len(p.Streams), kinds, posts, edits, len(p.Reads), len(p.Levels))
		atLeast(t, "people", len(p.People), 300)
		atLeast(t, "spaces", len(p.Spaces), 12)
		atLeast(t, "streams", len(p.Streams), 150)
		atLeast(t, "posts", posts, 4000)
		atLeast(t, "articles", kinds["article"], 25)
		atLeast(t, "versions of one article", most, 6)
		atLeast(t, "posts in the longest channel", longest["channel"], 800)
		atLeast(t, "posts in the longest discussion", longest["discussion"], 60)
		atLeast(t, "answers to one question", longest["question"]-1, 12)
		atLeast(t, "questions without an answer", answers[0], 3)
		atLeast(t, "questions with one answer", answers[1], 3)
		atLeast(t, "questions with an accepted answer", accepted, 30)
		atLeast(t, "questions without one", open, 8)
		if len(p.Roles) != 6 {
			t.Errorf("%d people to sign in as, want 6", len(p.Roles))
		}
	})
}

func atLeast(t *testing.T, what string, got, want int) {
	t.Helper()
	if got < want {
		t.Errorf("%s: %d, want at least %d", what, got, want)
	}
}

func TestSameMomentSamePlan(t *testing.T) {
	for i, now := range moments {
		if !reflect.DeepEqual(plans()[i], Make(now)) {
			t.Errorf("two plans for %v differ", now)
		}
	}
}

func TestPeople(t *testing.T) {
	p := plans()[0]
	keys, names, mails := map[string]bool{}, map[string]bool{}, map[string]bool{}
	english := 0
	for _, x := range p.People {
		if keys[x.Key] || names[x.Name] || mails[x.Mail] {
			t.Errorf("twice: %s, %s, %s", x.Key, x.Name, x.Mail)
		}
		keys[x.Key], names[x.Name], mails[x.Mail] = true, true, true
		local, domain, _ := strings.Cut(x.Mail, "@")
		if !strings.HasSuffix(domain, ".example") || local == "" || x.Mail != strings.ToLower(x.Mail) || strings.ContainsAny(x.Mail, " '") || !ascii(x.Mail) {
			t.Errorf("%s has the mail address %q", x.Name, x.Mail)
		}
		if x.Organisation < 0 || x.Organisation >= len(p.Organisations) {
			t.Errorf("%s works nowhere", x.Name)
		}
		if !slices.Contains([]string{"member", "moderator", "admin"}, x.PlatformRole) {
			t.Errorf("%s has the role %q", x.Name, x.PlatformRole)
		}
		if x.About == "" || strings.ContainsAny(x.About, "{}") {
			t.Errorf("%s is about %q", x.Name, x.About)
		}
		switch x.Language {
		case "nl":
		case "en":
			english++
		default:
			t.Errorf("%s reads %q", x.Name, x.Language)
		}
	}
	if english == 0 || english > 20 {
		t.Errorf("%d people read English, want a few", english)
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func TestSpaces(t *testing.T) {
	eachMoment(t, func(t *testing.T, p *Plan) {
		people := personKeys(p)
		spaces := map[string]Space{}
		counts := map[string]map[string]int{}
		for _, s := range p.Spaces {
			if spaces[s.Key].Key != "" {
				t.Errorf("space %s stands there twice", s.Key)
			}
			if s.Parent != "" && spaces[s.Parent].Key == "" {
				t.Errorf("%s stands before its parent %s", s.Key, s.Parent)
			}
			if s.Name == "" || s.Description == "" && s.Kind != "direct" {
				t.Errorf("%s has no name or description", s.Key)
			}
			if !slices.Contains([]string{"community", "cohort", "group", "table", "organisation", "direct"}, s.Kind) ||
				!slices.Contains([]string{"open", "closed", "hidden"}, s.Visibility) {
				t.Errorf("%s is %s and %s", s.Key, s.Kind, s.Visibility)
			}
			members := map[string]bool{}
			counts[s.Key] = map[string]int{}
			for _, m := range s.Members {
				if !people[m.Person] || members[m.Person] {
					t.Errorf("%s: %s is no person or is in it twice", s.Key, m.Person)
				}
				members[m.Person] = true
				counts[s.Key][m.Role]++
				if m.Since.Before(s.At) || m.Since.After(p.Now) {
					t.Errorf("%s: %s since %v, space since %v", s.Key, m.Person, m.Since, s.At)
				}
				for _, parent := range spaces[s.Parent].Members {
					if parent.Person == m.Person && m.Since.Before(parent.Since) {
						t.Errorf("%s: %s joined before joining %s", s.Key, m.Person, s.Parent)
					}
				}
			}
			if !members[s.By] {
				t.Errorf("%s was made by somebody who is not in it", s.Key)
			}
			if s.Kind != "direct" && counts[s.Key]["manager"] == 0 {
				t.Errorf("%s has no manager", s.Key)
			}
			spaces[s.Key] = s
		}
		if n := counts["digicoaches"]["member"] + counts["digicoaches"]["coach"]; n != 35 {
			t.Errorf("%d digicoaches, want 35", n)
		}
		if n := counts["leergang"]["member"]; n != 18 {
			t.Errorf("%d people in the leergang, want 18", n)
		}
		for _, key := range []string{"subgroep-bellen", "subgroep-brief", "subgroep-achttien"} {
			if n := counts[key]["member"]; n != 6 {
				t.Errorf("%d people in %s, want 6", n, key)
			}
		}
		home := map[int]bool{}
		for _, m := range spaces["leergang"].Members {
			if m.Role == "member" {
				home[p.People[slices.IndexFunc(p.People, func(x Person) bool { return x.Key == m.Person })].Organisation] = true
			}
		}
		if len(home) != 6 {
			t.Errorf("the leergang has people of %d municipalities, want 6", len(home))
		}
	})
}

func personKeys(p *Plan) map[string]bool {
	keys := map[string]bool{}
	for _, x := range p.People {
		keys[x.Key] = true
	}
	return keys
}

func TestStreams(t *testing.T) {
	eachMoment(t, func(t *testing.T, p *Plan) {
		people := personKeys(p)
		since := map[[2]string]time.Time{}
		visible := map[string]Space{}
		for _, s := range p.Spaces {
			visible[s.Key] = s
			for _, m := range s.Members {
				since[[2]string{s.Key, m.Person}] = m.Since
			}
		}
		begun := map[string]Stream{}
		titles := map[string]bool{}
		last := time.Time{}
		for _, s := range p.Streams {
			if begun[s.Key].Key != "" || visible[s.Space].Key == "" || s.Title == "" || utf8.RuneCountInString(s.Title) > 200 {
				t.Errorf("stream %s: key, space %q or title %q", s.Key, s.Space, s.Title)
			}
			if s.At.Before(last) {
				t.Errorf("%s stands before an earlier one", s.Key)
			}
			last = s.At
			if s.Kind != "channel" {
				if titles[s.Title] {
					t.Errorf("two topics are called %q", s.Title)
				}
				titles[s.Title] = true
				if len(s.Posts) == 0 || s.By != s.Posts[0].Author || !s.At.Equal(s.Posts[0].At) {
					t.Fatalf("%s does not start with its first post", s.Key)
				}
			}
			if joined, member := since[[2]string{s.Space, s.By}]; !member || s.At.Before(joined) {
				t.Errorf("%s was started by %s at %v, a member since %v", s.Key, s.By, s.At, joined)
			}
			if s.Accepted >= 0 && (s.Kind != "question" || s.Accepted == 0 || s.Accepted >= len(s.Posts) || s.Posts[s.Accepted].Deleted) {
				t.Errorf("%s accepted post %d of %d", s.Key, s.Accepted, len(s.Posts))
			}
			begun[s.Key] = s
			before := s.At.Add(-time.Nanosecond)
			for i, post := range s.Posts {
				where := fmt.Sprintf("%s, post %d", s.Key, i)
				if !post.At.After(before) || post.At.After(p.Now) {
					t.Errorf("%s at %v, the one before at %v, now %v", where, post.At, before, p.Now)
				}
				before = post.At
				if joined, member := since[[2]string{s.Space, post.Author}]; !member || post.At.Before(joined) {
					t.Errorf("%s: %s was not there then", where, post.Author)
				}
				if post.Parent < -1 || post.Parent >= i {
					t.Errorf("%s replies to %d", where, post.Parent)
				}
				checkBody(t, where, post.Body)
				edited := post.At
				for _, e := range post.Edits {
					checkBody(t, where, e.Body)
					if !e.At.After(edited) || e.At.After(p.Now) {
						t.Errorf("%s was edited at %v, before that %v, now %v", where, e.At, edited, p.Now)
					}
					edited = e.At
				}
				if len(post.Edits) > 0 && post.Edits[len(post.Edits)-1].Body == post.Body {
					t.Errorf("%s: the last edit changes nothing", where)
				}
				for _, r := range post.Reactions {
					if _, member := since[[2]string{s.Space, r.Person}]; !member || r.Emoji == "" || r.Person == post.Author {
						t.Errorf("%s: reaction %q of %s", where, r.Emoji, r.Person)
					}
				}
				for i, v := range post.Votes {
					if _, member := since[[2]string{s.Space, v}]; !member || v == post.Author || slices.Contains(post.Votes[:i], v) {
						t.Errorf("%s: vote of %s", where, v)
					}
				}
				for _, text := range append([]string{post.Body}, post.First()) {
					for _, m := range personRef.FindAllStringSubmatch(text, -1) {
						if !people[m[1]] {
							t.Errorf("%s mentions %s", where, m[1])
						}
						if _, member := since[[2]string{s.Space, m[1]}]; !member {
							t.Errorf("%s mentions %s, who cannot read it", where, m[1])
						}
					}
					for _, m := range streamRef.FindAllStringSubmatch(text, -1) {
						target, known := begun[m[1]]
						if !known || target.At.After(post.At) {
							t.Errorf("%s links to %s, which is not there yet", where, m[1])
							continue
						}
						if to := visible[target.Space]; to.Key != s.Space && to.Key != visible[s.Space].Parent && to.Visibility != "open" {
							t.Errorf("%s links to %s, which its readers may not see", where, m[1])
						}
					}
				}
			}
		}
	})
}

func checkBody(t *testing.T, where, body string) {
	t.Helper()
	switch {
	case strings.TrimSpace(body) == "":
		t.Errorf("%s is empty", where)
	case utf8.RuneCountInString(body) > 20000:
		t.Errorf("%s is too long", where)
	case strings.ContainsAny(body, "{}"):
		t.Errorf("%s has an open slot: %s", where, body)
	case strings.Contains(body, "{v"), strings.Contains(body, "|}"):
		t.Errorf("%s has a mark left: %s", where, body)
	}
}

func TestRhythm(t *testing.T) {
	p := plans()[0]
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	var total, weekend, night, month, first int
	hours := map[int]int{}
	for _, s := range p.Streams {
		for _, post := range s.Posts {
			at := post.At.In(zone)
			total++
			hours[at.Hour()]++
			if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
				weekend++
			}
			if at.Hour() < 6 {
				night++
			}
			switch ago := p.Now.Sub(post.At); {
			case ago < 60*24*time.Hour:
				month++
			case ago > 300*24*time.Hour:
				first++
			}
		}
	}
	if weekend > total/25 {
		t.Errorf("%d of %d posts in a weekend", weekend, total)
	}
	if night > total/100 {
		t.Errorf("%d of %d posts at night", night, total)
	}
	if hours[10] < hours[12] || hours[10] < hours[18]*4 {
		t.Errorf("the day has no shape: %v", hours)
	}
	if month < first {
		t.Errorf("%d posts in the last two months, %d in the first two", month, first)
	}
}

func TestSomethingIsNew(t *testing.T) {
	eachMoment(t, func(t *testing.T, p *Plan) {
		zone, err := time.LoadLocation("Europe/Amsterdam")
		if err != nil {
			t.Fatal(err)
		}
		day := func(at time.Time) string { return at.In(zone).Format(time.DateOnly) }
		today, yesterday := 0, 0
		for _, s := range p.Streams {
			for _, post := range s.Posts {
				switch day(post.At) {
				case day(p.Now):
					today++
				case day(p.Now.AddDate(0, 0, -1)):
					yesterday++
				}
			}
		}
		t.Logf("%d posts today, %d yesterday", today, yesterday)
		if local := p.Now.In(zone); local.Hour() >= 2 {
			atLeast(t, "posts today", today, 15)
		}
		atLeast(t, "posts yesterday", yesterday, 15)
	})
}

func TestReading(t *testing.T) {
	eachMoment(t, func(t *testing.T, p *Plan) {
		members := map[[2]string]bool{}
		for _, s := range p.Spaces {
			for _, m := range s.Members {
				members[[2]string{s.Key, m.Person}] = true
			}
		}
		streams := map[string]Stream{}
		for _, s := range p.Streams {
			streams[s.Key] = s
		}
		upto := map[[2]string]int{}
		for _, r := range p.Reads {
			s := streams[r.Stream]
			key := [2]string{r.Person, r.Stream}
			if _, twice := upto[key]; twice || !members[[2]string{s.Space, r.Person}] || r.Upto < 0 || r.Upto >= len(s.Posts) {
				t.Errorf("%s read %s up to %d", r.Person, r.Stream, r.Upto)
			}
			upto[key] = r.Upto
		}
		for _, s := range p.Streams {
			for i, post := range s.Posts {
				if read, known := upto[[2]string{post.Author, s.Key}]; !known || read < i {
					t.Errorf("%s wrote post %d of %s and has not read it", post.Author, i, s.Key)
				}
			}
		}
		for _, l := range p.Levels {
			if !members[[2]string{streams[l.Stream].Space, l.Person}] || !slices.Contains([]string{"all", "mentions", "muted"}, l.Level) {
				t.Errorf("level %+v", l)
			}
		}
		for _, role := range p.Roles {
			unread, written, named := 0, 0, 0
			for _, s := range p.Streams {
				if !members[[2]string{s.Space, role.Person}] {
					continue
				}
				read, known := upto[[2]string{role.Person, s.Key}]
				if !known {
					read = -1
				}
				if s.Kind == "channel" {
					unread += len(s.Posts) - 1 - read
				}
				for _, post := range s.Posts {
					if post.Author == role.Person {
						written++
					}
					if strings.Contains(post.Body, "@["+role.Person+"]") {
						named++
					}
				}
			}
			t.Logf("%s: %d posts, named %d times, %d unread in channels", role.Label, written, named, unread)
			if unread == 0 {
				t.Errorf("nothing is new for %s", role.Person)
			}
			if written == 0 {
				t.Errorf("%s never said a thing", role.Person)
			}
		}
	})
}

// TestRepetition keeps the texts from looking made by a machine: a body comes
// back seldom, and not in the same channel soon after.
func TestRepetition(t *testing.T) {
	eachMoment(t, func(t *testing.T, p *Plan) {
		counts := map[string]int{}
		distinctForum, distinctChat := map[string]bool{}, map[string]bool{}
		for _, s := range p.Streams {
			lastSaid := map[string]time.Time{}
			for i, post := range s.Posts {
				body := personRef.ReplaceAllString(post.Body, "")
				counts[body]++
				if s.Kind == "channel" {
					distinctChat[body] = true
				} else if i > 0 {
					distinctForum[body] = true
				}
				if long := utf8.RuneCountInString(body) > 40; long && !lastSaid[body].IsZero() && post.At.Sub(lastSaid[body]) < 14*24*time.Hour {
					t.Errorf("%s: said again within two weeks: %s", s.Key, body)
				}
				lastSaid[body] = post.At
			}
		}
		type entry struct {
			body string
			n    int
		}
		var top []entry
		for body, n := range counts {
			top = append(top, entry{body, n})
			limit := 6
			if utf8.RuneCountInString(body) <= 24 {
				limit = 24
			}
			if n > limit {
				t.Errorf("said %d times: %s", n, body)
			}
		}
		slices.SortFunc(top, func(a, b entry) int {
			if a.n != b.n {
				return b.n - a.n
			}
			return strings.Compare(a.body, b.body)
		})
		for _, e := range top[:12] {
			t.Logf("%3d × %s", e.n, e.body)
		}
		atLeast(t, "distinct replies in topics", len(distinctForum), 700)
		atLeast(t, "distinct lines in channels", len(distinctChat), 900)
	})
}

// TestPlainLanguage is a rough measure of level B1: short sentences.
func TestPlainLanguage(t *testing.T) {
	p := plans()[0]
	for _, s := range p.Streams {
		if s.Kind != "article" {
			continue
		}
		words, sentences := 0, 0
		for line := range strings.SplitSeq(s.Posts[0].Body, "\n") {
			if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "#") {
				continue
			}
			for sentence := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(".!?:", r) }) {
				if n := len(strings.Fields(sentence)); n > 1 {
					words += n
					sentences++
				}
			}
		}
		all := len(strings.Fields(s.Posts[0].Body))
		if sentences == 0 || float64(words)/float64(sentences) >= 16 {
			t.Errorf("%s: %d words in %d sentences", s.Title, words, sentences)
		}
		if all < 150 || all > 600 {
			t.Errorf("%s: %d words, want 150 to 600", s.Title, all)
		}
	}
}

// TestNothingLeadsToAPerson looks for what never stands in a demo: numbers of
// people and addresses outside the reserved domains.
func TestNothingLeadsToAPerson(t *testing.T) {
	p := plans()[0]
	for _, s := range p.Streams {
		for i, post := range s.Posts {
			for _, word := range strings.Fields(post.Body) {
				digits := 0
				for _, r := range word {
					if r < '0' || r > '9' {
						digits = 0
					} else if digits++; digits > 6 {
						t.Errorf("%s, post %d: %s", s.Key, i, word)
					}
				}
				if strings.Contains(word, "://") && !strings.Contains(word, ".example/") || strings.Contains(word, "www.") {
					t.Errorf("%s, post %d: address %s", s.Key, i, word)
				}
			}
		}
	}
}

func TestResolve(t *testing.T) {
	got := Resolve("Dag @[an-de-boer], zie [dit](stream:wat-dan) en [dat](https://intranet.lindehaven.example/x).",
		func(key string) string { return map[string]string{"an-de-boer": "7"}[key] },
		func(key string) string { return "/streams/" + map[string]string{"wat-dan": "12"}[key] })
	if want := "Dag @[7], zie [dit](/streams/12) en [dat](https://intranet.lindehaven.example/x)."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestShow prints one stream as people would read it: SHOW=digi-snelle-vragen go test -v -run Show .
func TestShow(t *testing.T) {
	want := os.Getenv("SHOW")
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	p := plans()[0]
	names := map[string]string{}
	for _, x := range p.People {
		names[x.Key] = x.Name
	}
	for _, s := range p.Streams {
		if s.Key != want {
			continue
		}
		fmt.Printf("# %s (%s, %s)\n", s.Title, s.Kind, names[s.By])
		for i, post := range s.Posts {
			fmt.Printf("%d. %s %s", i, post.At.In(zone).Format("Mon 02-01 15:04"), names[post.Author])
			if post.Parent >= 0 {
				fmt.Printf(" (re %d)", post.Parent)
			}
			fmt.Printf(": %s", Resolve(post.Body, func(key string) string { return names[key] }, func(key string) string { return key }))
			for _, r := range post.Reactions {
				fmt.Print(" ", r.Emoji)
			}
			fmt.Println()
		}
	}
}
