package notify

import (
	"context"
	"encoding/json"
	"net/mail"

	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/locale"
)

// mailSignIn makes a sign-in link and mails it. Where there is nobody to let in
// it does nothing and says nothing: whoever asked has had the same answer.
func (n *Notify) mailSignIn(ctx context.Context, payload json.RawMessage) error {
	var request community.SignInRequest
	if err := read(payload, &request); err != nil {
		return err
	}
	made, err := n.community.MakeSignInLink(ctx, request)
	if err != nil {
		return unlessAnswered(err)
	}
	message, err := n.signInLetter(made).message(Message{
		ID: n.messageID("sign-in", "link", 0), To: mail.Address{Name: made.Name, Address: made.Mail}, Date: n.clock.Now(),
	})
	if err != nil {
		return err
	}
	return orGiveUp(n.mailer.Send(ctx, message))
}

func (n *Notify) signInLetter(made community.SignInLink) letter {
	p := locale.For(made.Language)
	return letter{
		Language: p.Language,
		Subject:  p.T("mail.sign_in.subject"),
		Hello:    p.T("mail.hello", "Name", made.Name),
		Lines:    []string{p.T("mail.sign_in.text", "Minutes", int(limits.SignInLinkLife.Minutes()))},
		Button:   link{p.T("mail.sign_in.button"), n.base + "/aanmelden/" + made.Token},
		After:    []string{p.T("mail.sign_in.not_you")},
		Why:      p.T("mail.sign_in.why"),
	}
}

// unlessAnswered keeps the errors that another try may cure. A fault of another
// kind is an answer: nobody there, enough links, the invitation is over.
func unlessAnswered(err error) error {
	if e, ok := fault.As(err); ok && e.Kind != fault.Unavailable {
		return nil
	}
	return err
}
