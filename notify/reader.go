package notify

import (
	"net/mail"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/locale"
)

// reader is somebody to whom a mail is written, as they are now.
type reader struct {
	ID   int64
	Name string
	Mail string
	community.Settings
}

// loadReader reads an account that is in use; ErrNoRows for any other.
func loadReader(tx *database.Tx, person int64) (r reader, err error) {
	err = tx.Get(&r, `SELECT id, name, mail, digest, digest_hour AS hour, digest_weekday AS weekday, time_zone, language,
		mail_mentions, push, theme FROM people WHERE id = ? AND disabled_at IS NULL`, person)
	return r, err
}

func (r reader) address() mail.Address { return mail.Address{Name: r.Name, Address: r.Mail} }

func (r reader) printer() *locale.Printer { return locale.For(r.Language) }

// actor is who the reader is where access is asked.
func (r reader) actor() community.Actor {
	return community.Actor{Person: r.ID, Name: r.Name, Scopes: community.ScopeRead, Language: r.Language, TimeZone: r.TimeZone}
}

// local returns a moment on the reader's clock.
func (r reader) local(t time.Time) time.Time { return t.In(r.Zone()) }
