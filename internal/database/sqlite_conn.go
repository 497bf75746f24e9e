package database

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"modernc.org/libc"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteConn is one connection to an SQLite file: the library itself, without
// database/sql and its driver, which took half of the time of a write (see
// docs/decisions/0014). It keeps every statement it has seen prepared: preparing
// costs more than running for most of ours.
//
// One goroutine may use it at a time, and one statement runs at a time: each is
// read to its end, or left, before the next begins. Statements cannot be
// interrupted: that would undo the whole transaction, the neighbours' part
// included.
type sqliteConn struct {
	tls        *libc.TLS
	db         uintptr
	statements map[string]*sqliteStatement
	memory     arguments
	// within: it is in a transaction that commit or rollback ends.
	within bool
	// writes is how many statements it has run that may change something.
	writes int
}

// maxStatements bounds the cache: `IN (?, ?, …)` makes a text for each length.
const maxStatements = 512

// openSQLiteConn opens the file, which must be there.
func openSQLiteConn(o Options) (*sqliteConn, error) {
	tls := libc.NewTLS()
	c := &sqliteConn{tls: tls, statements: map[string]*sqliteStatement{}, memory: arguments{tls: tls}}
	// Without the library's own lock: there is never more than one user.
	const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_NOMUTEX | sqlite3.SQLITE_OPEN_EXRESCODE
	opened := c.memory.pointer()
	rc := sqlite3.Xsqlite3_open_v2(c.tls, c.memory.text(o.Path+"\x00"), opened, flags, 0)
	c.db = pointerAt(opened)
	c.memory.release()
	if rc != sqlite3.SQLITE_OK {
		err := c.failure(rc)
		c.close()
		return nil, err
	}
	for _, p := range sqlitePragmas(o) {
		if err := c.run("PRAGMA " + p[0] + " = " + p[1]); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// close ends the connection; what was not committed is undone.
func (c *sqliteConn) close() {
	c.forget()
	sqlite3.Xsqlite3_close_v2(c.tls, c.db)
	c.memory.free()
	c.tls.Close()
}

// get reads the first row into dest.
func (c *sqliteConn) get(dest any, text string, args []any) error {
	s, err := c.start(text, args)
	if err != nil {
		return err
	}
	more, err := c.step(s)
	if err == nil && !more {
		err = ErrNoRows
	}
	if err == nil {
		err = c.readOne(s, dest)
	}
	return c.leave(s, err)
}

// list appends all rows to the slice that dest points to.
func (c *sqliteConn) list(dest any, text string, args []any) error {
	s, err := c.start(text, args)
	if err != nil {
		return err
	}
	return c.leave(s, c.readAll(s, dest))
}

// exec runs a statement to its end and returns how many rows it touched.
func (c *sqliteConn) exec(text string, args []any) (int64, error) {
	s, err := c.start(text, args)
	if err != nil {
		return 0, err
	}
	for more := true; more && err == nil; {
		more, err = c.step(s)
	}
	if err := c.leave(s, err); err != nil {
		return 0, err
	}
	return int64(sqlite3.Xsqlite3_changes(c.tls, c.db)), nil
}

// insert runs a statement that adds one row and returns the row's id.
func (c *sqliteConn) insert(text string, args []any) (int64, error) {
	n, err := c.exec(text, args)
	if err == nil && n == 0 {
		err = ErrNoRows
	}
	if err != nil {
		return 0, err
	}
	return sqlite3.Xsqlite3_last_insert_rowid(c.tls, c.db), nil
}

// run runs a statement for its effect alone.
func (c *sqliteConn) run(text string) error {
	_, err := c.exec(text, nil)
	return err
}

// begin begins a transaction with the right to write. One that takes that right
// later fails at once when another process writes, however long busy_timeout is.
func (c *sqliteConn) begin() error {
	err := c.run(`BEGIN IMMEDIATE`)
	c.within = err == nil
	return err
}

func (c *sqliteConn) commit() error {
	err := c.run(`COMMIT`)
	c.within = err != nil
	return err
}

// rollback undoes the transaction, unless the library has done so already.
func (c *sqliteConn) rollback() {
	c.within = false
	if sqlite3.Xsqlite3_get_autocommit(c.tls, c.db) == 0 {
		c.run(`ROLLBACK`)
	}
}

// errUndone says that the library has undone the transaction by itself, as it
// does when the disk is full.
var errUndone = &sqliteError{code: sqlite3.SQLITE_ABORT_ROLLBACK, message: "the transaction was undone"}

// check makes sure that the transaction is still there: what ran after it would
// be kept by itself.
func (c *sqliteConn) check() error {
	if c.within && sqlite3.Xsqlite3_get_autocommit(c.tls, c.db) != 0 {
		return errUndone
	}
	return nil
}

// start prepares a statement, if it is new, and gives it its arguments.
func (c *sqliteConn) start(text string, args []any) (*sqliteStatement, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s, err := c.statement(text)
	if err != nil {
		return nil, err
	}
	if len(args) != s.parameters {
		return nil, fmt.Errorf("database: %d arguments for %d parameters", len(args), s.parameters)
	}
	if s.mayWrite {
		c.writes++
	}
	for i, arg := range args {
		if err := c.bind(s.handle, int32(i+1), arg); err != nil {
			return nil, c.leave(s, err)
		}
	}
	return s, nil
}

// step goes to the next row, if there is one.
func (c *sqliteConn) step(s *sqliteStatement) (more bool, err error) {
	switch rc := sqlite3.Xsqlite3_step(c.tls, s.handle); rc {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, c.failure(rc)
	}
}

// leave makes the statement ready to run again. A write that was left after its
// first row ends here, so this may be where it fails.
func (c *sqliteConn) leave(s *sqliteStatement, err error) error {
	if rc := sqlite3.Xsqlite3_reset(c.tls, s.handle); rc != sqlite3.SQLITE_OK && err == nil {
		err = c.failure(rc)
	}
	c.memory.release()
	return err
}

// sqliteStatement is a prepared statement.
type sqliteStatement struct {
	handle     uintptr
	parameters int
	mayWrite   bool
	columns    []string
	plans      map[reflect.Type]plan
}

func (c *sqliteConn) statement(text string) (*sqliteStatement, error) {
	if s, ok := c.statements[text]; ok {
		return s, nil
	}
	if len(c.statements) >= maxStatements {
		c.forget()
	}
	s, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	c.statements[text] = s
	return s, nil
}

func (c *sqliteConn) prepare(text string) (*sqliteStatement, error) {
	prepared, rest := c.memory.pointer(), c.memory.pointer()
	rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, c.memory.text(text+"\x00"), int32(len(text)+1),
		sqlite3.SQLITE_PREPARE_PERSISTENT, prepared, rest)
	handle, tail := pointerAt(prepared), libc.GoString(pointerAt(rest))
	c.memory.release()
	if rc != sqlite3.SQLITE_OK {
		return nil, c.failure(rc)
	}
	if handle == 0 || strings.TrimSpace(tail) != "" {
		sqlite3.Xsqlite3_finalize(c.tls, handle)
		return nil, errors.New("database: not one statement")
	}
	s := &sqliteStatement{
		handle:     handle,
		parameters: int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, handle)),
		mayWrite:   sqlite3.Xsqlite3_stmt_readonly(c.tls, handle) == 0,
		columns:    make([]string, sqlite3.Xsqlite3_column_count(c.tls, handle)),
	}
	for i := range s.columns {
		s.columns[i] = libc.GoString(sqlite3.Xsqlite3_column_name(c.tls, handle, int32(i)))
	}
	return s, nil
}

func (c *sqliteConn) forget() {
	for text, s := range c.statements {
		sqlite3.Xsqlite3_finalize(c.tls, s.handle)
		delete(c.statements, text)
	}
}

// sqliteError is what the library said.
type sqliteError struct {
	code    int
	message string
}

func (e *sqliteError) Error() string { return fmt.Sprintf("SQLite: %s (%d)", e.message, e.code) }

func (c *sqliteConn) failure(rc int32) error {
	e := &sqliteError{code: int(rc), message: libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))}
	if c.db == 0 {
		return e
	}
	if detail := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)); detail != e.message {
		e.message += ": " + detail
	}
	return e
}

// isSQLiteTrouble knows the primary result codes that are nobody's mistake. The
// driver's error comes from what used the plain connection pool.
func isSQLiteTrouble(err error) bool {
	var ours *sqliteError
	var drivers *sqlite.Error
	code := 0
	switch {
	case errors.As(err, &ours):
		code = ours.code
	case errors.As(err, &drivers):
		code = drivers.Code()
	}
	switch code & 0xff {
	case sqlite3.SQLITE_ABORT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
