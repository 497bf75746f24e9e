//go:build linux

package order

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Loop lets workers do something over and over, each as soon as its last time
// has ended (closed loop). It reports how often that succeeded and how long it
// took while figures were taken, and marks that time on standard output. What is
// done returns how many bytes came of it; an error ends its worker and is
// reported. How long the last ones took counts as well, when they ended later.
func Loop(o Order, workers int, once func(worker int) (bytes int64, err error)) Report {
	var phase atomic.Int32
	var mu sync.Mutex
	var report Report
	var times Histogram
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for phase.Load() != over {
				began := time.Now()
				n, err := once(w)
				took := time.Since(began)
				mu.Lock()
				now := phase.Load()
				switch {
				case err != nil:
					report.Error = err.Error()
				case now == taking:
					report.Acknowledged++
					report.Bytes += n
					fallthrough
				case now == over:
					times.Add(took)
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	time.Sleep(seconds(o.Warm))
	os.Stdout.Write(Line(Report{Mark: Begin}))
	began, cpu := time.Now(), OwnCPU()
	phase.Store(taking)
	time.Sleep(seconds(o.Seconds))
	phase.Store(over)
	lasted, used := time.Since(began), OwnCPU()-cpu
	os.Stdout.Write(Line(Report{Mark: End}))
	all.Wait()
	report.Seconds = lasted.Seconds()
	report.OwnCPU = float64(used) / float64(lasted)
	report.Answer = times.Spread()
	return report
}

// The phases of a loop; before them it warms up.
const (
	taking = 1 + iota // figures
	over
)

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// OwnCPU is the processor time that this process has used.
func OwnCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
