package leertafel

import (
	"context"
	"strings"
	"unicode/utf8"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/guard"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Findings points at what in a text may lead to a person, among it the names
// of people who belong to the space or to one above it and have no seat at the
// table (stream, 0 for none). It keeps nothing of the text.
func (l *Leertafel) Findings(ctx context.Context, actor community.Actor, spaceID, stream int64, text string) (found []guard.Finding, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		space, err := community.Enter(tx, actor, community.Read, spaceID)
		if err != nil {
			return err
		}
		if utf8.RuneCountInString(text) > limits.Body {
			return fault.InvalidField("text", "too_long", "Max", limits.Body)
		}
		known, err := namesIn(tx, space, stream, text)
		found = guard.Scan(text, known...)
		return err
	})
	return found, err
}

// namesIn returns those of the names in a text that are of people who belong to
// a space or to one above it, but do not sit at this table.
func namesIn(tx *database.Tx, space community.Space, stream int64, text string) (names []string, err error) {
	candidates := guard.Candidates(text)
	if len(candidates) == 0 {
		return nil, nil
	}
	spaces, err := upFrom(tx, space)
	if err != nil {
		return nil, err
	}
	err = tx.Select(&names, `SELECT DISTINCT p.folded FROM people p WHERE p.folded IN (?)
		AND EXISTS (SELECT 1 FROM memberships m WHERE m.person_id = p.id AND m.space_id IN (?))
		AND NOT EXISTS (SELECT 1 FROM seats e WHERE e.person_id = p.id AND e.stream_id = ?)`, candidates, spaces, stream)
	return names, err
}

// guarded makes sure that a text for the table leads to nobody, or that the
// writer said why it is kept as it is: that reason comes back, to be kept too.
func guarded(tx *database.Tx, at place, field, text, keep string) (kept string, err error) {
	known, err := namesIn(tx, at.space, at.row.StreamID, text)
	if err != nil {
		return "", err
	}
	found := guard.Scan(text, known...)
	switch keep = richtext.Line(keep); {
	case len(found) == 0:
		return "", nil
	case fault.Blank(keep):
		return "", privateFault(field, found)
	case utf8.RuneCountInString(keep) > limits.Line:
		return "", fault.InvalidField("keep", "too_long", "Max", limits.Line)
	}
	return keep, nil
}

// privateFault tells the writer, and nobody else, what was seen.
func privateFault(field string, found []guard.Finding) error {
	var seen []string
	for _, f := range found[:min(len(found), 5)] {
		seen = append(seen, "“"+f.Text+"”")
	}
	return fault.InvalidField(field, "private", "Found", strings.Join(seen, ", "))
}
