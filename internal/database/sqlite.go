package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
)

// sqliteEngine has one connection that writes and a fixed set that read. SQLite
// itself allows one writer; asking for the lock in front of it, in our own
// queue, is what makes group commit possible and "database is locked"
// impossible within the process.
type sqliteEngine struct {
	pool    *sql.DB // for handle alone
	writer  *groupWriter
	readers chan *sqliteConn
	closing chan struct{}
}

func openSQLite(o Options) (*sqliteEngine, error) {
	if o.Path == "" {
		return nil, errors.New("no path for the SQLite file")
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o750); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	if err := ownersOnly(o.Path); err != nil {
		return nil, fmt.Errorf("the SQLite file cannot be made: %w", err)
	}
	pool, err := sql.Open("sqlite", sqliteDSN(o))
	if err != nil {
		return nil, err
	}
	writing, err := openSQLiteConn(o)
	if err != nil {
		return nil, fmt.Errorf("the SQLite file %s cannot be opened: %w", o.Path, err)
	}
	e := &sqliteEngine{
		pool: pool, writer: newGroupWriter(writing),
		readers: make(chan *sqliteConn, max(4, 2*runtime.NumCPU())), closing: make(chan struct{}),
	}
	for range cap(e.readers) {
		reading, err := openSQLiteConn(o)
		if err == nil {
			err = reading.run(`PRAGMA query_only = 1`)
		}
		if err != nil {
			e.writer.close()
			return nil, err
		}
		e.readers <- reading
	}
	return e, nil
}

// ownersOnly makes the file, if it is not there, so that no other user of the
// machine can read it; the files beside it get the same rights.
func ownersOnly(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// sqlitePragmas sets what every connection needs; patience comes first.
func sqlitePragmas(o Options) [][2]string {
	synchronous := "FULL"
	if o.Relaxed {
		synchronous = "OFF"
	}
	return [][2]string{
		{"busy_timeout", "5000"},
		{"journal_mode", "WAL"},
		{"synchronous", synchronous},
		{"foreign_keys", "1"},
		{"cache_size", "-16000"},
		{"temp_store", "MEMORY"},
	}
}

// sqliteDSN makes the connections of the pool as our own are.
func sqliteDSN(o Options) string {
	q := url.Values{}
	for _, p := range sqlitePragmas(o) {
		q.Add("_pragma", p[0]+"("+p[1]+")")
	}
	q.Set("_time_integer_format", "unix_micro")
	q.Set("_inttotime", "1")
	q.Set("_txlock", "immediate")
	return "file:" + (&url.URL{Path: o.Path}).EscapedPath() + "?" + q.Encode()
}

func (e *sqliteEngine) handle() *sql.DB { return e.pool }

func (e *sqliteEngine) write(ctx context.Context, fn func(*Tx) error) error {
	return e.writer.write(ctx, fn)
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	var c *sqliteConn
	select {
	case c = <-e.readers:
	default:
		select {
		case c = <-e.readers:
		case <-e.closing:
			return errClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { e.readers <- c }()
	return c.view(ctx, fn)
}

// view runs fn between BEGIN and ROLLBACK, which is a snapshot in WAL mode.
func (c *sqliteConn) view(ctx context.Context, fn func(*Tx) error) error {
	if err := c.run(`BEGIN DEFERRED`); err != nil {
		return err
	}
	defer c.run(`ROLLBACK`)
	return fn(&Tx{Dialect: SQLite, ctx: ctx, session: c})
}

func (e *sqliteEngine) close() error {
	e.writer.close()
	close(e.closing)
	for range cap(e.readers) {
		(<-e.readers).close()
	}
	return e.pool.Close()
}
