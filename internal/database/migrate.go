package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"leerkring/migrations"
)

// ErrNewer says that a newer version of the product has used this database.
var ErrNewer = errors.New("the database is newer than this version of Leerkring")

// Migrate brings the schema to the version this program knows and returns the
// versions before and after. Of several nodes that start together one does the
// work and the others wait. A step that fails leaves nothing behind. A database
// that is newer is left alone: [ErrNewer].
func (db *DB) Migrate(ctx context.Context) (from, to int64, err error) {
	if db.Dialect == SQLite {
		unlock, err := lockFile(filepath.Join(filepath.Dir(db.dsn), ".migrate.lock"))
		if err != nil {
			return 0, 0, err
		}
		defer unlock()
	}
	provider, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	from, to, err = versions(ctx, provider)
	if err != nil || from > to {
		return from, to, errors.Join(err, newer(from, to))
	}
	_, err = provider.Up(ctx)
	return from, to, tell(err)
}

// Version returns the version of the schema and the one this program knows.
func (db *DB) Version(ctx context.Context) (have, want int64, err error) {
	provider, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	have, want, err = versions(ctx, provider)
	return have, want, tell(err)
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption(nil)
	if db.Dialect == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	steps, err := fs.Sub(migrations.Files, string(db.Dialect))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db.Handle(), steps, options...)
}

// versions reads the schema's version without changing an empty database.
func versions(ctx context.Context, p *goose.Provider) (have, want int64, err error) {
	sources := p.ListSources()
	want = sources[len(sources)-1].Version
	have, err = p.GetDBVersion(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, want, nil
	}
	return have, want, err
}

func newer(from, to int64) error {
	if from <= to {
		return nil
	}
	return fmt.Errorf("%w: its schema has version %d, this program knows up to %d", ErrNewer, from, to)
}

// lockFile waits until no other process holds the file.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
