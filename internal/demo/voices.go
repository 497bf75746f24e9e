package demo

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// choose picks members of a space for the voices of a text, as they are needed
// at a moment: different people, each with the trade that the text asks for.
func (w *world) choose(r chance, space string, voices []string, wishes map[string]string, at time.Time) map[string]string {
	chosen := map[string]string{}
	taken := map[string]bool{}
	s := w.spaces[space]
	// Voices with a wish go first, so that nobody takes their people.
	order := slices.Clone(voices)
	slices.SortStableFunc(order, func(a, b string) int { return strictness(wishes[b]) - strictness(wishes[a]) })
	for _, v := range order {
		weights := make([]float64, len(s.Members))
		for i, m := range s.Members {
			if !taken[m.Person] && !m.Since.After(at) && w.fits(m, wishes[v], at) {
				weights[i] = w.talkative(s.Key, m.Person)
			}
		}
		i := r.weighted(weights)
		for j, m := range s.Members { // nobody with that trade: anybody
			if i < 0 && !m.Since.After(at) && !taken[m.Person] {
				weights[j] = w.talkative(s.Key, m.Person)
			}
		}
		if i < 0 {
			i = r.weighted(weights)
		}
		if i < 0 {
			return nil
		}
		chosen[v] = s.Members[i].Person
		taken[s.Members[i].Person] = true
	}
	return chosen
}

func strictness(wish string) int {
	switch {
	case wish == "":
		return 0
	case wish == "new" || strings.Contains(wish, "-"):
		return 2
	}
	return 1
}

func (w *world) fits(m Membership, wish string, at time.Time) bool {
	if wish == "" {
		return true
	}
	for one := range strings.SplitSeq(wish, "|") {
		switch one {
		case "lead":
			if m.Role != "member" {
				return true
			}
		case "new":
			if at.Sub(m.Since) < 21*24*time.Hour {
				return true
			}
		default:
			if m.Person == one || w.people[m.Person].Job == one {
				return true
			}
		}
	}
	return false
}

// talkative says how much somebody writes in a space: a few a lot, many little.
// The people to sign in as write enough to have something to see.
func (w *world) talkative(space, person string) float64 {
	key := space + "/" + person
	if known, found := w.talk[key]; found {
		return known
	}
	x := chanceOf("talk/" + key).Float64()
	weight := 0.06 + math.Pow(x, 4)*2
	for _, b := range identities() {
		if b.key == person {
			weight = fraction(b.one("talks"))
		}
	}
	w.talk[key] = weight
	return weight
}

func fraction(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("demo: identities.txt: talks: " + s + " is no number")
	}
	return x
}
