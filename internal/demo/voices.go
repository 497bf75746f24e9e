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
// Apart means that each comes from another organisation, as far as there are.
func (w *world) choose(r chance, space string, voices []string, wishes map[string]string, apart bool, at time.Time) map[string]string {
	chosen := map[string]string{}
	taken := map[string]bool{}
	from := map[int]bool{}
	s, talk := w.spaces[space], w.talkers(space)
	// Voices with a wish go first, so that nobody takes their people.
	order := slices.Clone(voices)
	slices.SortStableFunc(order, func(a, b string) int { return strictness(wishes[b]) - strictness(wishes[a]) })
	for _, v := range order {
		weights := make([]float64, len(s.Members))
		for i, m := range s.Members {
			if apart && from[w.people[m.Person].Organisation] {
				continue
			}
			if !taken[m.Person] && !m.Since.After(at) && w.fits(m, wishes[v], at) {
				weights[i] = talk[i]
			}
		}
		i := r.weighted(weights)
		for j, m := range s.Members { // nobody with that trade: anybody
			if i < 0 && !m.Since.After(at) && !taken[m.Person] {
				weights[j] = talk[j]
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
		from[w.people[s.Members[i].Person].Organisation] = true
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
		case "gemeente":
			if !slices.Contains([]string{"huisarts", "poh", "school", "prog"}, w.people[m.Person].Job) {
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

// talkers says, member by member, how much they write in a space: a few a lot,
// many little. The people to sign in as write as much as identities.txt says.
func (w *world) talkers(space string) []float64 {
	if known := w.talk[space]; known != nil {
		return known
	}
	fixed := map[string]float64{}
	for _, b := range identities() {
		fixed[b.key] = fraction(b.one("talks"))
	}
	members := w.spaces[space].Members
	weights := make([]float64, len(members))
	for i, m := range members {
		weights[i] = 0.06 + math.Pow(chanceOf("talk/"+space+"/"+m.Person).Float64(), 4)*2
		if x, known := fixed[m.Person]; known {
			weights[i] = x
		}
	}
	w.talk[space] = weights
	return weights
}

func fraction(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("demo: identities.txt: talks: " + s + " is no number")
	}
	return x
}
