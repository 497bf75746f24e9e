package testkit

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a Redis of the test's own, which it may stop.
type RedisServer struct {
	t    testing.TB
	port string
	dir  string
	args []string
	cmd  *exec.Cmd
}

// NewRedisServer starts a Redis on a free port; args are more of its options.
func NewRedisServer(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t, "redis-server")
	}
	s := &RedisServer{t: t, dir: t.TempDir(), args: args}
	for range 5 { // somebody may take the port before we do
		s.port = freePort(t)
		os.Remove(filepath.Join(s.dir, "nodes.conf")) // of a cluster, with the other port
		if s.start() {
			t.Cleanup(s.Stop)
			return s
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// Address is where it listens (HOST:PORT).
func (s *RedisServer) Address() string { return "127.0.0.1:" + s.port }

// Start starts it again, empty but for its place in a cluster.
func (s *RedisServer) Start() {
	s.t.Helper()
	if !s.start() {
		s.t.Fatal("redis-server does not start again")
	}
}

func (s *RedisServer) start() bool {
	s.cmd = exec.Command("redis-server", append([]string{
		"--port", s.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.dir,
	}, s.args...)...)
	if err := s.cmd.Start(); err != nil {
		return false
	}
	client := redis.NewClient(&redis.Options{Addr: s.Address(), MaxRetries: -1})
	defer client.Close()
	for range 200 {
		if client.Ping(context.Background()).Err() == nil {
			info, err := client.Info(context.Background(), "server").Result()
			return err == nil && strings.Contains(info, fmt.Sprintf("process_id:%d\r", s.cmd.Process.Pid))
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Stop()
	return false
}

// Stop ends it as a power cut would.
func (s *RedisServer) Stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}
