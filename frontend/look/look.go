// Package look knows the colours of Leerkring and whether they can be read: the
// tokens by the names of NL Design System, which of them stand together, and
// the contrast each pair must have. It draws nothing.
package look

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed tokens.css
var lightCSS string

//go:embed dark.css
var darkCSS string

// PersonHues is the number of soft hues for people, SpaceHues that of the
// marks of spaces. Hues are classes (lk-hue-0, lk-mark-0), so that no page
// needs a style attribute.
const (
	PersonHues = 12
	SpaceHues  = 8
)

// spaceHues are the degrees of the eight marks; base.css has the same ones.
var spaceHues = [SpaceHues]int{172, 212, 262, 318, 8, 32, 78, 130}

// Tokens are design tokens by name, with the dashes: values as written.
type Tokens map[string]string

var declaration = regexp.MustCompile(`(--[\w-]+)\s*:\s*([^;}]+)`)
var comment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// Parse reads the custom properties of a token file. Later ones win.
func Parse(css string) Tokens {
	t := Tokens{}
	for _, m := range declaration.FindAllStringSubmatch(comment.ReplaceAllString(css, ""), -1) {
		t[m[1]] = strings.TrimSpace(m[2])
	}
	return t
}

// Light returns the tokens of the light theme.
func Light() Tokens { return Parse(lightCSS) }

// Dark returns the tokens of the dark theme: the light ones with what differs.
func Dark() Tokens { return Light().With(Parse(darkCSS)) }

// With returns t with the tokens of other over it.
func (t Tokens) With(other Tokens) Tokens {
	both := make(Tokens, len(t)+len(other))
	for name, value := range t {
		both[name] = value
	}
	for name, value := range other {
		both[name] = value
	}
	return both
}

// Colour returns the colour a token stands for, following var().
func (t Tokens) Colour(name string) (Colour, error) {
	for range 8 {
		value, ok := t[name]
		if !ok {
			return Colour{}, fmt.Errorf("look: there is no token %s", name)
		}
		inner, isVar := strings.CutPrefix(value, "var(")
		if !isVar {
			c, err := ParseColour(value)
			if err != nil {
				return c, fmt.Errorf("%s: %w", name, err)
			}
			return c, nil
		}
		name = strings.TrimSuffix(inner, ")")
	}
	return Colour{}, fmt.Errorf("look: %s refers to itself", name)
}
