package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leerkring/internal/database"
	"leerkring/internal/testkit"
)

// The same tables, columns, types, keys and indexes on both databases.
func TestSchemasAreTheSame(t *testing.T) {
	lite := describe(t, testkit.SQLite(t), `
		SELECT m.name || '.' || c.name || ' ' || c.type || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END
		    || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
		FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
		UNION ALL
		SELECT 'index ' || i.name || ' on ' || m.name || CASE WHEN i."unique" = 1 THEN ' unique' ELSE '' END || ' ' ||
		    (SELECT group_concat(x.name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x)
		FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'c'
		UNION ALL
		SELECT 'reference ' || m.name || '.' || f."from" || ' to ' || f."table" || ' ' || lower(f.on_delete)
		FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`)
	postgres := describe(t, testkit.PostgreSQL(t), `
		SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
		    || coalesce(' key ' || (SELECT k.n FROM pg_index x, unnest(x.indkey) WITH ORDINALITY k (col, n)
		        WHERE x.indrelid = c.oid AND x.indisprimary AND k.col = a.attnum), '')
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
		UNION ALL
		SELECT 'index ' || i.relname || ' on ' || c.relname || CASE WHEN x.indisunique THEN ' unique' ELSE '' END || ' ' ||
		    (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k (col, n)
		        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.col)
		FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
		WHERE c.relnamespace = 'public'::regnamespace AND NOT x.indisprimary
		UNION ALL
		SELECT 'reference ' || c.relname || '.' || a.attname || ' to ' || r.relname || ' ' ||
		    CASE k.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'no action' END
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
		    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
		WHERE k.contype = 'f'`)
	if diff := cmp.Diff(lite, postgres); diff != "" {
		t.Errorf("sqlite (-) and postgres (+) differ:\n%s", diff)
	}
	if len(lite) < 100 {
		t.Errorf("only %d things were compared", len(lite))
	}
}

// describe returns the schema in common words. Search is the one thing the two
// do in their own way.
func describe(t *testing.T, db *database.DB, query string) []string {
	t.Helper()
	var lines []string
	if err := db.Read(ctx, func(tx *database.Tx) error { return tx.Select(&lines, query) }); err != nil {
		t.Fatal(err)
	}
	words := strings.NewReplacer("timestamp with time zone", "moment", "timestamp", "moment",
		"bytea", "bytes", "BLOB", "bytes", "bigint", "integer",
		"TEXT", "text", "INTEGER", "integer", "BOOLEAN", "boolean", "NUM", "integer")
	var kept []string
	for _, line := range lines {
		if strings.Contains(line, "search_docs") || strings.Contains(line, "goose") || strings.Contains(line, "sqlite_") {
			continue
		}
		kept = append(kept, words.Replace(line))
	}
	sort.Strings(kept)
	return kept
}

func TestMigrateIsRunOnceByManyAtOnce(t *testing.T) {
	addresses := map[string]database.Options{
		"sqlite":   {Path: filepath.Join(t.TempDir(), "new", "leerkring.db")},
		"postgres": {Address: testkit.PostgreSQLAddress(t)},
	}
	for name, options := range addresses {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					db, err := database.Open(ctx, options)
					if err != nil {
						t.Error(err)
						return
					}
					defer db.Close()
					if _, _, err := db.Migrate(ctx); err != nil {
						t.Error(err)
					}
					if have, want, err := db.Version(ctx); err != nil || have != want {
						t.Errorf("version %d of %d, %v", have, want, err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db *database.DB) {
		if _, err := db.Handle().ExecContext(context.Background(),
			`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`); err != nil {
			t.Fatal(err)
		}
		if _, _, err := db.Migrate(ctx); !errors.Is(err, database.ErrNewer) {
			t.Errorf("got %v", err)
		}
	})
}
