package database

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// bind gives a statement one of its arguments, numbered from 1. Moments are
// integers of microseconds, so that their order is the order of the moments.
func (c *sqliteConn) bind(handle uintptr, i int32, arg any) error {
	var rc int32
	switch v := arg.(type) {
	case nil:
		rc = sqlite3.Xsqlite3_bind_null(c.tls, handle, i)
	case int64:
		rc = sqlite3.Xsqlite3_bind_int64(c.tls, handle, i, v)
	case int:
		rc = sqlite3.Xsqlite3_bind_int64(c.tls, handle, i, int64(v))
	case bool:
		rc = sqlite3.Xsqlite3_bind_int64(c.tls, handle, i, int64(libc.Bool32(v)))
	case float64:
		rc = sqlite3.Xsqlite3_bind_double(c.tls, handle, i, v)
	case string:
		rc = sqlite3.Xsqlite3_bind_text(c.tls, handle, i, c.memory.text(v), int32(len(v)), sqlite3.SQLITE_STATIC)
	case []byte:
		if v == nil {
			return c.bind(handle, i, nil)
		}
		rc = sqlite3.Xsqlite3_bind_blob(c.tls, handle, i, c.memory.text(string(v)), int32(len(v)), sqlite3.SQLITE_STATIC)
	case time.Time:
		rc = sqlite3.Xsqlite3_bind_int64(c.tls, handle, i, v.UnixMicro())
	case driver.Valuer:
		value, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return err
		}
		return c.bind(handle, i, value)
	default:
		plain, err := plainValue(reflect.ValueOf(arg))
		if err != nil {
			return err
		}
		return c.bind(handle, i, plain)
	}
	if rc != sqlite3.SQLITE_OK {
		return c.failure(rc)
	}
	return nil
}

// plainValue returns what a pointer points to, or the plain type under a named
// one.
func plainValue(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return v.Elem().Interface(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint()), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("database: %s is no argument", v.Type())
}

// arguments is memory of the library's that holds the texts a statement is
// given while it runs. Most fit in one block, which stays; what does not gets
// its own.
type arguments struct {
	tls   *libc.TLS
	block uintptr
	used  int
	large []uintptr
}

const (
	blockSize   = 64 << 10
	pointerSize = int(unsafe.Sizeof(uintptr(0)))
)

// text copies a text and returns where it stands: never 0, also when it is
// empty.
func (m *arguments) text(s string) uintptr {
	p := m.take(len(s))
	copy(libc.GoBytes(p, len(s)), s)
	return p
}

// pointer returns a place for the library to write a pointer to.
func (m *arguments) pointer() uintptr {
	m.used = (m.used + pointerSize - 1) &^ (pointerSize - 1)
	p := m.take(pointerSize)
	clear(libc.GoBytes(p, pointerSize))
	return p
}

// pointerAt reads what the library wrote there.
func pointerAt(p uintptr) uintptr {
	return *(*uintptr)(unsafe.Pointer(&libc.GoBytes(p, pointerSize)[0]))
}

func (m *arguments) take(n int) uintptr {
	if m.block == 0 {
		m.block = m.allocate(blockSize)
	}
	if m.used+n >= blockSize {
		p := m.allocate(n)
		m.large = append(m.large, p)
		return p
	}
	p := m.block + uintptr(m.used)
	m.used += n
	return p
}

func (m *arguments) allocate(n int) uintptr {
	p := sqlite3.Xsqlite3_malloc64(m.tls, uint64(max(n, 1)))
	if p == 0 {
		panic("database: no memory")
	}
	return p
}

// release makes the memory free for the next statement.
func (m *arguments) release() {
	m.used = 0
	for _, p := range m.large {
		sqlite3.Xsqlite3_free(m.tls, p)
	}
	m.large = m.large[:0]
}

// free gives all of it back.
func (m *arguments) free() {
	m.release()
	sqlite3.Xsqlite3_free(m.tls, m.block)
	m.block = 0
}
