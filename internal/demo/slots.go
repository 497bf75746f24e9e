package demo

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// slotWords are the lists of slots.txt.
var slotWords = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for _, b := range blocks("slots.txt") {
		var words []string
		for _, f := range b.fields {
			for word := range strings.SplitSeq(f.value, "|") {
				words = append(words, strings.TrimSpace(word))
			}
		}
		all[b.key] = words
	}
	return all
})

// cast fills slots: who speaks as which voice, and which word stands for which
// slot. It lives as long as one scene or stream.
type cast struct {
	world  *world
	chance chance
	voices map[string]string // voice to person key
	words  map[string]string // slot name to word
}

// fill replaces `{…}` in a text, the inner ones first.
func (c *cast) fill(text string) string {
	for {
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return text
		}
		start := strings.LastIndexByte(text[:end], '{')
		if start < 0 {
			panic("demo: a } without { in: " + text)
		}
		word := c.one(text[start+1 : end])
		if startsSentence(text[:start]) {
			word = capital(word)
		}
		text = text[:start] + word + text[end+1:]
	}
}

// startsSentence says whether what follows begins a sentence; three dots only
// make a pause.
func startsSentence(before string) bool {
	if before == "" {
		return true
	}
	before, space := strings.CutSuffix(before, " ")
	if !space || before == "" || strings.HasSuffix(before, "..") {
		return false
	}
	return strings.ContainsAny(before[len(before)-1:], ".!?")
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// one returns what stands for one slot.
func (c *cast) one(name string) string {
	if strings.Contains(name, "|") {
		return pick(c.chance, strings.Split(name, "|"))
	}
	if voice, found := strings.CutSuffix(name, ".plaats"); found && c.voices[voice] != "" {
		return c.world.plan.Organisations[c.world.people[c.voices[voice]].Organisation].Place
	}
	if key := c.voices[strings.TrimPrefix(name, "@")]; key != "" {
		if name[0] == '@' {
			return "@[" + key + "]"
		}
		return firstName(c.world.people[key])
	}
	return c.word(name)
}

// word draws the word for a slot once; {dag} and {dag2} are never the same.
func (c *cast) word(name string) string {
	if word, drawn := c.words[name]; drawn {
		return word
	}
	list := strings.TrimRight(name, "0123456789")
	words := slotWords()[list]
	if len(words) == 0 {
		panic(fmt.Sprintf("demo: no slot {%s} in slots.txt", name))
	}
	taken := map[string]bool{}
	for other, word := range c.words {
		if strings.TrimRight(other, "0123456789") == list {
			taken[word] = true
		}
	}
	for {
		if word := pick(c.chance, words); !taken[word] || len(taken) >= len(words) {
			c.words[name] = word
			return word
		}
	}
}
