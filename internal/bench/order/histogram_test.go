package order

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestQuantilesAreWithinTwoPercent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var h Histogram
	var all []time.Duration
	for range 100_000 {
		d := time.Duration(r.ExpFloat64() * float64(20*time.Millisecond))
		all = append(all, d)
		h.Add(d)
	}
	slices.Sort(all)
	s := h.Spread()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"p50", s.P50, milliseconds(all[50_000])},
		{"p99", s.P99, milliseconds(all[99_000])},
		{"max", s.Max, milliseconds(all[99_999])},
	} {
		if c.got < c.want*0.98 || c.got > c.want*1.02 {
			t.Errorf("%s is %.3f ms, was counted as %.3f", c.name, c.want, c.got)
		}
	}
	if s.Count != len(all) {
		t.Errorf("%d of %d were counted", s.Count, len(all))
	}
}

func TestBucketsFollowEachOther(t *testing.T) {
	for us := range 3_000_000 {
		d := time.Duration(us) * time.Microsecond
		i := bucketOf(d)
		if d >= upperBound(i) {
			t.Fatalf("%v lies above its bucket %d, which ends at %v", d, i, upperBound(i))
		}
		if i > 0 && d < upperBound(i-1) {
			t.Fatalf("%v lies below its bucket %d, which begins at %v", d, i, upperBound(i-1))
		}
	}
	if i := bucketOf(30 * time.Minute); i >= buckets-1 {
		t.Errorf("half an hour is in bucket %d", i)
	}
}

func TestNothingCounted(t *testing.T) {
	var h Histogram
	if s := h.Spread(); s != (Spread{}) {
		t.Errorf("%+v", s)
	}
}
