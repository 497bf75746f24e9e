package look

import (
	"fmt"
	"strings"
)

// Pair is two tokens that stand together on a page.
type Pair struct {
	On, Under string
	// Least is the contrast that WCAG asks: 4.5 for text, 3 for the edges of
	// controls and for marks that carry meaning.
	Least float64
}

// Failure is a pair that cannot be read well enough.
type Failure struct {
	Pair
	Got float64
}

func (f Failure) String() string {
	return fmt.Sprintf("%s on %s: %.2f, at least %.1f is needed", f.On, f.Under, f.Got, f.Least)
}

const (
	text = 4.5
	edge = 3.0
)

// Pairs returns every pair of colours that the pages put together, but for the
// hues (see [Check]).
func Pairs() []Pair {
	basis := func(s string) string {
		if strings.HasPrefix(s, "--") {
			return s
		}
		return "--basis-color-" + s
	}
	var pairs []Pair
	put := func(least float64, on, under string) {
		for _, o := range strings.Fields(on) {
			for _, u := range strings.Fields(under) {
				pairs = append(pairs, Pair{basis(o), basis(u), least})
			}
		}
	}
	grounds := "default-bg-document default-bg-subtle --lk-surface"
	inside := grounds + " default-bg-default default-bg-hover action-1-bg-subtle action-1-bg-default accent-2-bg-default"
	put(text, "default-color-document default-color-default", inside+" default-bg-active action-1-bg-active")
	put(text, "default-color-subtle", inside)
	put(text, "action-1-color-default action-1-color-hover action-1-color-active",
		inside+" action-1-bg-active")
	for _, state := range []string{"default", "hover", "active"} {
		put(text, "action-1-inverse-color-"+state, "action-1-inverse-bg-"+state)
		put(text, "negative-inverse-color-"+state, "negative-inverse-bg-"+state)
		put(text, "negative-color-"+state, grounds+" negative-bg-"+state)
	}
	put(edge, "action-1-inverse-bg-default negative-inverse-bg-default", grounds)
	put(text, "accent-2-inverse-color-default", "accent-2-inverse-bg-default")
	put(text, "accent-2-color-default", grounds+" accent-2-bg-default")
	put(edge, "accent-2-border-default", grounds+" accent-2-bg-default")
	for _, state := range []string{"positive", "warning", "negative", "info"} {
		put(text, state+"-color-default "+state+"-color-document", state+"-bg-default")
		put(text, state+"-color-default", grounds)
	}
	put(edge, "default-border-default default-border-hover action-1-border-default negative-border-default", grounds)
	put(edge, "--basis-focus-outline-color", grounds+" default-bg-hover action-1-bg-default")
	put(text, "--basis-focus-color", "--basis-focus-background-color")
	return pairs
}

// Check returns the pairs and hues that fall short with these tokens. A token
// that is missing or is no colour is an error.
func Check(t Tokens) ([]Failure, error) {
	var failures []Failure
	for _, p := range Pairs() {
		on, err := t.Colour(p.On)
		if err != nil {
			return nil, err
		}
		under, err := t.Colour(p.Under)
		if err != nil {
			return nil, err
		}
		if got := Contrast(on, under); got < p.Least {
			failures = append(failures, Failure{p, got})
		}
	}
	hues, err := checkHues(t)
	return append(failures, hues...), err
}

// checkHues looks at the initials of people and the letters of spaces on every
// hue, and at the marks of spaces on the grounds.
func checkHues(t Tokens) ([]Failure, error) {
	var failures []Failure
	var firstErr error
	colour := func(c Colour, err error) Colour {
		if err != nil && firstErr == nil {
			firstErr = err
		}
		return c
	}
	hsl := func(degrees int, s, l string) Colour {
		return colour(ParseColour(fmt.Sprintf("hsl(%d,%s,%s)", degrees, t[s], t[l])))
	}
	see := func(on, under string, least float64, a, b Colour) {
		if got := Contrast(a, b); got < least {
			failures = append(failures, Failure{Pair{on, under, least}, got})
		}
	}
	for i := range PersonHues {
		soft := hsl(i*360/PersonHues, "--lk-soft-s", "--lk-soft-l")
		ink := hsl(i*360/PersonHues, "--lk-soft-ink-s", "--lk-soft-ink-l")
		see(fmt.Sprintf("initials, hue %d", i), "its soft hue", text, ink, soft)
	}
	for i, degrees := range spaceHues {
		mark := hsl(degrees, "--lk-mark-s", "--lk-mark-l")
		see("letter of a space", fmt.Sprintf("mark %d", i), text, colour(t.Colour("--lk-mark-ink")), mark)
	}
	return failures, firstErr
}
