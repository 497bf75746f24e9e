package main

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test binary is the program as well: started with this variable it does
// what main does, so that it can be killed.
const beTheProgram = "BE_LEERKRING"

func TestMain(m *testing.M) {
	if os.Getenv(beTheProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// installation is a data folder, or another database, and the settings for it.
type installation struct {
	t   *testing.T
	env []string
}

func install(t *testing.T, settings ...string) *installation {
	return &installation{t, append([]string{
		"PATH=" + os.Getenv("PATH"), "LEERKRING_DATA=" + t.TempDir(), "LEERKRING_ADDR=127.0.0.1:0", "LEERKRING_LIMITS=off",
		"PGHOST=" + os.Getenv("PGHOST"), "PGPORT=" + os.Getenv("PGPORT"), "PGUSER=" + os.Getenv("PGUSER"), "PGPASSWORD=" + os.Getenv("PGPASSWORD"),
	}, settings...)}
}

// do runs a command in this process and returns what it wrote and its code.
func (i *installation) do(args ...string) (out, errs string, code int) {
	i.t.Helper()
	for _, v := range i.env { // the database driver reads these itself
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "PG") {
			i.t.Setenv(name, value)
		}
	}
	var o, e bytes.Buffer
	code = run(context.Background(), args, i.env, &o, &e)
	return strings.TrimSpace(o.String()), e.String(), code
}

// must runs a command that must succeed and returns what it printed.
func (i *installation) must(args ...string) string {
	i.t.Helper()
	out, errs, code := i.do(args...)
	if code != 0 {
		i.t.Fatalf("leerkring %v: exit %d\n%s", args, code, errs)
	}
	return out
}

// process is a running server.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	metrics string // HOST:PORT, when it serves them
	mu      sync.Mutex
	said    bytes.Buffer
	ended   chan struct{}
}

var (
	listening = regexp.MustCompile(`msg=listening address=(\S+)`)
	measured  = regexp.MustCompile(`msg=metrics address=(\S+)`)
)

// serve starts a server in a process of its own and waits until it listens.
func (i *installation) serve(args ...string) *process {
	i.t.Helper()
	p := &process{t: i.t, cmd: exec.Command(os.Args[0], append([]string{"serve"}, args...)...), ended: make(chan struct{})}
	p.cmd.Env = append(i.env, beTheProgram+"=1")
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(p.kill)
	address := make(chan string, 1)
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			p.mu.Lock()
			p.said.WriteString(lines.Text() + "\n")
			p.mu.Unlock()
			if m := measured.FindStringSubmatch(lines.Text()); m != nil {
				p.metrics = m[1] // read by nobody before it listens
			}
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
		p.cmd.Wait()
	}()
	select {
	case a := <-address:
		p.address = "http://" + a
	case <-p.ended:
		i.t.Fatalf("the server ended at once:\n%s", p.log())
	case <-time.After(60 * time.Second):
		i.t.Fatalf("the server does not listen:\n%s", p.log())
	}
	return p
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// kill ends the server as a power cut would (SIGKILL).
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// stop asks the server to end (SIGTERM) and returns its exit code and how long
// it took.
func (p *process) stop() (code int, took time.Duration) {
	began := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.ended
	return p.cmd.ProcessState.ExitCode(), time.Since(began)
}

// get returns the status of an address.
func (p *process) get(path string) int {
	response, err := http.Get(p.address + path)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}
