package order

import (
	"math/bits"
	"time"
)

// Histogram counts durations in buckets that are at most 2 % wide, from a
// microsecond to half an hour.
type Histogram struct {
	counts [buckets]uint32
	count  int
	max    time.Duration
}

const (
	mantissaBits = 7 // the highest bits of a duration that count
	buckets      = 26 << (mantissaBits - 1)
)

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	h.counts[bucketOf(d)]++
	h.count++
	h.max = max(h.max, d)
}

// Spread returns what was counted.
func (h *Histogram) Spread() Spread {
	return Spread{Count: h.count, P50: h.quantile(0.50), P99: h.quantile(0.99), Max: milliseconds(h.max)}
}

// quantile returns the upper bound, in milliseconds, of the bucket in which the
// q-th part of all durations ends.
func (h *Histogram) quantile(q float64) float64 {
	rank, seen := int(q*float64(h.count)), 0
	for i, n := range h.counts {
		if seen += int(n); seen > rank {
			return min(milliseconds(upperBound(i)), milliseconds(h.max))
		}
	}
	return milliseconds(h.max)
}

// bucketOf keeps the highest bits of a duration in microseconds and how far
// they are shifted.
func bucketOf(d time.Duration) int {
	us := uint64(max(d.Microseconds(), 0))
	if us < 1<<mantissaBits {
		return int(us)
	}
	shift := bits.Len64(us) - mantissaBits
	i := shift<<(mantissaBits-1) + int(us>>shift)
	return min(i, buckets-1)
}

func upperBound(bucket int) time.Duration {
	const half = 1 << (mantissaBits - 1)
	if bucket < 2*half {
		return time.Duration(bucket+1) * time.Microsecond
	}
	shift := bucket/half - 1
	mantissa := bucket - shift*half
	return time.Duration((mantissa+1)<<shift) * time.Microsecond
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
