// Package profile, when it is built in, takes profiles of the program it is in:
// of its processor time from SIGUSR1 to SIGUSR2, and at SIGUSR2 of its memory
// and goroutines, into files that begin with $BENCH_PROFILE. The product is
// never released with it; see internal/bench/run.
package profile

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
)

func init() {
	if prefix := os.Getenv("BENCH_PROFILE"); prefix != "" {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
		go func() {
			if err := take(prefix, signals); err != nil {
				fmt.Fprintln(os.Stderr, "profile:", err)
			}
		}()
	}
}

func take(prefix string, signals <-chan os.Signal) error {
	var cpu *os.File
	for s := range signals {
		if s == syscall.SIGUSR1 && cpu == nil {
			f, err := os.Create(prefix + ".cpu")
			if err != nil {
				return err
			}
			cpu = f
			if err := pprof.StartCPUProfile(f); err != nil {
				return err
			}
		}
		if s == syscall.SIGUSR2 && cpu != nil {
			pprof.StopCPUProfile()
			if err := cpu.Close(); err != nil {
				return err
			}
			cpu = nil
			runtime.GC() // the memory profile is as of the last collection
			if err := os.WriteFile(prefix+".memory", memory(), 0o600); err != nil {
				return err
			}
			for _, kind := range []string{"heap", "goroutine"} {
				if err := write(prefix+"."+kind, pprof.Lookup(kind)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// memory says what the runtime has asked the kernel for, and for what.
func memory() []byte {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return fmt.Appendf(nil, "live objects %d KiB\nstacks %d KiB\nunused, not given back %d KiB\ngoroutines %d\n",
		m.HeapAlloc>>10, m.StackInuse>>10, (m.HeapIdle-m.HeapReleased)>>10, runtime.NumGoroutine())
}

func write(path string, p *pprof.Profile) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := p.WriteTo(f, 0); err != nil {
		return err
	}
	return f.Close()
}
