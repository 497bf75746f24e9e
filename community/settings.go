package community

import (
	"context"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/dutch"
	"leerkring/internal/fault"
	"leerkring/internal/richtext"
)

// Settings is what a person has chosen for themselves.
type Settings struct {
	Digest   DigestFrequency
	Hour     int // of the digest, 0 to 23
	Weekday  int // of a weekly digest, 1 is Monday
	TimeZone string
	Language string
	// MailMentions: a mail when somebody mentions me and I have not seen it.
	MailMentions bool
	Push         bool
	Theme        string // auto, light or dark
}

// DigestFrequency is how often somebody gets the digest.
type DigestFrequency string

const (
	DigestOff    DigestFrequency = "off"
	DigestDaily  DigestFrequency = "daily"
	DigestWeekly DigestFrequency = "weekly"
)

// defaultSettings are those of a new account; the columns' defaults say the same.
var defaultSettings = Settings{Digest: DigestWeekly, Hour: 8, Weekday: 1, TimeZone: "Europe/Amsterdam"}

const settingsColumns = `digest, digest_hour AS hour, digest_weekday AS weekday, time_zone, language, mail_mentions, push, theme`

// MySettings returns actor's settings.
func (c *Community) MySettings(ctx context.Context, actor Actor) (s Settings, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&s, `SELECT `+settingsColumns+` FROM people WHERE id = ?`, actor.Person)
	})
	return s, err
}

// SettingsChange is what is to be different; nil stays as it is.
type SettingsChange struct {
	Digest       *DigestFrequency `json:"digest" validate:"omitnil,oneof=off daily weekly"`
	Hour         *int             `json:"hour" validate:"omitnil,min=0,max=23"`
	Weekday      *int             `json:"weekday" validate:"omitnil,min=1,max=7"`
	TimeZone     *string          `json:"time_zone" validate:"omitnil,timezone,max=64"`
	Language     *string          `json:"language" validate:"omitnil,oneof=nl en"`
	MailMentions *bool            `json:"mail_mentions"`
	Push         *bool            `json:"push"`
	Theme        *string          `json:"theme" validate:"omitnil,oneof=auto light dark"`
}

// ChangeSettings changes actor's settings and returns them all.
func (c *Community) ChangeSettings(ctx context.Context, actor Actor, in SettingsChange) (Settings, error) {
	if err := MayWrite(actor); err != nil {
		return Settings{}, err
	}
	if err := fault.Check(in); err != nil {
		return Settings{}, err
	}
	return c.changeSettings(ctx, actor.Person, in)
}

// StopMail turns off one type of mail for a person, on the strength of a signed
// link in a mail: "digest" or "mentions".
func (c *Community) StopMail(ctx context.Context, person int64, kind string) error {
	off, no := DigestOff, false
	change := SettingsChange{Digest: &off}
	if kind == "mentions" {
		change = SettingsChange{MailMentions: &no}
	}
	_, err := c.changeSettings(ctx, person, change)
	return err
}

func (c *Community) changeSettings(ctx context.Context, person int64, in SettingsChange) (Settings, error) {
	var s struct {
		Settings
		DigestDueAt *time.Time
	}
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		err := tx.Get(&s, `SELECT `+settingsColumns+`, digest_due_at FROM people WHERE id = ?`, person)
		if err == database.ErrNoRows {
			return fault.Missing()
		}
		if err != nil {
			return err
		}
		before := s.Settings
		set(&s.Digest, in.Digest)
		set(&s.Hour, in.Hour)
		set(&s.Weekday, in.Weekday)
		set(&s.TimeZone, in.TimeZone)
		set(&s.Language, in.Language)
		set(&s.MailMentions, in.MailMentions)
		set(&s.Push, in.Push)
		set(&s.Theme, in.Theme)
		now := c.clock.Now()
		isOverdue := s.DigestDueAt != nil && !s.DigestDueAt.After(now) // it is about to be planned: let it
		if s.Digest == DigestOff || (!s.sameMoment(before) && !isOverdue) {
			s.DigestDueAt = s.NextDigest(now)
		}
		_, err = tx.Exec(`UPDATE people SET digest = ?, digest_hour = ?, digest_weekday = ?, time_zone = ?, language = ?,
			mail_mentions = ?, push = ?, theme = ?, digest_due_at = ? WHERE id = ?`,
			s.Digest, s.Hour, s.Weekday, s.TimeZone, s.Language, s.MailMentions, s.Push, s.Theme,
			s.DigestDueAt, person)
		return err
	})
	return s.Settings, err
}

// sameMoment reports whether the digest is due at the same moments.
func (s Settings) sameMoment(as Settings) bool {
	return s.Digest == as.Digest && s.Hour == as.Hour && s.Weekday == as.Weekday && s.TimeZone == as.TimeZone
}

// Zone returns the person's own time zone.
func (s Settings) Zone() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// NextDigest returns the first moment after now at which a digest is due in the
// person's own time zone, or nil for never. An hour that the clock skips that
// night is the next one; of an hour that comes twice it is the first.
func (s Settings) NextDigest(now time.Time) *time.Time {
	if s.Digest == DigestOff {
		return nil
	}
	zone := s.Zone()
	local := now.In(zone)
	for day := 0; ; day++ {
		due := time.Date(local.Year(), local.Month(), local.Day()+day, s.Hour, 0, 0, 0, zone)
		if due.Hour() != s.Hour {
			due = time.Date(local.Year(), local.Month(), local.Day()+day, s.Hour+1, 0, 0, 0, zone)
		} else if earlier := due.Add(-time.Hour); earlier.Hour() == s.Hour {
			due = earlier
		}
		isDay := s.Digest == DigestDaily || int(due.Weekday()) == s.Weekday%7
		if isDay && due.After(now) {
			due = due.UTC()
			return &due
		}
	}
}

// ProfileChange is what somebody tells about themselves.
type ProfileChange struct {
	Name         string `json:"name" validate:"notblank,max=200"`
	Organisation string `json:"organisation" validate:"max=200"`
	About        string `json:"about" validate:"max=2000"`
}

// ChangeProfile changes actor's own name, organisation and words about
// themselves. Mentions written before keep the name they were written with.
func (c *Community) ChangeProfile(ctx context.Context, actor Actor, in ProfileChange) error {
	if err := MayWrite(actor); err != nil {
		return err
	}
	in.Name, in.Organisation = richtext.Line(in.Name), richtext.Line(in.Organisation)
	if err := fault.Check(in); err != nil {
		return err
	}
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		organisation, err := organisationID(tx, c.clock.Now(), in.Organisation)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE people SET name = ?, folded = ?, organisation_id = ?, about = ? WHERE id = ?`,
			in.Name, dutch.Fold(in.Name), organisation, in.About, actor.Person); err != nil {
			return err
		}
		return c.noteAccess(tx, actor.Person) // open sockets speak under the new name
	})
	if err == nil {
		c.tell.AccessChanged(actor.Person)
	}
	return err
}

// MyMail returns actor's own mail address.
func (c *Community) MyMail(ctx context.Context, actor Actor) (mail string, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&mail, `SELECT mail FROM people WHERE id = ?`, actor.Person)
	})
	return mail, err
}
