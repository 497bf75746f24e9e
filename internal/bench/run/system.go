//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// system is something that can be measured, by name.
type system struct {
	name  string
	store string // which seed its seats come from: sqlite or postgres
	needs string // what must be installed for it
	start func(ctx context.Context, r *rig) (*running, error)
}

// running is a server that listens, with the stores it uses.
type running struct {
	address string
	process *process
	// cpu is what the server side has used, its stores included.
	cpu  func() (time.Duration, error)
	stop func()
	// profiled: it has package profile in it.
	profiled bool
}

// profile begins or ends taking a profile.
func (r *running) profile(signal syscall.Signal) {
	if r.profiled {
		r.process.cmd.Process.Signal(signal)
	}
}

// The systems. baseline is the bare one; product is one node with SQLite.
var (
	baseline    = system{"bare", "sqlite", "", startBare}
	product     = system{"SQLite", "sqlite", "", startProduct}
	productNode = system{"SQLite + Redis", "sqlite", "Redis", startProductRedis}
	productPG   = system{"PostgreSQL", "postgres", "PostgreSQL", startProductPG}
)

// The stores alone, beside which "persist" stands.
var (
	storeSQLite = system{"SQLite alone, 256 submitters", "sqlite", "", nil}
	storePG     = system{"PostgreSQL alone, 256 submitters", "postgres", "PostgreSQL", nil}
)

// oneProcessor makes a Go program count on one.
const oneProcessor = "GOMAXPROCS=1"

func startBare(ctx context.Context, r *rig) (*running, error) {
	p, address, err := startServer(ctx, r.servers, []string{oneProcessor}, r.complain, r.self, "bare", "-file", r.sqliteSeed)
	if err != nil {
		return nil, err
	}
	return &running{
		address: address, process: p, stop: func() { p.stop(0) },
		cpu: func() (time.Duration, error) { return cpuOf(p.pid()) },
	}, nil
}

func startProduct(ctx context.Context, r *rig) (*running, error) {
	folder, err := r.seededFolder()
	if err != nil {
		return nil, err
	}
	return r.serve(ctx, folder)
}

func startProductRedis(ctx context.Context, r *rig) (*running, error) {
	folder, err := r.seededFolder()
	if err != nil {
		return nil, err
	}
	up, err := r.serve(ctx, folder, "LEERKRING_REDIS="+r.redis.address, "LEERKRING_REDIS_PREFIX="+filepath.Base(folder)+":")
	if err != nil {
		return nil, err
	}
	alone := up.cpu
	up.cpu = func() (time.Duration, error) {
		return sum(alone, func() (time.Duration, error) { return cpuOf(r.redis.process.pid()) })
	}
	return up, nil
}

func startProductPG(ctx context.Context, r *rig) (*running, error) {
	name, err := r.postgres.make(ctx, r.pgSeed)
	if err != nil {
		return nil, err
	}
	folder, err := r.newFolder()
	if err != nil {
		return nil, err
	}
	up, err := r.serve(ctx, folder, "LEERKRING_DATABASE="+r.postgres.database(name))
	if err != nil {
		r.postgres.drop(name)
		return nil, err
	}
	alone, stop := up.cpu, up.stop
	up.cpu = func() (time.Duration, error) { return sum(alone, r.postgres.cpu) }
	up.stop = func() { stop(); r.postgres.drop(name) }
	return up, nil
}

// serve starts the product with its data in folder. Nothing of it is left out
// but the limits on how fast one person may write.
func (r *rig) serve(ctx context.Context, folder string, settings ...string) (*running, error) {
	env := append([]string{
		oneProcessor, "LEERKRING_DATA=" + folder, "LEERKRING_ADDR=127.0.0.1:0", "LEERKRING_LIMITS=off",
	}, settings...)
	if r.profiles != "" {
		env = append(env, "BENCH_PROFILE="+filepath.Join(r.profiles, r.doing))
	}
	p, address, err := startServer(ctx, r.servers, env, r.complain, r.product, "serve")
	if err != nil {
		return nil, err
	}
	return &running{
		address: address, process: p,
		stop: func() { p.stop(syscall.SIGTERM); os.RemoveAll(folder) },
		cpu:  func() (time.Duration, error) { return cpuOf(p.pid()) }, profiled: r.profiles != "",
	}, nil
}

func sum(parts ...func() (time.Duration, error)) (total time.Duration, err error) {
	for _, part := range parts {
		d, err := part()
		if err != nil {
			return 0, err
		}
		total += d
	}
	return total, nil
}

// seededFolder makes a folder with a copy of the seeded SQLite file.
func (r *rig) seededFolder() (string, error) {
	folder, err := r.newFolder()
	if err != nil {
		return "", err
	}
	return folder, copyFile(filepath.Join(folder, "leerkring.db"), r.sqliteSeed)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return fmt.Errorf("copying the seeded database: %w", err)
	}
	// On disk now, so that no writing back disturbs the measurement.
	if err := out.Sync(); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
