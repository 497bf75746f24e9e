package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
	"leerkring/internal/limits"
	"leerkring/internal/locale"
	"leerkring/internal/richtext"
)

// kindMentionMail and kindDigest are the kinds of mail in the table mails.
const (
	kindMentionMail = "mention"
	kindDigest      = "digest"
)

const (
	// mentionsInMail is how many mentions one mail quotes.
	mentionsInMail = 5
	// quoteLength is how much of each, in code points.
	quoteLength = 600
)

// planMentionMail sees to a mail for whoever will not have seen a mention by
// themselves in a while.
func (n *Notify) planMentionMail(tx *database.Tx, now time.Time, person, notification int64) error {
	_, _, err := n.planMail(tx, now, now.Add(limits.MentionMailDelay), jobMentionMail,
		planned{PersonID: person, Kind: kindMentionMail, NotificationID: &notification}, strconv.FormatInt(notification, 10))
	return err
}

// mailMention mails somebody about a mention, if it is still unread, and about
// the others that wait.
func (n *Notify) mailMention(ctx context.Context, payload json.RawMessage) error {
	var job mailJob
	if err := read(payload, &job); err != nil {
		return err
	}
	return n.takeUp(ctx, job.Mail, func(p planned) error { return n.sendMentions(ctx, p) })
}

func (n *Notify) sendMentions(ctx context.Context, p planned) error {
	to, waiting, err := n.waitingMentions(ctx, p.PersonID)
	if err != nil {
		return err
	}
	if !hasMention(waiting, p.ID) {
		return n.drop(ctx, p) // seen, gone, muted, out of reach, or mail is not wanted
	}
	stop, err := n.stopAddress(ctx, p.PersonID, StopMentions)
	if err != nil {
		return err
	}
	message, err := n.mentionLetter(to, waiting, stop).message(Message{
		ID: p.MessageID, To: to.address(), Date: n.clock.Now(), Unsubscribe: stop,
	})
	if err != nil {
		return err
	}
	if err := n.mailer.Send(ctx, message); err != nil {
		return err
	}
	return n.db.Write(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		ids := make([]int64, len(waiting))
		for i, m := range waiting {
			ids[i] = m.MailID
		}
		return n.endMails(tx, mailSent, ids...)
	})
}

// waitingMention is a mention of which no mail has gone out yet.
type waitingMention struct {
	MailID    int64
	PostID    int64
	FromName  string
	Title     string
	Space     string
	SpaceKind community.SpaceKind
	HTML      string
	CreatedAt time.Time
}

// waitingMentions returns the unread mentions somebody may still read and wants
// mail about, the newest first; none for an account that is no longer in use.
func (n *Notify) waitingMentions(ctx context.Context, person int64) (to reader, waiting []waitingMention, err error) {
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		if to, err = loadReader(tx, person); err == database.ErrNoRows {
			return nil
		}
		if err != nil || !to.MailMentions {
			return err
		}
		condition, args := n.standing(to.actor())
		return tx.Select(&waiting, `SELECT w.id AS mail_id, p.id AS post_id, coalesce(f.name, '') AS from_name, t.title,
				s.name AS space, s.kind AS space_kind, p.html, p.created_at
			FROM `+notificationTables+` JOIN mails w ON w.notification_id = x.id
			LEFT JOIN memberships m ON m.space_id = x.space_id AND m.person_id = x.person_id
			WHERE w.person_id = ? AND w.kind = ? AND w.state = ? AND coalesce(sp.level, m.level, '') <> 'muted'
				AND `+condition+` AND NOT `+isRead+` ORDER BY w.id DESC`,
			append([]any{person, kindMentionMail, mailPlanned}, args...)...)
	})
	return to, waiting, err
}

func hasMention(waiting []waitingMention, mail int64) bool {
	for _, m := range waiting {
		if m.MailID == mail {
			return true
		}
	}
	return false
}

func (n *Notify) mentionLetter(to reader, waiting []waitingMention, stop string) letter {
	p := to.printer()
	first := waiting[0]
	made := letter{
		Language: p.Language,
		Subject:  first.who(p),
		Hello:    p.T("mail.hello", "Name", to.Name),
		Button:   link{p.T("mail.mention.button"), n.base + forum.PostPath(first.PostID)},
		Why:      p.T("mail.mention.why"),
		Stop:     &link{p.T("mail.mention.stop"), stop},
	}
	if len(waiting) > 1 {
		made.Subject = p.N("mail.mention.subject_many", len(waiting))
		made.Lines = []string{p.N("mail.mention.many", len(waiting))}
		made.Button = link{p.T("mail.mention.button_many"), n.base + "/meldingen"}
	}
	for _, m := range waiting[:min(len(waiting), mentionsInMail)] {
		q := quote{
			From:  m.who(p),
			Where: n.where(to, m.Space, m.SpaceKind, m.CreatedAt),
			Text:  richtext.Excerpt(m.HTML, quoteLength),
		}
		if len(waiting) > 1 {
			q.Link = n.base + forum.PostPath(m.PostID)
		}
		made.Quotes = append(made.Quotes, q)
	}
	return made
}

// who says who wrote, and where when that has a name.
func (m waitingMention) who(p *locale.Printer) string {
	if m.SpaceKind == community.KindDirect {
		return p.T("mail.mention.who_direct", "Name", nameOr(p, m.FromName))
	}
	return p.T("mail.mention.who", "Name", nameOr(p, m.FromName), "Title", m.Title)
}

// where says in which space something was written, and when.
func (n *Notify) where(to reader, space string, kind community.SpaceKind, at time.Time) string {
	p := to.printer()
	when := p.When(to.local(at), to.local(n.clock.Now()))
	if kind == community.KindDirect {
		return when // a conversation between people has no name
	}
	return space + " · " + when
}

func nameOr(p *locale.Printer, name string) string {
	if name == "" {
		return p.T("mail.somebody")
	}
	return name
}

// orGiveUp makes a refusal the end of the job.
func orGiveUp(err error) error {
	if errors.Is(err, ErrRefused) {
		return fmt.Errorf("%w: %w", jobs.ErrGiveUp, err)
	}
	return err
}
