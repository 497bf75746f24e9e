package guard

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	// A postcode: with a gap its letters are capitals, so that "in 2026 is" is none.
	postcode = regexp.MustCompile(`\b[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})\b`)
	// A house number right after it, or right before it.
	numberAfter  = regexp.MustCompile(`^[ ,]*(?:huisnummer|nummer|nr\.?|no\.?)? ?\d{1,5}(?: ?[a-zA-Z]{1,2}\b|[-/]\d{1,3})?\b`)
	numberBefore = regexp.MustCompile(`\b\d{1,5}(?: ?[a-zA-Z]{1,2}|[-/]\d{1,3})?[ ,\n]{1,3}$`)
	// What makes a word a street, and what makes the street a house. A postcode
	// may follow.
	streetEnd   = regexp.MustCompile(`(?:straat|straatje|laan|weg|plein|dijk|singel|gracht|kade|steeg|dreef|hof|pad|wal|markt|park)$`)
	houseNumber = regexp.MustCompile(`^ (?:nr\.? |nummer )?\d{1,4}(?: ?[a-zA-Z]\b|[-/]\d{1,3})?\b`)
	codeAfter   = regexp.MustCompile(`^[ ,\n]{1,3}[1-9]\d{3} ?[A-Z]{2}\b`)
)

// addresses looks for houses.
func (s *scan) addresses() {
	s.streets()
	for _, at := range postcode.FindAllStringIndex(s.text, -1) {
		switch s.text[at[1]-2 : at[1]] {
		case "SA", "SD", "SS": // never given out
			continue
		}
		start, end := at[0], at[1]
		if n := numberAfter.FindStringIndex(s.text[end:]); n != nil && !isUnit(s.text[end+n[1]:]) {
			end += n[1]
		}
		near := max(0, start-20)
		if n := numberBefore.FindStringIndex(s.text[near:start]); n != nil && end == at[1] {
			start = near + n[0]
		}
		if start != at[0] || end != at[1] {
			s.take(Address, start, end)
		}
	}
}

// streets looks for a street with a house number. The street, or a word that
// belongs to its name, has a capital.
func (s *scan) streets() {
	words := s.words()
	for i, w := range words {
		if w.next && !strings.HasPrefix(s.text[w.end:], " n") {
			if r := s.text[w.end+1]; r < '0' || r > '9' {
				continue // a word follows, no number
			}
		}
		number := houseNumber.FindStringIndex(s.text[w.end:])
		if number == nil || !streetEnd.MatchString(w.text) || isUnit(s.text[w.end+number[1]:]) {
			continue
		}
		first := i
		for j := i - 1; j >= 0 && j >= i-4 && words[j].next && (words[j].capital || prefixes[words[j].text]); j-- {
			if words[j].capital {
				first = j
			}
		}
		if !words[first].capital {
			continue
		}
		end := w.end + number[1]
		if code := codeAfter.FindStringIndex(s.text[end:]); code != nil {
			end += code[1]
		}
		s.take(Address, words[first].start, end)
	}
}

// isUnit reports whether a number counts something: "Markt 3 keer".
func isUnit(rest string) bool {
	rest = strings.ToLower(rest)
	for _, unit := range []string{" uur", " keer", " x ", " jaar", " maand", " week", " weken", " dag", " minu", " km", " meter", " euro", "%", " mens", ":", ".0", ",0"} {
		if strings.HasPrefix(rest, unit) {
			return true
		}
	}
	return false
}

const months = `(?:jan(?:uari)?|feb(?:ruari)?|m(?:aa)?rt|apr(?:il)?|mei|jun[i]?|jul[i]?|aug(?:ustus)?|sep(?:t(?:ember)?)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|january|february|march|may|june|july|august|october)`

var (
	date = regexp.MustCompile(`(?i)\b(?:(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)?\d{2})|((?:19|20)\d{2})-(\d{2})-(\d{2})|(\d{1,2}) ` + months + `\.? ((?:19|20)\d{2}))\b`)
	born = regexp.MustCompile(`(?i)(?:\bgeboren\b|\bgeboortedatum\b|\bgeb\.|\bgeb\.?dat|\bborn\b|\bdate of birth\b|\bd\.?o\.?b\.?\b|°)[^.!?\n]{0,24}$`)
	// A date in brackets right behind a name says the same.
	named = regexp.MustCompile(`\p{Lu}\p{Ll}+ \($`)
)

// dates looks for births. A date that is none is set aside.
func (s *scan) dates() {
	for _, m := range date.FindAllStringSubmatchIndex(s.text, -1) {
		part := func(i int) int {
			if m[2*i] < 0 {
				return 0
			}
			n, _ := strconv.Atoi(s.text[m[2*i]:m[2*i+1]])
			return n
		}
		day, month := part(1)+part(6)+part(7), part(2)+part(5)
		if day < 1 || day > 31 || month > 12 {
			continue
		}
		kind := Kind("")
		lead := s.text[max(0, m[0]-60):m[0]]
		if born.MatchString(lead) || named.MatchString(lead) && strings.HasPrefix(s.text[m[1]:], ")") {
			kind = Born
		}
		s.take(kind, m[0], m[1])
	}
}
