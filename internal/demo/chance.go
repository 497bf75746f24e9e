package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// chance is a source of random numbers that belongs to one thing. Because
// every thing has its own, a change in one text leaves the rest as it was.
type chance struct{ *rand.Rand }

func chanceOf(name string) chance {
	h := fnv.New64a()
	h.Write([]byte(name))
	return chance{rand.New(rand.NewPCG(h.Sum64(), 0x6c6565726b72696e))}
}

// hits says yes in p of the cases.
func (c chance) hits(p float64) bool { return c.Float64() < p }

// between draws from low up to and including high.
func (c chance) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + c.IntN(high-low+1)
}

// around draws a positive duration that is mostly near the middle and at times
// much longer, the way answers come in.
func (c chance) around(middle time.Duration, spread float64) time.Duration {
	return time.Duration(float64(middle) * math.Exp(c.NormFloat64()*spread))
}

// weighted draws an index by weight, or -1 when there is no weight at all.
func (c chance) weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if sum <= 0 {
		return -1
	}
	x := c.Float64() * sum
	last := -1
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		last = i
		if x -= w; x < 0 {
			return i
		}
	}
	return last
}

func pick[T any](c chance, from []T) T { return from[c.IntN(len(from))] }
