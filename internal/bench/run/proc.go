//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What the kernel says about processes.

// tick is the grain of the times in /proc: USER_HZ is 100 on Linux.
const tick = 10 * time.Millisecond

// cpuOf returns how much processor time a process has used, all its threads
// together: what /proc/PID/stat says as utime + stime, in nanoseconds.
func cpuOf(pid int) (time.Duration, error) {
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &used); err != nil {
		return 0, fmt.Errorf("processor time of %d: %w", pid, err)
	}
	return time.Duration(used.Nano()), nil
}

// cpuOfTree returns how much a process, its children, and those of its
// children that have ended, have used.
func cpuOfTree(root int) (time.Duration, error) {
	all, err := stats()
	if err != nil {
		return 0, err
	}
	total := time.Duration(0)
	for _, s := range all {
		if s.pid != root && s.parent != root {
			continue
		}
		used, err := cpuOf(s.pid)
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ESRCH) {
			continue // it has ended meanwhile, and is counted at its parent's the next time
		}
		if err != nil {
			return 0, err
		}
		total += used
		if s.pid == root {
			total += s.ofEnded
		}
	}
	return total, nil
}

// stat is part of a line of /proc/PID/stat.
type stat struct {
	pid, parent int
	ofEnded     time.Duration // used by children that have ended
}

func stats() (all []stat, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if s, ok := readStat(line); ok {
			all = append(all, s)
		}
	}
	return all, nil
}

// readStat reads a line; the name in brackets may hold spaces and brackets.
func readStat(line []byte) (s stat, ok bool) {
	i := bytes.LastIndexByte(line, ')')
	if i < 0 {
		return s, false
	}
	fields := strings.Fields(string(line[i+1:])) // from the third on
	if len(fields) < 15 {
		return s, false
	}
	number := func(field int) int {
		n, err := strconv.Atoi(fields[field-3])
		ok = ok && err == nil
		return n
	}
	ok = true
	pid, _, _ := bytes.Cut(line, []byte(" "))
	s.pid, _ = strconv.Atoi(string(pid))
	s.parent = number(4)
	s.ofEnded = time.Duration(number(16)+number(17)) * tick
	return s, ok
}

// residentOf returns the bytes of memory that a process holds now (VmRSS).
func residentOf(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no VmRSS", pid)
}

// busy returns how much processor time the whole machine has used since it
// started, what other machines took from it included.
func busy() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	fields := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal …
	if len(fields) < 9 {
		return 0, errors.New("/proc/stat cannot be read")
	}
	total := time.Duration(0)
	for _, field := range []int{1, 2, 3, 6, 7, 8} {
		n, err := strconv.ParseInt(fields[field], 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n) * tick
	}
	return total, nil
}
