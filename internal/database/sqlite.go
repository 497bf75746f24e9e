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

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func init() { sqlx.BindDriver("sqlite", sqlx.QUESTION) }

// sqliteEngine has one connection that writes and a fixed set that read, each
// with its own prepared statements. SQLite itself allows one writer; asking for
// the lock in front of it, in our own queue, is what makes group commit
// possible and "database is locked" impossible within the process.
type sqliteEngine struct {
	pool    *sqlx.DB
	writer  *groupWriter
	readers chan *preparedSession
	size    int
	closing chan struct{}
}

func openSQLite(ctx context.Context, o Options) (*sqliteEngine, error) {
	if o.Path == "" {
		return nil, errors.New("no path for the SQLite file")
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o750); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	if err := ownersOnly(o.Path); err != nil {
		return nil, fmt.Errorf("the SQLite file cannot be made: %w", err)
	}
	pool, err := sqlx.Open("sqlite", sqliteDSN(o))
	if err != nil {
		return nil, err
	}
	pool.Mapper = columns
	e := &sqliteEngine{pool: pool, size: max(4, 2*runtime.NumCPU()), closing: make(chan struct{})}
	pool.SetMaxOpenConns(e.size + 2) // readers, the writer, and one for Handle
	pool.SetMaxIdleConns(e.size + 2)
	e.readers = make(chan *preparedSession, e.size)
	writing, err := prepare(ctx, pool)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("the SQLite file %s cannot be opened: %w", o.Path, err)
	}
	e.writer = newGroupWriter(writing)
	for range e.size {
		s, err := prepare(ctx, pool)
		if err == nil {
			_, err = s.exec(ctx, `PRAGMA query_only = 1`, nil)
		}
		if err != nil {
			pool.Close()
			return nil, err
		}
		e.readers <- s
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

// sqliteDSN sets what every connection needs. Times are integers of
// microseconds, so that their order is the order of the moments. A write takes
// the lock when it begins (BEGIN IMMEDIATE): a transaction that takes it later
// fails at once when another process writes, however long busy_timeout is.
func sqliteDSN(o Options) string {
	synchronous := "FULL"
	if o.Relaxed {
		synchronous = "OFF"
	}
	q := url.Values{"_pragma": {
		"busy_timeout(5000)",
		"journal_mode(WAL)",
		"synchronous(" + synchronous + ")",
		"foreign_keys(1)",
		"cache_size(-16000)",
		"temp_store(MEMORY)",
	}}
	q.Set("_time_integer_format", "unix_micro")
	q.Set("_inttotime", "1")
	q.Set("_txlock", "immediate")
	return "file:" + (&url.URL{Path: o.Path}).EscapedPath() + "?" + q.Encode()
}

func (e *sqliteEngine) handle() *sql.DB { return e.pool.DB }

func (e *sqliteEngine) write(ctx context.Context, fn func(*Tx) error) error {
	return e.writer.write(ctx, fn)
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	var s *preparedSession
	select {
	case s = <-e.readers:
	default:
		select {
		case s = <-e.readers:
		case <-e.closing:
			return errClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { e.readers <- s }()
	return s.view(ctx, fn)
}

// view runs fn between BEGIN and ROLLBACK, which is a snapshot in WAL mode.
func (s *preparedSession) view(ctx context.Context, fn func(*Tx) error) error {
	if _, err := s.exec(ctx, `BEGIN DEFERRED`, nil); err != nil {
		return err
	}
	defer s.exec(ctx, `ROLLBACK`, nil)
	return fn(&Tx{Dialect: SQLite, ctx: ctx, session: s})
}

func (e *sqliteEngine) close() error {
	e.writer.close()
	close(e.closing)
	for range e.size {
		s := <-e.readers
		s.close()
	}
	return e.pool.Close()
}

// preparedSession is one connection with the statements it has seen. Preparing
// costs more than running for most of ours.
//
// Statements run to their end even when the asker has gone: interrupting a
// write would undo the whole transaction, the neighbours' part included, and
// watching a context costs two goroutines a query.
type preparedSession struct {
	conn       *sqlx.Conn
	statements map[string]*sqlx.Stmt
}

// maxStatements bounds the cache: `IN (?, ?, …)` makes a text for each length.
const maxStatements = 512

func prepare(ctx context.Context, pool *sqlx.DB) (*preparedSession, error) {
	conn, err := pool.Connx(ctx)
	if err != nil {
		return nil, err
	}
	return &preparedSession{conn: conn, statements: map[string]*sqlx.Stmt{}}, nil
}

func (s *preparedSession) statement(ctx context.Context, text string) (*sqlx.Stmt, error) {
	if stmt, ok := s.statements[text]; ok {
		return stmt, nil
	}
	if len(s.statements) >= maxStatements {
		s.forget()
	}
	stmt, err := s.conn.PreparexContext(ctx, text)
	if err != nil {
		return nil, err
	}
	stmt.Mapper = columns // sqlx hands it on from a pool, not from a connection
	s.statements[text] = stmt
	return stmt, nil
}

func (s *preparedSession) get(ctx context.Context, dest any, text string, args []any) error {
	ctx = context.WithoutCancel(ctx)
	stmt, err := s.statement(ctx, text)
	if err != nil {
		return err
	}
	return stmt.GetContext(ctx, dest, args...)
}

func (s *preparedSession) list(ctx context.Context, dest any, text string, args []any) error {
	ctx = context.WithoutCancel(ctx)
	stmt, err := s.statement(ctx, text)
	if err != nil {
		return err
	}
	return stmt.SelectContext(ctx, dest, args...)
}

func (s *preparedSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	stmt, err := s.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *preparedSession) forget() {
	for text, stmt := range s.statements {
		stmt.Close()
		delete(s.statements, text)
	}
}

func (s *preparedSession) close() {
	s.forget()
	s.conn.Close()
}

// isSQLiteTrouble knows the primary result codes that are nobody's mistake.
func isSQLiteTrouble(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
