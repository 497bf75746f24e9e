// Package testkit gives tests real stores: a migrated SQLite file of their own,
// and, where PostgreSQL and Redis run, those as well. A store that is missing
// skips a test with a loud line, and fails it when CI=true.
package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"leerkring/internal/database"
	"leerkring/migrations"
)

// EachDatabase runs the test on SQLite and on PostgreSQL, each time with an
// empty, migrated database of its own.
func EachDatabase(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, PostgreSQL(t)) })
}

// SQLite returns an empty, migrated database in a file that goes with the test.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leerkring.db")
	if err := os.WriteFile(path, template(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, database.Options{Path: path, Relaxed: true})
}

// PostgreSQL returns an empty, migrated database on the server that the PG*
// variables name. It is dropped after the test.
func PostgreSQL(t testing.TB) *database.DB {
	t.Helper()
	server := postgres(t)
	template, err := postgresTemplate(server)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, database.Options{Address: makeDatabase(t, server, template), Relaxed: true})
}

var databases atomic.Int64

// PostgreSQLAddress makes an empty database and returns its address. It is
// dropped after the test.
func PostgreSQLAddress(t testing.TB) string {
	t.Helper()
	return makeDatabase(t, postgres(t), "template0")
}

// postgres connects to the server of the tests.
func postgres(t testing.TB) *sql.DB {
	t.Helper()
	if os.Getenv("PGHOST") == "" {
		missing(t, "PostgreSQL (PGHOST is not set); `make test` starts one")
	}
	server, err := sql.Open("pgx", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

func makeDatabase(t testing.TB, server *sql.DB, template string) (address string) {
	t.Helper()
	name := fmt.Sprintf("leerkring_test_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := server.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + template + ` ENCODING 'UTF8'`); err != nil {
		t.Fatalf("a test database cannot be made: %v", err)
	}
	t.Cleanup(func() { server.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) })
	return "postgres:///" + name
}

// postgresTemplate returns the name of a migrated, empty database to copy: one
// for this schema on the server, which the first test that needs it makes, and
// which stays until the server goes.
func postgresTemplate(server *sql.DB) (name string, err error) {
	ctx := context.Background()
	name = "leerkring_template_" + schemaHash()
	conn, err := server.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	const lock = 4_917_023 // any number that the tests agree on
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return "", err
	}
	defer conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, lock)
	var there bool
	if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return name, err
	}
	making := name + "_making"
	if _, err := conn.ExecContext(ctx, `DROP DATABASE IF EXISTS `+making+` WITH (FORCE)`); err != nil {
		return "", err
	}
	if _, err := conn.ExecContext(ctx, `CREATE DATABASE `+making+` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return "", err
	}
	db, err := database.Open(ctx, database.Options{Address: "postgres:///" + making, Relaxed: true})
	if err != nil {
		return "", err
	}
	_, _, err = db.Migrate(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, `ALTER DATABASE `+making+` RENAME TO `+name)
	return name, err
}

// schemaHash tells one schema from another.
func schemaHash() string {
	h := fnv.New64a()
	fs.WalkDir(migrations.Files, "postgres", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := migrations.Files.ReadFile(path)
			h.Write([]byte(path))
			h.Write(text)
		}
		return err
	})
	return fmt.Sprintf("%x", h.Sum64())
}

// OpenFile opens a SQLite file that is there already.
func OpenFile(t testing.TB, path string) *database.DB {
	t.Helper()
	return open(t, database.Options{Path: path})
}

func open(t testing.TB, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}

// template is a migrated, empty SQLite file, made once per test binary.
func template(t testing.TB) []byte {
	t.Helper()
	file, err := templateOnce()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var templateOnce = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "leerkring-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	db, err := database.Open(context.Background(), database.Options{Path: path, Relaxed: true})
	if err != nil {
		return nil, err
	}
	if _, _, err := db.Migrate(context.Background()); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // moves the write-ahead log into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// missing skips the test, or fails it where everything must be there.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing: %s", what)
	}
	t.Skipf("SKIPPED for want of %s", what)
}
