//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a program that was started here, bound to one processor. It has a
// process group of its own, so that Ctrl-C reaches the conductor alone, which
// ends everything in order; should the conductor be killed, it goes as well.
type process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	output *os.File
	out    *bufio.Reader // its standard output
	ended  chan struct{}
	err    error // why it ended; once ended is closed

	mu   sync.Mutex
	said []string // the last lines of its standard error
	look func(line string)
}

// keptLines of what a process says are shown when it fails.
const keptLines = 20

// start runs a program on a processor. look, if there is one, gets each line of
// its standard error.
func start(ctx context.Context, processor int, env []string, look func(line string), name string, args ...string) (*process, error) {
	p := &process{name: strings.Join(append([]string{filepath.Base(name)}, args...), " "), cmd: exec.CommandContext(ctx, name, args...), ended: make(chan struct{}), look: look}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 15 * time.Second
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, theirs, err := os.Pipe() // not StdoutPipe: what a process said last can be read after its end
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	p.cmd.Stdout, p.output, p.out = theirs, out, bufio.NewReader(out)
	errs, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := startOn(processor, p.cmd); err != nil {
		out.Close()
		return nil, err
	}
	go p.listen(errs) // ends with the process
	return p, nil
}

func (p *process) listen(errs io.Reader) {
	lines := bufio.NewScanner(errs)
	for lines.Scan() {
		p.mu.Lock()
		p.said = append(p.said, lines.Text())
		if len(p.said) > keptLines {
			p.said = p.said[1:]
		}
		p.mu.Unlock()
		if p.look != nil {
			p.look(lines.Text())
		}
	}
	p.err = p.cmd.Wait()
	close(p.ended)
}

// startOn starts a command bound to a processor: a process may use what the
// thread that starts it may use.
func startOn(processor int, cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, only unix.CPUSet
	only.Set(processor)
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	if err := unix.SchedSetaffinity(0, &only); err != nil {
		return fmt.Errorf("binding to processor %d: %w", processor, err)
	}
	return errors.Join(cmd.Start(), unix.SchedSetaffinity(0, &before))
}

// failed is an error about a process, with the last it said.
func (p *process) failed(what string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Errorf("%s: %s\n%s", p.name, what, strings.Join(p.said, "\n"))
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the process in its own way: its input ends, and it gets a signal.
// It returns when it has ended, by force after some time.
func (p *process) stop(signal syscall.Signal) {
	p.stdin.Close()
	if signal != 0 {
		p.cmd.Process.Signal(signal)
	}
	select {
	case <-p.ended:
	case <-time.After(p.cmd.WaitDelay):
		p.cmd.Process.Kill()
		<-p.ended
	}
	p.output.Close()
}

// startTime is how long a server may take until it listens.
const startTime = 60 * time.Second

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// startServer starts a program that says on its standard error where it
// listens, and returns that address.
func startServer(ctx context.Context, processor int, env []string, complaints func(line string), name string, args ...string) (*process, string, error) {
	address := make(chan string, 1)
	p, err := start(ctx, processor, env, func(line string) {
		if m := listening.FindStringSubmatch(line); m != nil {
			address <- m[1]
		}
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			complaints(line)
		}
	}, name, args...)
	if err != nil {
		return nil, "", err
	}
	select {
	case a := <-address:
		return p, a, nil
	case <-p.ended:
		return nil, "", p.failed("it ended at once")
	case <-time.After(startTime):
		p.stop(syscall.SIGKILL)
		return nil, "", p.failed("it does not listen")
	}
}

// processors returns where servers run and where the generator does: the first
// two this process may use, or one for both.
func processors() (servers, generator int, err error) {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return 0, 0, err
	}
	var usable []int
	for cpu := range len(may) * 64 {
		if may.IsSet(cpu) {
			usable = append(usable, cpu)
		}
	}
	switch len(usable) {
	case 0:
		return 0, 0, errors.New("no processor may be used")
	case 1:
		return usable[0], usable[0], nil
	}
	return usable[0], usable[1], nil
}

// allowFiles raises how many files this process, and those it starts, may have
// open.
func allowFiles(n uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	wanted := unix.Rlimit{Cur: n, Max: max(limit.Max, n)}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &wanted); err != nil {
		return fmt.Errorf("%d open files are needed and %d allowed; raise the limit with `ulimit -Hn` as an administrator", n, limit.Max)
	}
	return nil
}
