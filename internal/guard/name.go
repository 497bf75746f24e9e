package guard

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"leerkring/internal/dutch"
)

const (
	// nameWords is how many words a name has at most: Anna van den Berg-Smit.
	nameWords = 5
	// maxCandidates bounds what one text asks to look up.
	maxCandidates = 400
)

// Candidates returns the runs of words in a text that may be somebody's full
// name, folded as people's names are kept: what to look up before [Scan].
func Candidates(text string) []string {
	seen := map[string]bool{}
	var list []string
	words := wordsOf(level(text))
	for i := range words {
		for _, end := range nameEnds(words, i) {
			folded := dutch.Fold(strings.Join(plainWords(words[i:end]), " "))
			if !seen[folded] && len(list) < maxCandidates {
				seen[folded] = true
				list = append(list, folded)
			}
		}
	}
	return list
}

// word is a word of a text and where it stands, in bytes.
type word struct {
	text       string
	start, end int
	capital    bool
	// next: only a space stands between it and the word after it.
	next bool
}

// wordsOf cuts a text into words: letters, with hyphens and apostrophes inside.
func wordsOf(text string) (words []word) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) {
			i += size
			continue
		}
		start := i
		for i < len(text) {
			c, size := utf8.DecodeRuneInString(text[i:])
			inside := (c == '-' || c == '\'' || c == '’') && wordAfter(text, i+size)
			if !unicode.IsLetter(c) && !unicode.Is(unicode.Mn, c) && !inside {
				break
			}
			i += size
		}
		words = append(words, word{text: text[start:i], start: start, end: i, capital: unicode.IsUpper(r),
			next: strings.HasPrefix(text[i:], " ") && wordAfter(text, min(i+1, len(text)))})
	}
	return words
}

// nameEnds returns where names that begin with word i may end: two to five
// words in a row, the first and the last with a capital.
func nameEnds(words []word, i int) (ends []int) {
	if !words[i].capital {
		return nil
	}
	for end := i + 1; end < len(words) && end < i+nameWords && words[end-1].next; end++ {
		if words[end].capital {
			ends = append(ends, end+1)
		}
	}
	return ends
}

func plainWords(words []word) []string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = w.text
	}
	return plain
}

// title is how somebody is spoken of whose surname follows.
var title = regexp.MustCompile(`(?i)\b(?:mevrouw|meneer|mijnheer|mevr\.?|mw\.?|dhr\.?|de heer|familie|fam\.|gezin)(?:[ \n]+[A-Z]\.)*[ \n]+`)

// Prefixes that a surname may begin with, after a title in capitals or not.
var prefixes = map[string]bool{"van": true, "de": true, "der": true, "den": true, "het": true, "ten": true, "ter": true, "te": true,
	"el": true, "al": true, "von": true, "du": true, "le": true, "la": true}

// names looks for the full names the caller gave, and for surnames after a
// title.
func (s *scan) names(known []string) {
	wanted := make(map[string]bool, len(known))
	for _, name := range known {
		wanted[name] = true
	}
	words := s.words()
	if len(wanted) > 0 {
		for i := range words {
			for _, end := range nameEnds(words, i) {
				if wanted[dutch.Fold(strings.Join(plainWords(words[i:end]), " "))] {
					s.take(Name, words[i].start, words[end-1].end)
				}
			}
		}
	}
	for _, at := range title.FindAllStringIndex(s.text, -1) {
		i, _ := slices.BinarySearchFunc(words, at[1], func(w word, start int) int { return cmp.Compare(w.start, start) })
		if end := surname(words[i:]); end > 0 {
			s.take(Name, words[i].start, words[i+end-1].end)
		}
	}
}

// surname returns how many of the words are a surname they begin with.
func surname(words []word) int {
	n := 0
	for n < len(words)-1 && n < 3 && prefixes[strings.ToLower(words[n].text)] && words[n].next {
		n++
	}
	if n >= len(words) || !words[n].capital || prefixes[strings.ToLower(words[n].text)] || utf8.RuneCountInString(words[n].text) < 2 {
		return 0
	}
	return n + 1
}
