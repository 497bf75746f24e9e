//go:build unix && !race

package demo

import (
	"syscall"
	"testing"
	"time"
)

// TestFast measures processor time, for others may use the machine as well.
func TestFast(t *testing.T) {
	const limit = 150 * time.Millisecond
	best := time.Hour
	for range 5 {
		start := used(t)
		Make(moments[0])
		best = min(best, used(t)-start)
	}
	t.Logf("made in %v", best)
	if best >= limit {
		t.Errorf("made in %v, want less than %v", best, limit)
	}
}

// used returns the processor time this process has taken.
func used(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
