package component

import (
	"hash/fnv"
	"strings"
	"unicode"

	"leerkring/frontend/look"
)

// Mark is what somebody is in the space where they speak, when it matters.
type Mark string

// The marks. Facilitators carry the accent, the others are quiet words.
const (
	NoMark      Mark = ""
	Coach       Mark = "coach"
	Facilitator Mark = "facilitator"
	Manager     Mark = "manager"
)

// Person is somebody as others see them: who speaks, from where, as what.
type Person struct {
	ID                 int64
	Name, Organisation string
	// Role is what the person does, in their own words.
	Role string
	Mark Mark
	// Photo is an address on our own origin, or "" for initials.
	Photo string
	// Here: looking at this same page now.
	Here bool
}

// from says from where somebody speaks: organisation and role.
func (p Person) from() string {
	if p.Organisation == "" || p.Role == "" {
		return p.Organisation + p.Role
	}
	return p.Organisation + "\u00a0· " + p.Role
}

// initials returns one or two letters for a name: first and last word, without
// the small words that stand between ("van der"). A name without letters has
// none.
func initials(name string) string {
	var letters []rune
	for word := range strings.FieldsSeq(name) {
		first, ok := firstLetter(word)
		if ok && (len(letters) == 0 || !unicode.IsLower(first)) {
			letters = append(letters, unicode.ToUpper(first))
		}
	}
	switch len(letters) {
	case 0:
		return ""
	case 1:
		return string(letters)
	}
	return string([]rune{letters[0], letters[len(letters)-1]})
}

func firstLetter(word string) (rune, bool) {
	for _, r := range word {
		if unicode.IsLetter(r) {
			return r, true
		}
	}
	return 0, false
}

// hueClass gives everybody the same soft hue everywhere, from the name alone.
func hueClass(name string) string { return "lk-hue-" + text(pick(name, look.PersonHues)) }

// MarkClass gives a space its quiet hue, 0 to 7; another number is brought back
// to one of those.
func MarkClass(hue int) string {
	return "lk-mark-" + text((hue%look.SpaceHues+look.SpaceHues)%look.SpaceHues)
}

func pick(name string, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // a hash in memory cannot fail
	return int(h.Sum32() % uint32(n))
}
