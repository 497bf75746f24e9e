//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// describe says what was measured, on what, and when.
func (r *rig) describe(ctx context.Context, out io.Writer, f form, rounds int) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(out, "- %s: %s\n", what, fmt.Sprintf(format, args...))
	}
	line("commit", "%s", commit(ctx))
	line("taken", "%s, in %s; %s of %v s, medians", r.began.UTC().Format("2006-01-02 15:04 UTC"),
		time.Since(r.began).Round(time.Second), roundsOf(rounds, f.rounds), f.seconds)
	line("machine", "%d × %s, %s, Linux %s, %s", runtime.NumCPU(), cpuName(), memory(), kernel(), runtime.Version())
	if r.servers == r.generator {
		line("processors", "**one for everything: the generator's work is in the latencies**")
	} else {
		line("processors", "servers and stores on %d, generator on %d", r.servers, r.generator)
	}
	line("disk", "%s", diskOf(r.folder))
	if r.redis != nil {
		line("Redis", "%s", firstOutput(ctx, "redis-server", "--version"))
	}
	if r.postgres != nil {
		line("PostgreSQL", "%s, synchronous_commit on", r.postgres.version)
	}
	fmt.Fprintln(out)
}

func roundsOf(done, wanted int) string {
	if done < wanted {
		return fmt.Sprintf("**%d rounds, since the machine was too busy for %d in time**,", done, wanted)
	}
	return fmt.Sprintf("%d rounds", done)
}

func commit(ctx context.Context) string {
	hash := firstOutput(ctx, "git", "rev-parse", "--short=12", "HEAD")
	if hash == "" {
		return "unknown"
	}
	if changed := firstOutput(ctx, "git", "status", "--porcelain", "--untracked-files=no"); changed != "" {
		hash += ", with changes"
	}
	return hash
}

// firstOutput is the first line a command prints; "" when it cannot be run.
func firstOutput(ctx context.Context, name string, args ...string) string {
	out, _ := exec.CommandContext(ctx, name, args...).Output()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line
}

func cpuName() string { return field("/proc/cpuinfo", "model name") }

func memory() string { return field("/proc/meminfo", "MemTotal") }

func kernel() string {
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(b))
}

// field returns what stands behind a name in a file of /proc.
func field(file, name string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return "?"
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "?"
}

// diskOf says on what the SQLite files lay: how long the disk takes to keep
// something decides what a commit costs, and in a RAM disk it costs nothing.
func diskOf(folder string) string {
	kind := "file system unknown"
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err == nil {
		kind = fmt.Sprintf("file system type 0x%x", fs.Type)
		if fs.Type == unix.TMPFS_MAGIC {
			kind = "**tmpfs: nothing is kept, so commits cost nothing here**"
		}
	}
	p50, p99, err := syncTimes(filepath.Join(folder, "sync"))
	if err != nil {
		return kind
	}
	return fmt.Sprintf("%s; fdatasync of 4 KiB takes %v, p99 %v", kind, p50, p99)
}

func syncTimes(path string) (p50, p99 time.Duration, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	const n = 200
	page := make([]byte, 4096)
	times := make([]time.Duration, n)
	for i := range times {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, 0, err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return 0, 0, err
		}
		times[i] = time.Since(began).Round(time.Microsecond)
	}
	slices.Sort(times)
	return times[n/2], times[n*99/100], nil
}
