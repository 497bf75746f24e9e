// Package database keeps the data: in an embedded SQLite file, or in
// PostgreSQL. It owns connections, transactions and the schema's version, and
// gives the rooms two verbs:
//
//   - [DB.Read] runs a function on one consistent, read-only view;
//   - [DB.Write] runs a function in a transaction. It is the only way to change
//     data.
//
// The rooms write one SQL text for both databases: `?` for a parameter,
// RETURNING, ON CONFLICT, and never the database's own clock. Package database
// knows no table.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"leerkring/internal/fault"
)

// Dialect tells the two databases apart where one SQL text cannot serve.
type Dialect string

const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// Options says which database to open.
type Options struct {
	// Address is postgres://…, or empty for SQLite. An address without parts
	// takes the missing ones from the PG* environment variables.
	Address string
	// Path is the SQLite file; it is made when it is not there.
	Path string
	// Relaxed gives up durability for speed: a commit does not wait for the
	// disk. For test data and for loading the demo, never for serving.
	Relaxed bool
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	Dialect Dialect
	engine  engine
	dsn     string
	close   func() error
}

// engine is what the two databases do differently.
type engine interface {
	read(ctx context.Context, fn func(*Tx) error) error
	write(ctx context.Context, fn func(*Tx) error) error
	// handle is a plain connection pool, for migrations and for backups.
	handle() *sql.DB
	close() error
}

// Open connects to the database and makes sure that it answers. The error says
// what to do.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Address != "" {
		if !strings.HasPrefix(o.Address, "postgres://") && !strings.HasPrefix(o.Address, "postgresql://") {
			return nil, fmt.Errorf("the address must begin with postgres://")
		}
		engine, err := openPostgres(ctx, o)
		if err != nil {
			return nil, err
		}
		return &DB{Dialect: PostgreSQL, engine: engine, dsn: o.Address, close: sync.OnceValue(engine.close)}, nil
	}
	engine, err := openSQLite(o)
	if err != nil {
		return nil, err
	}
	return &DB{Dialect: SQLite, engine: engine, dsn: o.Path, close: sync.OnceValue(engine.close)}, nil
}

// Read runs fn on one consistent view of the data. What fn returns comes back
// as it is; a database that does not answer is a fault of kind Unavailable.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return tell(db.engine.read(ctx, fn))
}

// Write runs fn in a transaction and returns nil only after its commit is on
// disk. An error of fn undoes all it did and comes back as it is.
//
// fn may run twice, or run and be undone: it must have no effect outside the
// transaction. It must use its Tx alone, no other Read or Write.
//
// A busy or failing database is a fault of kind Unavailable. Then the write may
// or may not have been kept: whoever must know repeats it under the same nonce.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return tell(db.engine.write(ctx, fn))
}

// Ping makes sure that the database answers.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return db.Read(ctx, func(tx *Tx) error {
		var one int
		return tx.Get(&one, `SELECT 1`)
	})
}

// Handle returns a plain connection pool to the same database, for the tools
// that need one: migrations, backup, tests. Rooms use Read and Write.
func (db *DB) Handle() *sql.DB { return db.engine.handle() }

// Close ends all connections. Running transactions end first. Closing again
// does nothing.
func (db *DB) Close() error { return db.close() }

// ErrNoRows is what [Tx.Get] returns when nothing matches.
var ErrNoRows = sql.ErrNoRows

// tell turns an error of the database itself into the fault to tell, and lets
// every other error through.
func tell(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	if isTrouble(err) {
		return fault.Down(err)
	}
	return err
}

// isTrouble reports whether err says that the database is busy, full, broken
// or away, as against a mistake in our SQL.
func isTrouble(err error) bool {
	return isSQLiteTrouble(err) || isPostgresTrouble(err) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, errClosed)
}

var errClosed = errors.New("database: closed")
