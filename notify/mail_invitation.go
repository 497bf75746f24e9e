package notify

import (
	"context"
	"encoding/json"
	"net/mail"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/limits"
	"leerkring/internal/locale"
)

// mailInvitation mails an invitation, and puts it in the inbox of whoever has an
// account already.
func (n *Notify) mailInvitation(ctx context.Context, payload json.RawMessage) error {
	var job community.InvitationMail
	if err := read(payload, &job); err != nil {
		return err
	}
	code, welcome, err := n.community.InvitationToMail(ctx, job.Invitation)
	if err != nil {
		return unlessAnswered(err)
	}
	guest, err := n.loadGuest(ctx, job.Invitation, welcome)
	if err != nil || guest.isNotWanted() {
		return err
	}
	if guest.ID != 0 {
		if err := n.putInvitationInInbox(ctx, guest.ID, job.Invitation); err != nil {
			return err
		}
	}
	p := locale.For(guest.Language)
	message, err := n.invitationLetter(p, guest.Name, code, welcome).message(Message{
		ID: n.messageID("invitation", "to", job.Invitation), To: mail.Address{Name: guest.Name, Address: welcome.Mail}, Date: n.clock.Now(),
	})
	if err != nil {
		return err
	}
	return orGiveUp(n.mailer.Send(ctx, message))
}

// guest is who is invited: somebody with an account, or a mail address alone.
type guest struct {
	ID         int64
	Name       string
	Language   string
	IsDisabled bool
	IsMember   bool
	// Earlier is how many invitations were made to this address in the hour
	// before this one.
	Earlier int
}

func (g guest) isNotWanted() bool {
	return g.IsDisabled || g.IsMember || g.Earlier >= limits.InvitationMailsPerHour
}

func (n *Notify) loadGuest(ctx context.Context, invitation int64, w community.Welcome) (g guest, err error) {
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		folded := community.FoldMail(w.Mail)
		err := tx.Get(&g, `SELECT p.id, p.name, p.language, p.disabled_at IS NOT NULL AS is_disabled,
				EXISTS (SELECT 1 FROM memberships m WHERE m.space_id = ? AND m.person_id = p.id) AS is_member, 0 AS earlier
			FROM people p WHERE p.mail_folded = ?`, w.SpaceID, folded)
		if err != nil && err != database.ErrNoRows {
			return err
		}
		return tx.Get(&g.Earlier, `SELECT count(*) FROM invitations e JOIN invitations i ON i.id = ?
			WHERE lower(e.mail) = ? AND e.id < i.id AND e.created_at > ?`, invitation, folded, n.clock.Now().Add(-time.Hour))
	})
	return g, err
}

func (n *Notify) putInvitationInInbox(ctx context.Context, person, invitation int64) error {
	var put Notification
	err := n.db.Write(ctx, func(tx *database.Tx) error {
		put = Notification{}
		var id int64
		err := tx.Get(&id, `INSERT INTO notifications (person_id, kind, space_id, invitation_id, from_id, created_at)
			SELECT ?, ?, i.space_id, i.id, i.created_by, ? FROM invitations i WHERE i.id = ?
			ON CONFLICT DO NOTHING RETURNING id`, person, KindInvitation, n.clock.Now(), invitation)
		if err == database.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		var row notificationRecord
		err = tx.Get(&row, `SELECT `+notificationColumns+` FROM `+notificationTables+` WHERE x.id = ?`, id)
		put = row.notification()
		return err
	})
	if err == nil && put.ID != 0 {
		n.tell.Notified(person, put)
	}
	return err
}

func (n *Notify) invitationLetter(p *locale.Printer, name, code string, w community.Welcome) letter {
	made := letter{
		Language: p.Language,
		Subject:  p.T("mail.invitation.subject", "By", w.InvitedBy, "Space", w.Space),
		Hello:    p.T("mail.hello_you"),
		Lines:    []string{p.T("mail.invitation.text", "By", w.InvitedBy, "Space", w.Space)},
		Button:   link{p.T("mail.invitation.button"), n.base + "/uitnodiging/" + code},
		After:    []string{p.T("mail.invitation.not_you")},
		Why:      p.T("mail.invitation.why", "By", w.InvitedBy),
	}
	if name != "" {
		made.Hello = p.T("mail.hello", "Name", name)
	}
	if w.About != "" {
		made.Quotes = []quote{{Text: cut(w.About, 400)}}
	}
	return made
}
