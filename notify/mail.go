package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"leerkring/internal/richtext"
)

// Message is one mail to one person.
type Message struct {
	// ID is the Message-ID, without brackets. Another try has the same.
	ID      string
	To      mail.Address
	Subject string
	// Text and HTML say the same.
	Text string
	HTML string
	Date time.Time
	// Language of the text, as in BCP 47.
	Language string
	// Unsubscribe is the address that stops this type of mail with one POST; ""
	// for a mail that somebody asked for.
	Unsubscribe string
	// List names the list it belongs to (List-Id), "" for none.
	List string
}

// Mailer hands mails over. An error that wraps [ErrRefused] is final: this mail
// will never be taken. After any other, try again.
type Mailer interface {
	Send(ctx context.Context, m Message) error
	// Sender is whom all mails are from.
	Sender() mail.Address
}

// ErrRefused is what a [Mailer] says of a mail that nobody will take, however
// often it is tried: the address does not exist, the content is refused.
var ErrRefused = errors.New("the mail was refused for good")

// OpenMailer returns the mailer for an address smtp://… or smtps://…, or the one
// that writes files into folder when address is empty. from is an address like
// `Leerkring <noreply@town.example>`; see [DefaultFrom].
func OpenMailer(address, folder, from string) (Mailer, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no mail address: %w", from, err)
	}
	if address == "" {
		return openFolder(folder, *sender)
	}
	return openSMTP(address, *sender)
}

// DefaultFrom is the sender for an installation at this public address.
func DefaultFrom(baseURL string) string {
	host := hostOf(baseURL)
	if ip, err := netip.ParseAddr(host); err == nil {
		host = "[" + ip.String() + "]"
		if ip.Is6() {
			host = "localhost" // few mail programs can read the other form
		}
	}
	return (&mail.Address{Name: "Leerkring", Address: "noreply@" + host}).String()
}

// compose makes a mail ready to go out. It is the one place where text of
// people becomes a header.
func compose(m Message, from mail.Address) (*gomail.Msg, error) {
	if !isDeliverable(m.To.Address) {
		return nil, fmt.Errorf("%w: the address cannot be written in a header", ErrRefused)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&mail.Address{Name: headerText(m.To.Name), Address: m.To.Address})
	msg.Subject(headerText(m.Subject))
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All") // what answers for absent people in town halls heeds this one
	if m.Language != "" {
		msg.SetGenHeader("Content-Language", m.Language)
	}
	if m.List != "" {
		msg.SetGenHeader("List-Id", m.List)
	}
	if m.Unsubscribe != "" {
		msg.SetListUnsubscribe(m.Unsubscribe)
		msg.SetListUnsubscribePost()
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}

// headerText makes one line of a text, in which nobody reads an encoded word
// that we did not write.
func headerText(s string) string { return strings.ReplaceAll(richtext.Line(s), "=?", "= ?") }

// isDeliverable reports whether an address is one that can stand in a header
// and in a command to a mail server.
func isDeliverable(address string) bool {
	parsed, err := mail.ParseAddress("<" + address + ">")
	return err == nil && parsed.Address == address && !strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == '<' || r == '>'
	})
}

// bytesOf returns the mail as it goes out.
func bytesOf(m Message, from mail.Address) ([]byte, error) {
	msg, err := compose(m, from)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, err
	}
	return io.ReadAll(&b)
}
