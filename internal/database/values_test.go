package database_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

// kind is a named text, as the rooms have many.
type kind string

type inner struct{ Folded string }

type outer struct {
	inner
	ID        int64
	Name      kind
	Old       bool
	Parent    *int64
	Nick      *string
	CreatedAt time.Time
	EndedAt   *time.Time
	Data      []byte
	Share     float64
}

func TestValuesGoInAndComeOut(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		long := strings.Repeat("Ik hou van lange teksten. ë\n", 20_000)
		nick, parent := "", int64(7)
		if err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`CREATE TABLE things (id bigint, folded text, name text, old boolean, parent bigint, nick text,
				created_at timestamp, ended_at timestamp, data ` + map[database.Dialect]string{
				database.SQLite: "blob", database.PostgreSQL: "bytea"}[tx.Dialect] + `, share double precision)`)
			if err != nil {
				return err
			}
			const insert = `INSERT INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
			if _, err := tx.Exec(insert, 1, long, kind("a"), true, &parent, &nick, moment, &moment, []byte{0, 1, 0xff}, 0.25); err != nil {
				return err
			}
			_, err = tx.Exec(insert, int32(2), "", kind(""), false, (*int64)(nil), nil, database.Time{Time: moment}, database.Time{}, []byte(nil), 2)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var rows []outer
		var names []kind
		if err := db.Read(ctx, func(tx *database.Tx) error {
			if err := tx.Select(&rows, `SELECT * FROM things ORDER BY id`); err != nil {
				return err
			}
			return tx.Select(&names, `SELECT name FROM things WHERE id IN (?) AND created_at = ? ORDER BY id`, []int{1, 2}, moment)
		}); err != nil {
			t.Fatal(err)
		}
		first, second := rows[0], rows[1]
		if first.ID != 1 || first.Folded != long || first.Name != "a" || !first.Old || *first.Parent != 7 || *first.Nick != "" ||
			!first.CreatedAt.Equal(moment) || !first.EndedAt.Equal(moment) || !bytes.Equal(first.Data, []byte{0, 1, 0xff}) || first.Share != 0.25 {
			first.Folded = first.Folded[:min(20, len(first.Folded))]
			t.Errorf("the first is %+v", first)
		}
		if second.ID != 2 || second.Folded != "" || second.Name != "" || second.Old || second.Parent != nil || second.Nick != nil ||
			!second.CreatedAt.Equal(moment) || second.EndedAt != nil || second.Data != nil || second.Share != 2 {
			t.Errorf("the second is %+v", second)
		}
		if !slices.Equal(names, []kind{"a", ""}) {
			t.Errorf("the names are %q", names)
		}
	})
}

// What does not fit is an error, never a zero.
func TestWhatDoesNotFitIsAnError(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		if err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := addOrganisation(tx, "a")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var number int64
		var small int8
		var text string
		var moment time.Time
		var row struct{ ID int64 }
		var rows []struct{ ID int64 }
		for _, c := range []struct {
			into any
			text string
			args []any
		}{
			{&number, `SELECT CAST(NULL AS integer)`, nil},
			{&text, `SELECT CAST(NULL AS text)`, nil},
			{&moment, `SELECT digest_due_at FROM (SELECT CAST(NULL AS timestamp) AS digest_due_at) x`, nil},
			{&number, `SELECT name FROM organisations`, nil},
			{&small, `SELECT 1000`, nil},
			{&row, `SELECT id, name FROM organisations`, nil},
			{&rows, `SELECT id, name FROM organisations`, nil},
			{&number, `SELECT id, name FROM organisations`, nil},
			{&number, `SELECT id FROM organisations WHERE name = ?`, nil},
			{&number, `SELECT id FROM organisations WHERE name = ?`, []any{"a", "b"}},
			{&number, `SELECT id FROM organisations WHERE name = ?`, []any{struct{}{}}},
			{&number, `SELECT id FROM nowhere`, nil},
			{&number, `SELECT id FROM organisations; SELECT 1`, nil},
			{nil, `SELECT id FROM organisations`, nil},
			{number, `SELECT id FROM organisations`, nil},
		} {
			if err := db.Read(ctx, func(tx *database.Tx) error {
				if into, many := c.into.(*[]struct{ ID int64 }); many {
					return tx.Select(into, c.text, c.args...)
				}
				return tx.Get(c.into, c.text, c.args...)
			}); err == nil {
				t.Errorf("%s, with %v, into %T: no error", c.text, c.args, c.into)
			}
		}
	})
}

func TestInsertReturnsTheID(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		var ids, kept []int64
		for _, name := range []string{"a", "b", "c"} {
			if err := db.Write(ctx, func(tx *database.Tx) error {
				id, err := tx.Insert(`INSERT INTO organisations (name, folded, created_at) VALUES (?, ?, ?)`, name, name, moment)
				ids = append(ids, id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Read(ctx, func(tx *database.Tx) error {
			return tx.Select(&kept, `SELECT id FROM organisations ORDER BY name`)
		}); err != nil || !slices.Equal(ids, kept) {
			t.Errorf("told %v, kept %v, %v", ids, kept, err)
		}
	})
}

// SQLite undoes a transaction by itself when the file may not grow. What a
// function does after that must not be kept, for all that came before is gone.
func TestNothingIsKeptOfAnUndoneTransaction(t *testing.T) {
	db := testkit.SQLite(t)
	write := func(fn func(tx *database.Tx) error) error { return db.Write(ctx, fn) }
	add := func(tx *database.Tx, name string) error {
		_, err := tx.Insert(`INSERT INTO organisations (name, folded, created_at) VALUES (?, ?, ?)`, name, name, moment)
		return err
	}
	if err := write(func(tx *database.Tx) error {
		_, err := tx.Exec(`PRAGMA max_page_count = 1`) // as large as it is now
		return err
	}); err != nil {
		t.Fatal(err)
	}
	err := write(func(tx *database.Tx) error {
		var full error
		for i := 0; full == nil && i < 1000; i++ {
			full = add(tx, strings.Repeat("a", 5000)+string(rune('a'+i)))
		}
		if full == nil {
			t.Error("the file grew")
		}
		if err := add(tx, "after it"); err == nil {
			t.Error("it was written after the end of the transaction")
		}
		return nil // as if all were well
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("it was told as %v", err)
	}
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
	if err := write(func(tx *database.Tx) error {
		if _, err := tx.Exec(`PRAGMA max_page_count = 100000`); err != nil {
			return err
		}
		return add(tx, "a")
	}); err != nil || count(t, db) != 1 {
		t.Errorf("it did not heal: %v", err)
	}
}
