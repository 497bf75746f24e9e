package demo

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// scene is a short conversation in a channel.
type scene struct {
	pool   string
	times  int
	recent bool
	apart  bool // each voice from another organisation
	when   when
	wishes map[string]string // voice to whom it may be
	voices []string          // in order of speaking
	lines  []line
}

type line struct {
	voice     string
	text      string
	replyTo   int // index of a line of the scene, or -1
	reactions []count
	deleted   bool
	// pause is the time that goes by before the line, 0 for the usual.
	pause time.Duration
	// overnight: the line comes the next working day.
	overnight bool
}

// count is an emoji and how often it stands there.
type count struct {
	emoji string
	n     int
}

var (
	speech    = regexp.MustCompile(`^([A-Z])(?:\^(\d+))?: `)
	reactions = regexp.MustCompile(`\s*\[((?:[^\sa-zA-Z0-9\[\]]+\d+ ?)+)\]`)
	reaction  = regexp.MustCompile(`([^\s\d]+)(\d+)`)
	pause     = regexp.MustCompile(`^~ (\d+)([mu])$`)
)

// scenes reads all the files of the folder chat, by pool.
func scenes() map[string][]*scene {
	pools := map[string][]*scene{}
	for _, file := range files("chat") {
		pool := strings.TrimSuffix(file, ".txt")
		pools[pool] = readScenes("chat/"+file, pool)
	}
	return pools
}

func readScenes(name, pool string) []*scene {
	var all []*scene
	var current *scene
	times := 1
	var waiting line // a pause before the next line
	for i, text := range lines(name) {
		if strings.HasPrefix(text, "#") {
			continue
		}
		if strings.TrimSpace(text) == "" {
			current, waiting = nil, line{}
			continue
		}
		if rest, found := strings.CutPrefix(text, "@@ times="); found {
			n, err := strconv.Atoi(rest)
			if err != nil {
				fail(name, i, "%q is no number", rest)
			}
			times = n
			continue
		}
		if current == nil {
			current = &scene{pool: pool, times: times, when: anyTime, wishes: map[string]string{}}
			all = append(all, current)
		}
		switch {
		case strings.HasPrefix(text, "@ "):
			current.options(name, i, text[2:])
		case text == "~ morgen":
			waiting.overnight = true
		case pause.MatchString(text):
			m := pause.FindStringSubmatch(text)
			n, _ := strconv.Atoi(m[1])
			waiting.pause = time.Duration(n) * map[string]time.Duration{"m": time.Minute, "u": time.Hour}[m[2]]
		default:
			current.add(name, i, text, waiting)
			waiting = line{}
		}
	}
	return all
}

// add reads "A: text [👍2]" or "A^1: text".
func (s *scene) add(name string, i int, text string, waiting line) {
	m := speech.FindStringSubmatch(text)
	if m == nil {
		fail(name, i, "no voice in front: %q", text)
	}
	l := line{voice: m[1], replyTo: -1, pause: waiting.pause, overnight: waiting.overnight}
	if m[2] != "" {
		n, _ := strconv.Atoi(m[2])
		if n < 1 || n > len(s.lines) {
			fail(name, i, "a reply to line %d, which is not above it", n)
		}
		l.replyTo = n - 1
	}
	l.text, l.reactions = takeReactions(text[len(m[0]):])
	l.text, l.deleted = strings.CutSuffix(l.text, " [weg]")
	l.text = strings.ReplaceAll(l.text, `\n`, "\n")
	known := false
	for _, v := range s.voices {
		known = known || v == l.voice
	}
	if !known {
		s.voices = append(s.voices, l.voice)
	}
	s.lines = append(s.lines, l)
}

// takeReactions takes "[👍3 ❤️1]" off the end of a text.
func takeReactions(text string) (string, []count) {
	if !strings.HasSuffix(text, "]") {
		return text, nil
	}
	at := reactions.FindStringSubmatchIndex(text)
	if at == nil || at[1] != len(text) {
		return text, nil
	}
	return text[:at[0]], countsOf(text[at[2]:at[3]])
}

func countsOf(text string) []count {
	var counts []count
	for _, r := range reaction.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(r[2])
		counts = append(counts, count{r[1], n})
	}
	return counts
}

// options reads the words after "@".
func (s *scene) options(name string, i int, text string) {
	for _, word := range strings.Fields(text) {
		option, value, _ := strings.Cut(word, "=")
		first, last, span := strings.Cut(value, "-")
		low, _ := strconv.Atoi(first)
		high := low
		if span {
			high, _ = strconv.Atoi(last)
		}
		switch option {
		case "times":
			s.times = low
		case "recent":
			s.recent = true
		case "apart":
			s.apart = true
		case "months":
			s.when.firstMonth, s.when.lastMonth = time.Month(low), time.Month(high)
		case "ago":
			s.when.from, s.when.to = low, high
		case "time":
			s.when.part = value
		case "day":
			s.when.weekday = -1
			for d, short := range []string{"zo", "ma", "di", "wo", "do", "vr", "za"} {
				if short == value {
					s.when.weekday = time.Weekday(d)
				}
			}
			if s.when.weekday < 0 {
				fail(name, i, "no day %q", value)
			}
		case "voices":
			for wish := range strings.SplitSeq(value, ",") {
				voice, who, found := strings.Cut(wish, ":")
				if !found {
					fail(name, i, "voices are written as A:jeugd,B:lead, not %q", value)
				}
				s.wishes[voice] = who
			}
		default:
			fail(name, i, "unknown option %q", option)
		}
	}
}
