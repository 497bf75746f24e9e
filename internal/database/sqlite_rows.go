package database

import (
	"database/sql"
	"fmt"
	"reflect"
	"time"

	"github.com/jmoiron/sqlx/reflectx"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// readOne reads the present row into what dest points to.
func (c *sqliteConn) readOne(s *sqliteStatement, dest any) error {
	v, err := pointedTo(dest)
	if err != nil {
		return err
	}
	plan, err := s.planFor(v.Type())
	if err != nil {
		return err
	}
	return plan.read(c, s, v)
}

// readAll appends the rows to the slice that dest points to.
func (c *sqliteConn) readAll(s *sqliteStatement, dest any) error {
	slice, err := pointedTo(dest)
	if err != nil {
		return err
	}
	if slice.Kind() != reflect.Slice {
		return fmt.Errorf("database: rows cannot be read into %s", slice.Type())
	}
	plan, err := s.planFor(slice.Type().Elem())
	if err != nil {
		return err
	}
	for {
		more, err := c.step(s)
		if err != nil || !more {
			return err
		}
		n := slice.Len()
		slice.Grow(1)
		slice.SetLen(n + 1)
		slice.Index(n).SetZero()
		if err := plan.read(c, s, slice.Index(n)); err != nil {
			return err
		}
	}
}

func pointedTo(dest any) (reflect.Value, error) {
	v := reflect.ValueOf(dest)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return v, fmt.Errorf("database: cannot read into %T", dest)
	}
	return v.Elem(), nil
}

// plan says where the columns of a statement go in a Go type. It is made once
// for each pair of the two.
type plan []target

type target struct {
	path []int // of fields; empty is the value itself
	read reader
}

// reader reads a column of the present row into a value.
type reader func(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error

func (p plan) read(c *sqliteConn, s *sqliteStatement, v reflect.Value) error {
	for i, t := range p {
		field := v
		switch len(t.path) {
		case 0:
		case 1:
			field = v.Field(t.path[0])
		default:
			field = reflectx.FieldByIndexes(v, t.path)
		}
		if err := t.read(c, s.handle, int32(i), field); err != nil {
			return fmt.Errorf("column %s: %w", s.columns[i], err)
		}
	}
	return nil
}

func (s *sqliteStatement) planFor(t reflect.Type) (plan, error) {
	if p, ok := s.plans[t]; ok {
		return p, nil
	}
	p, err := s.makePlan(t)
	if err != nil {
		return nil, err
	}
	if s.plans == nil {
		s.plans = map[reflect.Type]plan{}
	}
	s.plans[t] = p
	return p, nil
}

func (s *sqliteStatement) makePlan(t reflect.Type) (plan, error) {
	if len(s.columns) == 0 {
		return nil, fmt.Errorf("database: the statement gives no rows")
	}
	if read := readerFor(t); read != nil {
		if len(s.columns) > 1 {
			return nil, fmt.Errorf("database: %d columns cannot be read into %s", len(s.columns), t)
		}
		return plan{{read: read}}, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("database: cannot read into %s", t)
	}
	p := make(plan, len(s.columns))
	for i, path := range columns.TraversalsByName(t, s.columns) {
		if len(path) == 0 {
			return nil, fmt.Errorf("database: column %s has no field in %s", s.columns[i], t)
		}
		field := t.FieldByIndex(path).Type
		if p[i] = (target{path, readerFor(field)}); p[i].read == nil {
			return nil, fmt.Errorf("database: column %s cannot be read into %s", s.columns[i], field)
		}
	}
	return p, nil
}

var (
	typeTime    = reflect.TypeFor[time.Time]()
	typeScanner = reflect.TypeFor[sql.Scanner]()
)

// readerFor returns how a column is read into a type, nil when it is not one
// that a column fits in.
func readerFor(t reflect.Type) reader {
	switch {
	case reflect.PointerTo(t).Implements(typeScanner):
		return readScanner
	case t == typeTime:
		return readTime
	}
	switch t.Kind() {
	case reflect.Pointer:
		if inner := readerFor(t.Elem()); inner != nil {
			return readPointer(inner)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Bool:
		return readBool
	case reflect.Float32, reflect.Float64:
		return readFloat
	case reflect.String:
		return readText
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return readBytes
		}
	}
	return nil
}

func readInt(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	if err := c.expect(handle, column, v, sqlite3.SQLITE_INTEGER); err != nil {
		return err
	}
	n := sqlite3.Xsqlite3_column_int64(c.tls, handle, column)
	if v.OverflowInt(n) {
		return fmt.Errorf("%d does not fit in %s", n, v.Type())
	}
	v.SetInt(n)
	return nil
}

func readBool(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	if err := c.expect(handle, column, v, sqlite3.SQLITE_INTEGER); err != nil {
		return err
	}
	v.SetBool(sqlite3.Xsqlite3_column_int64(c.tls, handle, column) != 0)
	return nil
}

func readFloat(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	if err := c.expect(handle, column, v, sqlite3.SQLITE_FLOAT, sqlite3.SQLITE_INTEGER); err != nil {
		return err
	}
	v.SetFloat(sqlite3.Xsqlite3_column_double(c.tls, handle, column))
	return nil
}

func readText(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	if err := c.expect(handle, column, v, sqlite3.SQLITE_TEXT); err != nil {
		return err
	}
	v.SetString(string(c.text(handle, column)))
	return nil
}

func readBytes(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	switch sqlite3.Xsqlite3_column_type(c.tls, handle, column) {
	case sqlite3.SQLITE_NULL:
		v.SetZero()
		return nil
	case sqlite3.SQLITE_BLOB, sqlite3.SQLITE_TEXT:
		v.SetBytes(append([]byte{}, c.text(handle, column)...))
		return nil
	}
	return c.expect(handle, column, v, sqlite3.SQLITE_BLOB)
}

func readTime(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	if err := c.expect(handle, column, v, sqlite3.SQLITE_INTEGER); err != nil {
		return err
	}
	v.Set(reflect.ValueOf(time.UnixMicro(sqlite3.Xsqlite3_column_int64(c.tls, handle, column)).UTC()))
	return nil
}

func readPointer(inner reader) reader {
	return func(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
		if sqlite3.Xsqlite3_column_type(c.tls, handle, column) == sqlite3.SQLITE_NULL {
			v.SetZero()
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return inner(c, handle, column, v.Elem())
	}
}

func readScanner(c *sqliteConn, handle uintptr, column int32, v reflect.Value) error {
	var src any
	switch sqlite3.Xsqlite3_column_type(c.tls, handle, column) {
	case sqlite3.SQLITE_INTEGER:
		src = sqlite3.Xsqlite3_column_int64(c.tls, handle, column)
	case sqlite3.SQLITE_FLOAT:
		src = sqlite3.Xsqlite3_column_double(c.tls, handle, column)
	case sqlite3.SQLITE_TEXT:
		src = string(c.text(handle, column))
	case sqlite3.SQLITE_BLOB:
		src = append([]byte{}, c.text(handle, column)...)
	}
	return v.Addr().Interface().(sql.Scanner).Scan(src)
}

// text returns the bytes of a text or blob, which stand there until the next
// step.
func (c *sqliteConn) text(handle uintptr, column int32) []byte {
	p := sqlite3.Xsqlite3_column_blob(c.tls, handle, column)
	n := sqlite3.Xsqlite3_column_bytes(c.tls, handle, column)
	if n == 0 {
		return nil
	}
	return libc.GoBytes(p, int(n))
}

// expect makes sure that a column holds what is to be read from it: the library
// would make a number of any text, and 0 of null.
func (c *sqliteConn) expect(handle uintptr, column int32, v reflect.Value, kinds ...int32) error {
	found := sqlite3.Xsqlite3_column_type(c.tls, handle, column)
	for _, k := range kinds {
		if k == found {
			return nil
		}
	}
	return fmt.Errorf("%s cannot be read into %s", kindNames[found], v.Type())
}

var kindNames = map[int32]string{
	sqlite3.SQLITE_INTEGER: "an integer", sqlite3.SQLITE_FLOAT: "a fraction", sqlite3.SQLITE_TEXT: "a text",
	sqlite3.SQLITE_BLOB: "a blob", sqlite3.SQLITE_NULL: "null",
}
