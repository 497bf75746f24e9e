package community

import (
	"context"
	"math"
	"strings"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// SignInRequest asks for a link by mail. With an invitation's code it may be
// from somebody who has no account yet, and then Name is needed.
type SignInRequest struct {
	Mail         string `json:"mail" validate:"required,email,max=254"`
	Name         string `json:"name" validate:"max=200"`
	Organisation string `json:"organisation" validate:"max=200"`
	Language     string `json:"language" validate:"omitempty,oneof=nl en"`
	// Invitation is the code they came with, or "".
	Invitation string `json:"invitation"`
	// Next is the path to go to afterwards.
	Next string `json:"next"`
}

// JobSignInMail is the queue's word for sending a sign-in link. Its payload is
// a [SignInRequest].
const JobSignInMail = "mail.sign_in"

// RequestSignIn takes a request for a link. Known or not, the same is done
// here and the same is answered: whether there is an account is found out by
// the job that sends the mail.
func (c *Community) RequestSignIn(ctx context.Context, in SignInRequest) error {
	in.Mail = strings.TrimSpace(in.Mail)
	in.Name, in.Organisation = richtext.Line(in.Name), richtext.Line(in.Organisation)
	if !LocalPath(in.Next) {
		in.Next = ""
	}
	if err := fault.Check(in); err != nil {
		return err
	}
	if in.Invitation != "" && in.Name == "" {
		return fault.InvalidField("name", "required")
	}
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		return jobs.Enqueue(tx, c.clock.Now(), jobs.Job{Kind: JobSignInMail, Payload: in})
	})
	if err == nil {
		c.tell.WorkWaits()
	}
	return err
}

// SignInLink is a link to be mailed, or handed over by whoever runs the
// installation.
type SignInLink struct {
	// Token is the secret in the address. Only its hash is kept.
	Token    string
	Mail     string
	Name     string
	Language string
	Expires  time.Time
}

// MakeSignInLink makes a link for an account that is in use, or for whoever may
// come in by an invitation. NotFound when there is nobody to let in; TooMany
// when this address has had enough of them.
func (c *Community) MakeSignInLink(ctx context.Context, in SignInRequest) (SignInLink, error) {
	return c.makeSignInLink(ctx, in, limits.SignInLinksPerHour)
}

// HandOutSignInLink makes a link for an account on behalf of whoever runs the
// installation, as often as they like.
func (c *Community) HandOutSignInLink(ctx context.Context, mail string) (SignInLink, error) {
	return c.makeSignInLink(ctx, SignInRequest{Mail: mail}, math.MaxInt)
}

func (c *Community) makeSignInLink(ctx context.Context, in SignInRequest, perHour int) (link SignInLink, err error) {
	now := c.clock.Now()
	link = SignInLink{Token: newSecret(), Mail: in.Mail, Name: in.Name, Language: in.Language, Expires: now.Add(limits.SignInLinkLife)}
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		person, err := whoComesIn(tx, now, in, &link)
		if err != nil {
			return err
		}
		var recent int
		if err := tx.Get(&recent, `SELECT count(*) FROM sign_in_links WHERE mail = ? AND created_at > ?`,
			FoldMail(in.Mail), now.Add(-time.Hour)); err != nil {
			return err
		}
		if recent >= perHour {
			return fault.New(fault.TooMany, "fault.too_many", "Seconds", 3600)
		}
		_, err = tx.Exec(`INSERT INTO sign_in_links
			(token_hash, person_id, mail, name, organisation, language, invitation, next, created_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			hashed(link.Token), person, FoldMail(in.Mail), in.Name, in.Organisation, link.Language, in.Invitation, in.Next,
			now, link.Expires)
		return err
	})
	return link, err
}

// whoComesIn returns the account of the address, or nil for a newcomer with a
// good invitation.
func whoComesIn(tx *database.Tx, now time.Time, in SignInRequest, link *SignInLink) (*int64, error) {
	var row struct {
		ID       int64
		Mail     string
		Name     string
		Language string
		Disabled bool
	}
	err := tx.Get(&row, `SELECT id, mail, name, language, disabled_at IS NOT NULL AS disabled FROM people WHERE mail_folded = ?`, FoldMail(in.Mail))
	if err == nil {
		if row.Disabled {
			return nil, fault.New(fault.NotFound, "person.unknown_mail")
		}
		link.Mail, link.Name, link.Language = row.Mail, row.Name, row.Language
		return &row.ID, nil
	}
	if err != database.ErrNoRows {
		return nil, err
	}
	if in.Invitation == "" {
		return nil, fault.New(fault.NotFound, "person.unknown_mail")
	}
	invitation, err := openInvitation(tx, now, in.Invitation)
	if err != nil {
		return nil, err
	}
	return nil, invitation.isFor(in.Mail)
}

// SignInLinkStands reports, without using it, whether a link still works.
func (c *Community) SignInLinkStands(ctx context.Context, token string) (stands bool, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		stands, err = tx.Exists(`SELECT 1 FROM sign_in_links WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?`,
			hashed(token), c.clock.Now())
		return err
	})
	return stands, err
}

// UseSignInLink uses a link, once, and opens a session. A newcomer's account is
// made here, and the invitation they came with is accepted. next is the path
// to go to.
func (c *Community) UseSignInLink(ctx context.Context, token string) (session Session, next string, err error) {
	var person int64
	now := c.clock.Now()
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		var link struct {
			PersonID     *int64
			Mail         string
			Name         string
			Organisation string
			Language     string
			Invitation   string
			Next         string
		}
		err := tx.Get(&link, `UPDATE sign_in_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?
			RETURNING person_id, mail, name, organisation, language, invitation, next`, now, hashed(token), now)
		if err == database.ErrNoRows {
			return fault.New(fault.NotFound, "sign_in.link_is_over")
		}
		if err != nil {
			return err
		}
		next = link.Next
		if link.PersonID != nil {
			person = *link.PersonID
		} else if person, err = c.welcome(tx, now, tidyPerson(NewPerson{
			Mail: link.Mail, Name: link.Name, Organisation: link.Organisation, Language: link.Language})); err != nil {
			return err
		}
		if link.Invitation == "" {
			return nil
		}
		space, err := c.acceptInvitation(tx, now, link.Invitation, person, link.Mail)
		if err != nil && !isOver(err) {
			return err
		}
		if err == nil && next == "" {
			next = SpacePath(space)
		}
		return nil
	})
	if err != nil {
		return Session{}, "", err
	}
	c.tell.AccessChanged(person)
	session, err = c.SignIn(ctx, person)
	return session, next, err
}

// welcome makes the account of somebody who proved their mail address. Two
// links for one newcomer make one account.
func (c *Community) welcome(tx *database.Tx, now time.Time, in NewPerson) (int64, error) {
	id, err := insertPerson(tx, now, in)
	if err == database.ErrNoRows {
		err = tx.Get(&id, `SELECT id FROM people WHERE mail_folded = ?`, FoldMail(in.Mail))
	}
	return id, err
}

// isOver: the invitation ended between the request and the click. The person
// still comes in, if they have an account.
func isOver(err error) bool {
	return fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden)
}

// LocalPath reports whether p is a path on this site and nothing else: what a
// redirect may go to.
func LocalPath(p string) bool {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || len(p) > 2000 {
		return false
	}
	for _, r := range p {
		if r < 0x20 || r == '\\' || r == 0x7f {
			return false
		}
	}
	return true
}
