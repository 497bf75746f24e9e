package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

const (
	// smtpStep is how long a mail server may take for one answer, smtpWhole how
	// long for the whole of one mail.
	smtpStep  = 25 * time.Second
	smtpWhole = 60 * time.Second
)

// smtp hands each mail to a mail server, over a connection of its own.
type smtp struct {
	host     string
	port     int
	implicit bool // TLS from the first byte (smtps)
	user     string
	password string
	sender   mail.Address
	trusted  bool // on this machine: nobody sits in between
	step     time.Duration
	whole    time.Duration
}

// openSMTP reads smtp://user:password@host:port, where all but the host may be
// left out. STARTTLS is used when the server offers it.
func openSMTP(address string, sender mail.Address) (*smtp, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("the address must look like smtp://host:port or smtps://user:password@host") // not err: it quotes the password
	}
	s := &smtp{host: u.Hostname(), implicit: u.Scheme == "smtps", sender: sender, user: u.User.Username(), step: smtpStep, whole: smtpWhole}
	s.password, _ = u.User.Password()
	s.trusted = isThisMachine(s.host)
	switch {
	case u.Port() != "":
		if s.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("the port must be a number")
		}
	case s.implicit:
		s.port = 465
	case s.user != "":
		s.port = 587
	default:
		s.port = 25
	}
	return s, nil
}

func isThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.IsLoopback())
}

func (s *smtp) Sender() mail.Address { return s.sender }

// Send returns nil when the server has taken the mail.
func (s *smtp) Send(ctx context.Context, m Message) error {
	msg, err := compose(m, s.sender)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.whole)
	defer cancel()
	var hangUp func()
	client, err := s.client(func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := s.dial(dialing, network, address)
		if err == nil {
			// The library leaves a conversation that went wrong open, and does not
			// look at the context any more.
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			hangUp = func() { stop(); conn.Close() }
		}
		return conn, err
	})
	if err != nil {
		return err
	}
	defer func() {
		if hangUp != nil {
			hangUp()
		}
	}()
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() {
		return nil // what goes wrong in saying goodbye does not matter
	}
	return s.told(err)
}

func (s *smtp) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.step), gomail.WithTLSPolicy(gomail.TLSOpportunistic),
		gomail.WithTLSConfig(s.tls()), gomail.WithDialContextFunc(dial), gomail.WithHELO(s.helo()),
		gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	if s.implicit {
		options = append(options, gomail.WithSSL())
	}
	if s.user != "" {
		// PLAIN and LOGIN refuse to show the password on an open line.
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain,
				gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return gomail.NewClient(s.host, options...)
}

func (s *smtp) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.implicit {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (s *smtp) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.trusted}
}

// helo is how we call ourselves: by the domain we send from.
func (s *smtp) helo() string {
	_, domain, _ := strings.Cut(s.sender.Address, "@")
	if domain == "" {
		return "localhost"
	}
	return domain
}

// told makes of what the library says an error that can be logged: without the
// recipient, whom servers like to quote. It is a refusal when the server said,
// about this recipient or this text, that it will never take it. What it says
// about us (a wrong password, a sender it does not know) is for whoever runs
// the installation to put right, and the mail waits.
func (s *smtp) told(err error) error {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return fmt.Errorf("the mail server %s:%d: %w", s.host, s.port, err)
	}
	told := fmt.Errorf("the mail server %s:%d said %d %s: %s", s.host, s.port, e.ErrorCode(), e.EnhancedStatusCode(), e.Reason)
	final := e.Reason == gomail.ErrSMTPRcptTo || e.Reason == gomail.ErrSMTPData || e.Reason == gomail.ErrSMTPDataClose
	if final && e.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %w", ErrRefused, told)
	}
	return told
}
