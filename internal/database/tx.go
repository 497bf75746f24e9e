package database

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"
)

// Tx is a transaction. Columns are read into struct fields by name, in snake
// case: space_id goes to SpaceID. A slice among the arguments fills `IN (?)`.
type Tx struct {
	Dialect Dialect
	ctx     context.Context
	session session
}

// session runs statements on one connection.
type session interface {
	get(dest any, text string, args []any) error
	list(dest any, text string, args []any) error
	exec(text string, args []any) (int64, error)
	insert(text string, args []any) (id int64, err error)
}

// Context returns the context of whoever asked for the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Get reads one row into dest, a struct or a single value; [ErrNoRows] when
// there is none.
func (tx *Tx) Get(dest any, text string, args ...any) error {
	text, args, err := expand(text, args)
	if err != nil {
		return err
	}
	return located(tx.session.get(dest, text, args), text)
}

// Select reads all rows into dest, a pointer to a slice.
func (tx *Tx) Select(dest any, text string, args ...any) error {
	text, args, err := expand(text, args)
	if err != nil {
		return err
	}
	return located(tx.session.list(dest, text, args), text)
}

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(text string, args ...any) (int64, error) {
	text, args, err := expand(text, args)
	if err != nil {
		return 0, err
	}
	n, err := tx.session.exec(text, args)
	return n, located(err, text)
}

// Insert adds one row to a table and returns the id that it got there;
// [ErrNoRows] when ON CONFLICT DO NOTHING had it do nothing. It takes an INSERT
// without RETURNING, for which SQLite keeps a copy of every page it touches.
func (tx *Tx) Insert(text string, args ...any) (id int64, err error) {
	id, err = tx.session.insert(text, args)
	return id, located(err, text)
}

// Exists reports whether the query gives a row. The query selects a number.
func (tx *Tx) Exists(text string, args ...any) (bool, error) {
	var one int64
	switch err := tx.Get(&one, text, args...); err {
	case nil:
		return true, nil
	case ErrNoRows:
		return false, nil
	default:
		return false, err
	}
}

// expand fills `IN (?)` when an argument is a slice. An empty slice matches
// nothing.
func expand(text string, args []any) (string, []any, error) {
	lists := false
	for i, arg := range args {
		v := reflect.ValueOf(arg)
		if v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
			continue
		}
		if v.Len() == 0 {
			args[i] = []any{nil} // NULL equals nothing
		}
		lists = true
	}
	if !lists {
		return text, args, nil
	}
	return sqlx.In(text, args...)
}

// located adds the first words of the statement, for the log.
func located(err error, text string) error {
	if err == nil || err == ErrNoRows {
		return err
	}
	words := strings.Join(strings.Fields(text), " ")
	if len(words) > 80 {
		words = words[:80] + "…"
	}
	return fmt.Errorf("%w in: %s", err, words)
}

// Time is a moment read from an expression (max(created_at)), for which SQLite
// forgets the column's type. Zero when it is null.
type Time struct{ time.Time }

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		t.Time = time.Time{}
	case int64:
		t.Time = time.UnixMicro(v).UTC()
	case time.Time:
		t.Time = v.UTC()
	default:
		return fmt.Errorf("database: cannot read a time from %T", src)
	}
	return nil
}

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UTC(), nil
}

// columns maps field names to column names: SpaceID, HTML → space_id, html.
var columns = reflectx.NewMapperFunc("db", snake)

func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) {
			startsWord := i > 0 && (unicode.IsLower(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1])))
			if startsWord {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
