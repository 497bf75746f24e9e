package notify

import (
	"context"
	"encoding/json"
	"errors"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// A digest is planned when it is due (digest_plan.go) and made when it is sent
// (digest_content.go), so that it tells what is unread and may be read at that
// moment. What it told, and what it left out for being too much, no later digest
// tells again: stream_people.digested_rev goes up in the transaction that writes
// down that it was sent.

// mailDigest sends a digest that was planned.
func (n *Notify) mailDigest(ctx context.Context, payload json.RawMessage) error {
	var job mailJob
	if err := read(payload, &job); err != nil {
		return err
	}
	return n.takeUp(ctx, job.Mail, func(p planned) error {
		_, err := n.sendDigest(ctx, p)
		return err
	})
}

// sendDigest makes a digest and hands it over. Nothing to tell, or nobody to
// tell it to: it is dropped.
func (n *Notify) sendDigest(ctx context.Context, p planned) (sent bool, err error) {
	news, err := n.digestOf(ctx, p.PersonID)
	if err == database.ErrNoRows || (err == nil && (news.Reader.Digest == community.DigestOff || news.isEmpty())) {
		return false, n.drop(ctx, p)
	}
	if err != nil {
		return false, err
	}
	message, err := n.digestMessage(ctx, news, p.MessageID)
	if err != nil {
		return false, err
	}
	if err := n.mailer.Send(ctx, message); err != nil {
		return false, err
	}
	// Between here and the commit the mail is out and not known to be: whoever
	// is stopped now sends it again, under the same Message-ID.
	return true, n.db.Write(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		if err := saveDigested(tx, p.PersonID, news.Covered); err != nil {
			return err
		}
		return n.endMails(tx, mailSent, p.ID)
	})
}

// enough is after how many failures in a row the mail server is taken to be
// away: what it refuses for good does not count.
const enough = 3

// SendNow plans and sends the digest of everyone who gets one and for whom
// there is something, and returns how many went out. One that fails is tried
// again by the queue; when the mail server seems to be away, the rest is left
// for another time.
func (n *Notify) SendNow(ctx context.Context) (sent int, err error) {
	people, err := n.digestReaders(ctx)
	if err != nil {
		return 0, err
	}
	var failures []error
	inARow := 0
	for _, person := range people {
		went, err := n.sendNowTo(ctx, person)
		if went {
			sent++
		}
		if err == nil {
			inARow = 0
			continue
		}
		failures = append(failures, err)
		if !errors.Is(err, ErrRefused) {
			inARow++
		}
		if inARow == enough || ctx.Err() != nil {
			break
		}
	}
	return sent, errors.Join(failures...)
}

func (n *Notify) sendNowTo(ctx context.Context, person int64) (sent bool, err error) {
	news, err := n.digestOf(ctx, person)
	if err == database.ErrNoRows || (err == nil && news.isEmpty()) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	id, err := n.planDigestNow(ctx, person)
	if err != nil {
		return false, err
	}
	err = n.takeUp(ctx, id, func(p planned) error {
		sent, err = n.sendDigest(ctx, p)
		return err
	})
	return sent, err
}

// Preview returns the digest that would go to this address now, as a mail, and
// changes nothing. NotFound for an unknown address, Conflict when there is
// nothing to tell.
func (n *Notify) Preview(ctx context.Context, mail string) (message []byte, err error) {
	person, err := n.community.PersonByMail(ctx, mail)
	if err != nil {
		return nil, err
	}
	news, err := n.digestOf(ctx, person)
	if err != nil {
		return nil, err
	}
	if news.isEmpty() {
		return nil, fault.New(fault.Conflict, "digest.nothing_new")
	}
	m, err := n.digestMessage(ctx, news, n.messageID(kindDigest, "preview", person))
	if err != nil {
		return nil, err
	}
	return bytesOf(m, n.mailer.Sender())
}
