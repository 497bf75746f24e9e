package community

import (
	"context"
	"strings"
	"unicode/utf8"

	"leerkring/internal/cursor"
	"leerkring/internal/database"
	"leerkring/internal/dutch"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// PeopleQuery narrows a list of people.
type PeopleQuery struct {
	// Q: the name or the organisation has a word that begins with this.
	Q string
	// Space: members of this space alone; 0 is anywhere.
	Space int64
}

// People lists whom actor shares a space with, by name; an administrator sees
// everybody. Accounts that are no longer in use are left out.
func (c *Community) People(ctx context.Context, actor Actor, query PeopleQuery, page Page) (people []PersonCard, next string, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		conditions := []string{`p.disabled_at IS NULL`}
		var args []any
		switch {
		case query.Space != 0:
			if _, err := Enter(tx, actor, Read, query.Space); err != nil {
				return err
			}
			conditions = append(conditions, `EXISTS (SELECT 1 FROM memberships m WHERE m.space_id = ? AND m.person_id = p.id)`)
			args = append(args, query.Space)
		case !actor.IsAdmin():
			condition, arg := Visible(actor, "m.space_id")
			conditions = append(conditions, `(p.id = ? OR p.id IN (SELECT x.person_id FROM memberships m
				JOIN memberships x ON x.space_id = m.space_id WHERE m.person_id = ? AND `+condition+`))`)
			args = append(args, actor.Person, actor.Person, arg)
		}
		if err := checkQuestion(query.Q); err != nil {
			return err
		}
		for _, word := range dutch.Words(query.Q) {
			begin := likeEscaped(word) + "%"
			conditions = append(conditions, `(p.folded LIKE ? ESCAPE '\' OR p.folded LIKE ? ESCAPE '\' OR coalesce(o.folded, '') LIKE ? ESCAPE '\')`)
			args = append(args, begin, "% "+begin, "%"+begin)
		}
		name, id, err := afterPerson(tx, page.Cursor)
		if err != nil {
			return err
		}
		conditions = append(conditions, `(p.folded, p.id) > (?, ?)`)
		args = append(args, name, id)
		if err := tx.Select(&people, `SELECT p.id, p.name, coalesce(o.name, '') AS organisation
			FROM people p LEFT JOIN organisations o ON o.id = p.organisation_id
			WHERE `+strings.Join(conditions, " AND ")+` ORDER BY p.folded, p.id LIMIT ?`,
			append(args, page.Limit+1)...); err != nil {
			return err
		}
		if len(people) > page.Limit {
			people = people[:page.Limit]
			next = cursor.Encode(people[len(people)-1].ID)
		}
		return nil
	})
	return people, next, err
}

// afterPerson returns the name and id that a list of people goes on after. A
// cursor names the last person; the list goes on after their name as it is now.
func afterPerson(tx *database.Tx, page string) (name string, id int64, err error) {
	if page == "" {
		return "", 0, nil
	}
	key, err := cursor.Decode(page, 1)
	if err != nil {
		return "", 0, err
	}
	err = tx.Get(&name, `SELECT folded FROM people WHERE id = ?`, key[0])
	if err == database.ErrNoRows {
		return "", 0, fault.InvalidField("cursor", "does_not_fit")
	}
	return name, key[0], err
}

// checkQuestion bounds what is searched for among people.
func checkQuestion(q string) error {
	if utf8.RuneCountInString(q) > limits.Query {
		return fault.InvalidField("q", "too_long", "Max", limits.Query)
	}
	return nil
}

// Names returns the names of those of these people who belong to a space, to
// write mentions with. Others stay unknown.
func Names(tx *database.Tx, spaceID int64, ids []int64) (map[int64]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []PersonCard
	if err := tx.Select(&rows, `SELECT p.id, p.name, '' AS organisation FROM people p
		JOIN memberships m ON m.person_id = p.id AND m.space_id = ? WHERE p.id IN (?)`, spaceID, ids); err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

// likeEscaped makes text stand for itself in a LIKE pattern with ESCAPE '\'.
func likeEscaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
