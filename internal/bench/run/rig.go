//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"leerkring/internal/bench/order"
	"leerkring/internal/database"
)

// rig is what all measurements use: the product, built; the stores; the seeded
// databases, of which each measurement gets a copy.
type rig struct {
	folder             string // everything lies in it, and goes with it
	servers, generator int    // processors
	self, product      string // programs
	profiles           string // folder; "" for none
	doing              string // experiment and system, for the names of profiles
	redis              *redis
	postgres           *postgres
	missing            map[string]string // what is not there, and why
	progress           io.Writer
	began              time.Time

	seats      map[string]string // store-layout → file for the generator
	sqliteSeed string            // file
	pgSeed     string            // name of a database
	folders    atomic.Int64

	mu         sync.Mutex
	complaints []string // warnings of servers
}

// filesNeeded is how many files a server may have open: each connection is one.
const filesNeeded = 16_384

// newRig makes a rig without programs, stores and data.
func newRig(ctx context.Context, profiles string, progress io.Writer) (*rig, error) {
	r := &rig{missing: map[string]string{}, progress: progress, began: time.Now(), profiles: profiles, seats: map[string]string{}}
	if err := allowFiles(filesNeeded); err != nil {
		return nil, err
	}
	var err error
	if r.servers, r.generator, err = processors(); err != nil {
		return nil, err
	}
	if r.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if r.folder, err = os.MkdirTemp("", "leerkring-bench-"); err != nil {
		return nil, err
	}
	r.product = filepath.Join(r.folder, "leerkring")
	return r, nil
}

// prepare builds the product and starts the stores.
func (r *rig) prepare(ctx context.Context) error {
	r.say("building, and starting Redis and PostgreSQL")
	var both sync.WaitGroup
	var built, started error
	both.Go(func() { built = r.buildProduct(ctx) })
	both.Go(func() { started = r.startStores(ctx) })
	both.Wait()
	return errors.Join(built, started)
}

// startStores starts Redis and PostgreSQL. What is not installed is missing,
// and no error.
func (r *rig) startStores(ctx context.Context) (err error) {
	if r.redis, err = startRedis(ctx, r.servers); r.note("Redis", err) != nil {
		return err
	}
	r.postgres, err = startPostgres(ctx, r.servers)
	return r.note("PostgreSQL", err)
}

// note writes down what is missing.
func (r *rig) note(what string, err error) error {
	if errors.Is(err, errMissing) {
		r.missing[what] = err.Error()
		return nil
	}
	return err
}

// seed fills the databases that the measurements copy. The rooms of inPostgres
// are made there as well.
func (r *rig) seed(ctx context.Context, layouts, inPostgres []layout) (err error) {
	r.say("making people, rooms, memberships and topics")
	r.sqliteSeed = filepath.Join(r.folder, "seed.db")
	if err := r.seedOne(ctx, "sqlite", database.Options{Path: r.sqliteSeed}, layouts); err != nil {
		return err
	}
	if r.postgres == nil {
		return nil
	}
	if r.pgSeed, err = r.postgres.make(ctx, ""); err != nil {
		return err
	}
	return r.seedOne(ctx, "postgres", database.Options{Address: r.postgres.database(r.pgSeed)}, inPostgres)
}

func (r *rig) seedOne(ctx context.Context, store string, o database.Options, layouts []layout) error {
	all, err := seed(ctx, o, layouts)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	for name, seats := range all {
		key := store + "-" + name
		r.seats[key] = filepath.Join(r.folder, key+".json")
		if err := os.WriteFile(r.seats[key], order.Line(seats), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// newFolder makes a folder for one server.
func (r *rig) newFolder() (string, error) {
	folder := filepath.Join(r.folder, fmt.Sprint("data", r.folders.Add(1)))
	return folder, os.Mkdir(folder, 0o700)
}

// complain keeps a warning of a server.
func (r *rig) complain(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.complaints = append(r.complaints, line)
}

// say tells how far it is.
func (r *rig) say(format string, args ...any) {
	fmt.Fprintf(r.progress, "%4.0fs  %s\n", time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
}

// close ends what the rig started and deletes what it made.
func (r *rig) close() {
	if r.postgres != nil {
		r.postgres.stop()
	}
	if r.redis != nil {
		r.redis.process.stop(syscall.SIGTERM)
	}
	os.RemoveAll(r.folder)
}
