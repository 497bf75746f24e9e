package leertafel_test

import (
	"fmt"
	"strings"

	"leerkring/internal/database"
	"leerkring/leertafel"
)

// allTables lists every table of the database.
func (r *room) allTables() (names []string) {
	r.t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose%' ORDER BY name`
	if r.DB.Dialect == database.PostgreSQL {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%' ORDER BY tablename`
	}
	r.must(r.DB.Read(ctx, func(tx *database.Tx) error { return tx.Select(&names, query) }))
	return names
}

// rows reads a whole table, each row as "column=value" by column.
func (r *room) rows(table string) (rows []map[string]string) {
	r.t.Helper()
	result, err := r.DB.Handle().QueryContext(ctx, `SELECT * FROM `+table)
	r.must(err)
	defer result.Close()
	columns, err := result.Columns()
	r.must(err)
	for result.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		r.must(result.Scan(values...))
		row := map[string]string{}
		for i, c := range columns {
			value := *values[i].(*any)
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			row[c] = fmt.Sprint(value)
		}
		rows = append(rows, row)
	}
	r.must(result.Err())
	return rows
}

// dump names the tables of the whole database in which a text stands.
func (r *room) dump(text string) (at []string) {
	r.t.Helper()
next:
	for _, table := range r.allTables() {
		for _, row := range r.rows(table) {
			for _, value := range row {
				if strings.Contains(value, text) {
					at = append(at, table)
					continue next
				}
			}
		}
	}
	return at
}

// spaceOf returns the space of a table.
func spaceOf(r *room, t leertafel.Table) int64 { return r.see(r.owner, t).Space.ID }
