package forum

import (
	"strings"

	"leerkring/internal/database"
	"leerkring/internal/dutch"
)

// The index is the one place where the two databases speak different SQL: FTS5
// on SQLite, tsvector on PostgreSQL. Both get the words already folded, and
// both look for the beginnings of words, so they find the same.

// index writes the words of a new document.
func index(tx *database.Tx, doc int64, text string) error {
	statement := `INSERT INTO search_docs (rowid, terms) VALUES (?, ?)`
	if tx.Dialect == database.PostgreSQL {
		statement = `INSERT INTO search_docs (id, terms) VALUES (?, to_tsvector('simple', ?))`
	}
	_, err := tx.Exec(statement, doc, terms(text))
	return err
}

// reindex writes the words of a document that has others now.
func reindex(tx *database.Tx, doc int64, text string) error {
	statement := `INSERT OR REPLACE INTO search_docs (rowid, terms) VALUES (?, ?)`
	if tx.Dialect == database.PostgreSQL {
		statement = `INSERT INTO search_docs (id, terms) VALUES (?, to_tsvector('simple', ?))
			ON CONFLICT (id) DO UPDATE SET terms = excluded.terms`
	}
	_, err := tx.Exec(statement, doc, terms(text))
	return err
}

func terms(text string) string { return strings.Join(dutch.Words(text), " ") }

// unindex forgets a document.
func unindex(tx *database.Tx, doc int64) error {
	statement := `DELETE FROM search_docs WHERE rowid = ?`
	if tx.Dialect == database.PostgreSQL {
		statement = `DELETE FROM search_docs WHERE id = ?`
	}
	_, err := tx.Exec(statement, doc)
	return err
}

// searchText is the query for the best documents: first parameter the match,
// then those of the condition, which is on streams t and posts p, then how many.
func searchText(tx *database.Tx, condition string) string {
	const from = `JOIN streams t ON t.id = coalesce(p.stream_id, -d.doc) WHERE `
	if tx.Dialect == database.PostgreSQL {
		return `SELECT d.doc, t.id AS stream_id, d.score FROM
			(SELECT i.id AS doc, ts_rank(i.terms, q.query, 1) AS score FROM search_docs i, to_tsquery('simple', ?) AS q (query)
				WHERE i.terms @@ q.query) d
			LEFT JOIN posts p ON p.id = d.doc ` + from + condition + ` ORDER BY d.score DESC, d.doc DESC LIMIT ?`
	}
	return `SELECT d.doc, t.id AS stream_id, d.score FROM
		(SELECT rowid AS doc, -bm25(search_docs) AS score FROM search_docs WHERE search_docs MATCH ?) d
		LEFT JOIN posts p ON p.id = d.doc ` + from + condition + ` ORDER BY d.score DESC, d.doc DESC LIMIT ?`
}

// allOf makes the index's query for documents with all of these words.
func allOf(tx *database.Tx, words []string) string { return matching(tx, words, " AND ", " & ") }

// anyOf makes the index's query for documents with some of these words.
func anyOf(tx *database.Tx, words []string) string { return matching(tx, words, " OR ", " | ") }

// matching writes each word as the beginning of one. Words hold letters and
// digits alone, so nothing in them can be an operator.
func matching(tx *database.Tx, words []string, sqliteJoin, postgresJoin string) string {
	terms := make([]string, len(words))
	for i, w := range words {
		if tx.Dialect == database.PostgreSQL {
			terms[i] = `'` + w + `':*`
		} else {
			terms[i] = `"` + w + `"*`
		}
	}
	if tx.Dialect == database.PostgreSQL {
		return strings.Join(terms, postgresJoin)
	}
	return strings.Join(terms, sqliteJoin)
}
