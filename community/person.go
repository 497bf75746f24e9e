package community

import (
	"context"
	"strings"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/dutch"
	"leerkring/internal/fault"
	"leerkring/internal/richtext"
)

// PersonCard is what others see beside somebody's words.
type PersonCard struct {
	ID           int64
	Name         string
	Organisation string
}

// Person is somebody's own page as others see it.
type Person struct {
	PersonCard
	About    string
	Since    time.Time
	Disabled bool
	// Shared are the spaces where the asker meets them.
	Shared []Meeting
}

// Meeting is a space that two people share, with the role of the other in it.
type Meeting struct {
	SpaceID int64
	Name    string
	Kind    SpaceKind
	Hue     int
	Role    Role
}

// NewPerson is what an account is made from.
type NewPerson struct {
	Mail         string       `json:"mail" validate:"required,email,max=254"`
	Name         string       `json:"name" validate:"notblank,max=200"`
	Organisation string       `json:"organisation" validate:"max=200"`
	Role         PlatformRole `json:"role" validate:"omitempty,oneof=member moderator admin"`
	Language     string       `json:"language" validate:"omitempty,oneof=nl en"`
	About        string       `json:"about" validate:"max=2000"`
}

// AddPerson makes an account, on behalf of whoever runs the installation. A
// known mail address is a Conflict.
func (c *Community) AddPerson(ctx context.Context, in NewPerson) (id int64, err error) {
	in = tidyPerson(in)
	if err := fault.Check(in); err != nil {
		return 0, err
	}
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		id, err = insertPerson(tx, c.clock.Now(), in)
		if err == database.ErrNoRows {
			return fault.New(fault.Conflict, "person.known_mail")
		}
		return err
	})
	return id, err
}

func tidyPerson(in NewPerson) NewPerson {
	in.Mail = strings.TrimSpace(in.Mail)
	in.Name = richtext.Line(in.Name)
	in.Organisation = richtext.Line(in.Organisation)
	if in.Role == "" {
		in.Role = RoleMember
	}
	if in.Language == "" {
		in.Language = "nl"
	}
	return in
}

// insertPerson returns ErrNoRows when the mail address is known.
func insertPerson(tx *database.Tx, now time.Time, in NewPerson) (id int64, err error) {
	organisation, err := organisationID(tx, now, in.Organisation)
	if err != nil {
		return 0, err
	}
	err = tx.Get(&id, `INSERT INTO people (mail, mail_folded, name, folded, organisation_id, about, role, language, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mail_folded) DO NOTHING RETURNING id`,
		in.Mail, FoldMail(in.Mail), in.Name, dutch.Fold(in.Name), organisation, in.About, in.Role, in.Language, now)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`UPDATE people SET digest_due_at = ? WHERE id = ?`, defaultSettings.NextDigest(now), id)
	return id, err
}

// organisationID returns the organisation of this name, made when it is new;
// nil for no name.
func organisationID(tx *database.Tx, now time.Time, name string) (*int64, error) {
	if name == "" {
		return nil, nil
	}
	if _, err := tx.Exec(`INSERT INTO organisations (name, folded, created_at) VALUES (?, ?, ?)
		ON CONFLICT (folded) DO NOTHING`, name, dutch.Fold(name), now); err != nil {
		return nil, err
	}
	var id int64
	err := tx.Get(&id, `SELECT id FROM organisations WHERE folded = ?`, dutch.Fold(name))
	return &id, err
}

// FoldMail is the form in which two spellings of one address are equal.
func FoldMail(mail string) string { return strings.ToLower(strings.TrimSpace(mail)) }

// SetRole gives a person a platform role.
func (c *Community) SetRole(ctx context.Context, mail string, role PlatformRole) error {
	if !role.Valid() {
		return fault.InvalidField("role", "not_one_of", "Choices", "member, moderator, admin")
	}
	return c.changeByMail(ctx, mail, `UPDATE people SET role = ? WHERE mail_folded = ? RETURNING id`, role)
}

// Disable ends an account: its sessions and tokens open nothing any more. What
// the person wrote stays.
func (c *Community) Disable(ctx context.Context, mail string) error {
	return c.changeByMail(ctx, mail, `UPDATE people SET disabled_at = ?, session_epoch = session_epoch + 1
		WHERE mail_folded = ? RETURNING id`, c.clock.Now())
}

func (c *Community) changeByMail(ctx context.Context, mail, statement string, value any) error {
	var id int64
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		err := tx.Get(&id, statement, value, FoldMail(mail))
		if err == database.ErrNoRows {
			return fault.New(fault.NotFound, "person.unknown_mail")
		}
		if err != nil {
			return err
		}
		return c.noteAccess(tx, id)
	})
	if err == nil {
		c.tell.AccessChanged(id)
	}
	return err
}

// PersonByMail returns the id of an account that is in use.
func (c *Community) PersonByMail(ctx context.Context, mail string) (id int64, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.Get(&id, `SELECT id FROM people WHERE mail_folded = ? AND disabled_at IS NULL`, FoldMail(mail))
		if err == database.ErrNoRows {
			return fault.New(fault.NotFound, "person.unknown_mail")
		}
		return err
	})
	return id, err
}

// Person returns somebody's page. Others see it when they can read a space the
// person belongs to; an administrator sees everybody's.
func (c *Community) Person(ctx context.Context, actor Actor, id int64) (person Person, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		var row struct {
			ID           int64
			Name         string
			Organisation string
			About        string
			CreatedAt    time.Time
			Disabled     bool
		}
		err := tx.Get(&row, `SELECT p.id, p.name, coalesce(o.name, '') AS organisation, p.about, p.created_at,
				p.disabled_at IS NOT NULL AS disabled
			FROM people p LEFT JOIN organisations o ON o.id = p.organisation_id WHERE p.id = ?`, id)
		if err == database.ErrNoRows {
			return fault.Missing()
		}
		if err != nil {
			return err
		}
		person = Person{
			PersonCard: PersonCard{ID: row.ID, Name: row.Name, Organisation: row.Organisation},
			About:      row.About, Since: row.CreatedAt, Disabled: row.Disabled,
		}
		condition, arg := Visible(actor, "s.id")
		if err := tx.Select(&person.Shared, `SELECT s.id AS space_id, s.name, s.kind, s.hue, m.role
			FROM memberships m JOIN spaces s ON s.id = m.space_id
			WHERE m.person_id = ? AND s.kind <> 'direct' AND `+condition+` ORDER BY s.name`, id, arg); err != nil {
			return err
		}
		if len(person.Shared) == 0 && id != actor.Person && !actor.IsAdmin() {
			return fault.Missing()
		}
		return nil
	})
	return person, err
}

func personIsThere(tx *database.Tx, id int64) error {
	there, err := tx.Exists(`SELECT 1 FROM people WHERE id = ?`, id)
	if err == nil && !there {
		return fault.Missing()
	}
	return err
}
