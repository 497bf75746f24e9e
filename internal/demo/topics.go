package demo

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// topic is a discussion, question or article as its file tells it.
type topic struct {
	file           string
	line           int
	space, key     string
	kind, title    string
	tags           []string
	category       string
	pinned, closed bool
	when           when
	wishes         map[string]string
	posts          []contribution
}

type contribution struct {
	voice     string
	replyTo   int // index, or -1
	accepted  bool
	deleted   bool
	votes     int // -1: as it comes
	later     int // days after the post before it, 0 as it comes
	reactions []count
	// texts are the versions, the last one is what stands there now.
	texts []string
}

var (
	heading      = regexp.MustCompile(`^=== (discussion|question|article) (.+)$`)
	postHead     = regexp.MustCompile(`^--- ([A-Z])( .*)?$`)
	versionMark  = regexp.MustCompile(`^\{v(\d*)([-+]?)(\d*)\} ?`)
	emptyLines   = regexp.MustCompile(`\n{3,}`)
	streamRefKey = regexp.MustCompile(`stream:([a-z0-9-]+)`)
)

// topics reads all the files of the folder forum; a file is named for its space.
func topics() []*topic {
	var all []*topic
	for _, file := range files("forum") {
		all = append(all, readTopics("forum/"+file, strings.TrimSuffix(file, ".md"))...)
	}
	return all
}

func readTopics(name, space string) []*topic {
	var all []*topic
	var t *topic
	var body []string
	finish := func() {
		if t != nil && len(t.posts) > 0 {
			t.posts[len(t.posts)-1].texts = versions(body)
		}
		body = nil
	}
	for i, text := range lines(name) {
		switch {
		case strings.HasPrefix(text, "=== "):
			m := heading.FindStringSubmatch(text)
			if m == nil {
				fail(name, i, "write === discussion, question or article, and a title")
			}
			finish()
			t = &topic{file: name, line: i, space: space, kind: m[1], title: m[2], when: anyTime, wishes: map[string]string{}}
			t.key = space + "-" + strconv.Itoa(len(all)+1)
			all = append(all, t)
		case t == nil:
			if text != "" && !strings.HasPrefix(text, "#") {
				fail(name, i, "text before the first ===")
			}
		case strings.HasPrefix(text, "--- "):
			finish()
			t.posts = append(t.posts, postOf(name, i, text, len(t.posts)))
		case len(t.posts) > 0:
			body = append(body, text)
		default:
			t.option(name, i, text)
		}
	}
	finish()
	return all
}

// option reads a line between the title and the first post.
func (t *topic) option(name string, i int, text string) {
	option, value, _ := strings.Cut(text, ": ")
	switch option {
	case "":
	case "key":
		t.key = value
	case "tags":
		t.tags = strings.Split(value, ", ")
	case "category":
		t.category = value
	case "pinned":
		t.pinned = true
	case "closed":
		t.closed = true
	case "ago":
		days := number(name, value)
		t.when.from, t.when.to = max(days-2, 0), days+2
		if days < 4 {
			t.when.from, t.when.to = days, days
		}
	case "months":
		first, last, _ := strings.Cut(value, "-")
		t.when.firstMonth, t.when.lastMonth = time.Month(number(name, first)), time.Month(number(name, last))
	case "voices":
		for _, wish := range strings.Fields(value) {
			voice, who, found := strings.Cut(wish, "=")
			if !found {
				fail(name, i, "voices are written as A=jeugd B=lead")
			}
			t.wishes[voice] = who
		}
	default:
		fail(name, i, "unknown word %q", option)
	}
}

// postOf reads "--- B re 1 [👍3] accepted votes=4 deleted".
func postOf(name string, i int, text string, index int) contribution {
	m := postHead.FindStringSubmatch(text)
	if m == nil {
		fail(name, i, "write --- and a capital letter")
	}
	p := contribution{voice: m[1], replyTo: -1, votes: -1}
	rest := m[2]
	if r := reactions.FindStringSubmatchIndex(rest); r != nil {
		p.reactions = countsOf(rest[r[2]:r[3]])
		rest = rest[:r[0]] + rest[r[1]:]
	}
	words := strings.Fields(rest)
	for len(words) > 0 {
		switch word := words[0]; {
		case word == "re" && len(words) > 1:
			n := number(name, words[1])
			if n < 1 || n > index {
				fail(name, i, "a reply to post %d, which is not above it", n)
			}
			p.replyTo = n - 1
			words = words[1:]
		case word == "accepted":
			p.accepted = true
		case word == "deleted":
			p.deleted = true
		case strings.HasPrefix(word, "votes="):
			p.votes = number(name, strings.TrimPrefix(word, "votes="))
		case strings.HasPrefix(word, "later="):
			p.later = number(name, strings.TrimPrefix(word, "later="))
		default:
			fail(name, i, "unknown word %q", word)
		}
		words = words[1:]
	}
	return p
}

// versions makes the texts that a post has had, by the marks in front of lines.
func versions(lines []string) []string {
	last := 1
	type span struct{ from, to int }
	spans := make([]span, len(lines))
	for i, text := range lines {
		spans[i] = span{1, 1 << 30}
		m := versionMark.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		lines[i] = text[len(m[0]):]
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[3])
		switch {
		case m[2] == "+":
			to = 1 << 30
			last = max(last, from)
		case m[2] == "" && m[3] == "":
			to = from
			last = max(last, from+1)
		default:
			from = max(from, 1)
			last = max(last, to+1)
		}
		spans[i] = span{from, to}
	}
	var texts []string
	for v := 1; v <= last; v++ {
		var kept []string
		for i, text := range lines {
			if v >= spans[i].from && v <= spans[i].to {
				kept = append(kept, text)
			}
		}
		texts = append(texts, strings.TrimSpace(emptyLines.ReplaceAllString(strings.Join(kept, "\n"), "\n\n")))
	}
	return texts
}

// voices lists who speak, in order.
func (t *topic) voices() []string {
	var voices []string
	seen := map[string]bool{}
	for _, p := range t.posts {
		if !seen[p.voice] {
			seen[p.voice] = true
			voices = append(voices, p.voice)
		}
	}
	return voices
}

// links names the streams that its texts link to.
func (t *topic) links() []string {
	var keys []string
	for _, p := range t.posts {
		for _, text := range p.texts {
			for _, m := range streamRefKey.FindAllStringSubmatch(text, -1) {
				keys = append(keys, m[1])
			}
		}
	}
	return keys
}
