package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

var moment = time.Date(2026, 10, 25, 2, 30, 0, 123_000_000, time.UTC)

func addOrganisation(tx *database.Tx, name string) (int64, error) {
	var id int64
	err := tx.Get(&id, `INSERT INTO organisations (name, folded, created_at) VALUES (?, ?, ?) RETURNING id`, name, name, moment)
	return id, err
}

func count(t *testing.T, db *database.DB) (n int) {
	t.Helper()
	if err := db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&n, `SELECT count(*) FROM organisations`)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReadsWhatWasWritten(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		amsterdam, err := time.LoadLocation("Europe/Amsterdam")
		if err != nil {
			t.Fatal(err)
		}
		var id int64
		if err := db.Write(ctx, func(tx *database.Tx) error {
			return tx.Get(&id, `INSERT INTO organisations (name, folded, created_at) VALUES (?, ?, ?) RETURNING id`,
				"Gemeente Voorbeeldstad", "gemeente voorbeeldstad", moment.In(amsterdam))
		}); err != nil {
			t.Fatal(err)
		}
		var row struct {
			ID        int64
			Name      string
			CreatedAt time.Time
		}
		var latest database.Time
		if err := db.Read(ctx, func(tx *database.Tx) error {
			if err := tx.Get(&row, `SELECT id, name, created_at FROM organisations WHERE created_at = ? AND id IN (?)`, moment, []int64{id, 99}); err != nil {
				return err
			}
			for _, none := range [][]any{{[]int64{}, []int64{id}}, {[]int64{id}, []int64{}}} { // an empty list matches nothing
				if there, err := tx.Exists(`SELECT 1 FROM organisations WHERE id IN (?) AND id IN (?)`, none...); err != nil || there {
					t.Errorf("in %v: %v, %v", none, there, err)
				}
			}
			return tx.Get(&latest, `SELECT max(created_at) FROM organisations`)
		}); err != nil {
			t.Fatal(err)
		}
		if row.ID != id || row.Name != "Gemeente Voorbeeldstad" {
			t.Errorf("read %+v", row)
		}
		if !row.CreatedAt.Equal(moment) || row.CreatedAt.Location() != time.UTC || !latest.Equal(moment) {
			t.Errorf("the moment came back as %v and %v", row.CreatedAt, latest)
		}
	})
}

func TestErrorUndoesAllAndComesBack(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		mine := errors.New("mine")
		err := db.Write(ctx, func(tx *database.Tx) error {
			if _, err := addOrganisation(tx, "a"); err != nil {
				return err
			}
			return mine
		})
		if !errors.Is(err, mine) {
			t.Errorf("got %v", err)
		}
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows stayed", n)
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		err := db.Read(ctx, func(tx *database.Tx) error {
			_, err := addOrganisation(tx, "a")
			return err
		})
		if err == nil {
			t.Error("a read wrote")
		}
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows stayed", n)
		}
	})
}

func TestEmptyListMatchesNothing(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		if err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := addOrganisation(tx, "a")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var ids []int64
		if err := db.Read(ctx, func(tx *database.Tx) error {
			return tx.Select(&ids, `SELECT id FROM organisations WHERE id IN (?)`, []int64{})
		}); err != nil || len(ids) != 0 {
			t.Errorf("got %v, %v", ids, err)
		}
	})
}

// Many writers at once, a third of which fail or panic: each gets the answer
// to its own function, and exactly the good ones are there.
func TestConcurrentWritersGetTheirOwnAnswer(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		const writers, rounds = 24, 20
		refused := errors.New("refused")
		var wg sync.WaitGroup
		var kept atomic.Int64
		for w := range writers {
			wg.Go(func() {
				for r := range rounds {
					name := string(rune('a'+w)) + string(rune('a'+r))
					func() {
						defer func() {
							if p := recover(); (p != nil) != (w%6 == 1) {
								t.Errorf("writer %d: panic %v", w, p)
							}
						}()
						err := db.Write(ctx, func(tx *database.Tx) error {
							if _, err := addOrganisation(tx, name); err != nil {
								return err
							}
							switch w % 6 {
							case 0:
								return refused
							case 1:
								panic("on purpose")
							}
							return nil
						})
						if (w%6 == 0) != errors.Is(err, refused) {
							t.Errorf("writer %d: %v", w, err)
						}
						if err == nil {
							kept.Add(1)
						}
					}()
				}
			})
		}
		wg.Wait()
		if n := count(t, db); int64(n) != kept.Load() || n != writers/6*4*rounds {
			t.Errorf("%d rows, %d acknowledged", n, kept.Load())
		}
	})
}

func TestViolationSparesTheNeighbours(t *testing.T) {
	db := testkit.SQLite(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			db.Write(ctx, func(tx *database.Tx) error {
				_, err := addOrganisation(tx, "the same name")
				return err
			})
		})
		wg.Go(func() {
			if err := db.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE organisations SET name = name`)
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestGoneAskerIsNotWritten(t *testing.T) {
	db := testkit.SQLite(t)
	inside, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		db.Write(ctx, func(tx *database.Tx) error {
			close(inside)
			<-release
			return nil
		})
	})
	<-inside
	leaving, leave := context.WithCancel(ctx)
	answer := make(chan error)
	go func() {
		answer <- db.Write(leaving, func(tx *database.Tx) error {
			_, err := addOrganisation(tx, "a")
			return err
		})
	}()
	leave()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	wg.Wait()
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestClosedDatabaseIsUnavailable(t *testing.T) {
	db, err := database.Open(ctx, database.Options{Path: filepath.Join(t.TempDir(), "a.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(*database.Tx) error { return nil })
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// Another process holds the file: busy is Unavailable, never a false success.
func TestBusyFileIsUnavailable(t *testing.T) {
	db := testkit.SQLite(t)
	conn, err := db.Handle().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *database.Tx) error {
		_, err := addOrganisation(tx, "a")
		return err
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *database.Tx) error {
		_, err := addOrganisation(tx, "a")
		return err
	}); err != nil {
		t.Errorf("it did not heal: %v", err)
	}
}

// Two functions that need each other's row: PostgreSQL ends one of them, which
// then runs again.
func TestLostRaceRunsAgain(t *testing.T) {
	db := testkit.PostgreSQL(t)
	if err := db.Write(ctx, func(tx *database.Tx) error {
		if _, err := addOrganisation(tx, "a"); err != nil {
			return err
		}
		_, err := addOrganisation(tx, "b")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var runs atomic.Int64
	var both sync.WaitGroup
	both.Add(2)
	touch := func(first, second string) error {
		var once sync.Once
		return db.Write(ctx, func(tx *database.Tx) error {
			runs.Add(1)
			if _, err := tx.Exec(`UPDATE organisations SET name = name || '!' WHERE folded = ?`, first); err != nil {
				return err
			}
			once.Do(func() { both.Done(); both.Wait() })
			_, err := tx.Exec(`UPDATE organisations SET name = name || '!' WHERE folded = ?`, second)
			return err
		})
	}
	var wg sync.WaitGroup
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			if err := touch(order[0], order[1]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var names []string
	if err := db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&names, `SELECT name FROM organisations ORDER BY folded`)
	}); err != nil {
		t.Fatal(err)
	}
	if runs.Load() < 3 || names[0] != "a!!" || names[1] != "b!!" {
		t.Errorf("%d runs, %v", runs.Load(), names)
	}
}
