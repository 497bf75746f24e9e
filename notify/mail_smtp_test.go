package notify_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crypto "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	smtpd "github.com/emersion/go-smtp"

	"leerkring/forum"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

// server is a real mail server in this process, that can be told to misbehave.
type server struct {
	mu    sync.Mutex
	mails map[string][]string // by recipient, as they came in
	tries map[string]int
	// judge says what to answer at a step: "mail", "rcpt" or "data".
	judge func(s *server, step, to string) error
	users map[string]string
}

func newServer() *server { return &server{mails: map[string][]string{}, tries: map[string]int{}} }

// serve starts it and returns host:port.
func (s *server) serve(t *testing.T, change func(*smtpd.Server)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := smtpd.NewServer(s)
	d.Domain, d.AllowInsecureAuth = "mail.example", false
	d.ErrorLog = quiet{}
	isTLS := false
	if change != nil {
		change(d)
		isTLS = d.TLSConfig != nil && d.LMTP // LMTP is no mail server: here it says "TLS from the first byte"
		d.LMTP = false
	}
	if isTLS {
		listener = tls.NewListener(listener, d.TLSConfig)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(listener) }()
	t.Cleanup(func() {
		d.Close()
		<-ended
	})
	return listener.Addr().String()
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// NewSession implements smtpd.Backend.
func (s *server) NewSession(c *smtpd.Conn) (smtpd.Session, error) {
	return &visit{server: s, conn: c}, nil
}

func (s *server) got(to string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails[to]
}

type visit struct {
	server   *server
	conn     *smtpd.Conn
	to       string
	signedIn bool
}

func (v *visit) say(step string) error {
	if v.server.judge == nil {
		return nil
	}
	return v.server.judge(v.server, step, v.to)
}

func (v *visit) AuthMechanisms() []string {
	if v.server.users == nil {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if v.server.users[user] != password || password == "" {
			return smtpd.ErrAuthFailed
		}
		v.signedIn = true
		return nil
	}), nil
}

func (v *visit) Mail(string, *smtpd.MailOptions) error {
	if v.server.users != nil && !v.signedIn {
		return smtpd.ErrAuthRequired
	}
	return v.say("mail")
}

func (v *visit) Rcpt(to string, _ *smtpd.RcptOptions) error {
	v.to = to
	v.server.mu.Lock()
	v.server.tries[to]++
	v.server.mu.Unlock()
	return v.say("rcpt")
}

func (v *visit) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	err = v.say("data")
	if err == nil || errors.Is(err, errCut) {
		v.server.mu.Lock()
		v.server.mails[v.to] = append(v.server.mails[v.to], string(content))
		v.server.mu.Unlock()
	}
	if errors.Is(err, errCut) {
		v.conn.Conn().Close() // the mail is in, and nobody is told
	}
	return err
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

var errCut = errors.New("cut")

func answer(code int, words string) error {
	return &smtpd.SMTPError{Code: code, EnhancedCode: smtpd.EnhancedCode{code / 100, 1, 1}, Message: words}
}

// certificate is one that nobody vouches for.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crypto.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(crypto.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

const recipient = "anna@oost.example"

func send(t *testing.T, m notify.Mailer) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return m.Send(ctx, notify.Message{ID: "m@leer.example", To: mail.Address{Name: "Anna", Address: recipient}, Subject: "Groet",
		Text: "Hoi\n.\n..punt\n", HTML: "<p>Hoi</p>", Date: testkit.Start})
}

func mailerFor(t *testing.T, address string) notify.Mailer {
	t.Helper()
	m, err := notify.OpenMailer(address, "", "Leerkring <noreply@leer.example>")
	if err != nil {
		t.Fatal(err)
	}
	notify.Hurry(m, 500*time.Millisecond, 2*time.Second)
	return m
}

func TestMailIsHandedOver(t *testing.T) {
	withTLS := func(d *smtpd.Server) { d.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate(t)}} }
	fromTheStart := func(d *smtpd.Server) { withTLS(d); d.LMTP = true }
	users := map[string]string{"leerkring": "ge:h@im/%"}
	for name, c := range map[string]struct {
		address string
		change  func(*smtpd.Server)
		users   map[string]string
		want    bool
	}{
		"plain":                           {"smtp://ADDR", nil, nil, true},
		"STARTTLS":                        {"smtp://ADDR", withTLS, nil, true},
		"TLS from the start":              {"smtps://ADDR", fromTheStart, nil, true},
		"signed in over STARTTLS":         {"smtp://leerkring:ge%3Ah%40im%2F%25@ADDR", withTLS, users, true},
		"signed in over TLS":              {"smtps://leerkring:ge%3Ah%40im%2F%25@ADDR", fromTheStart, users, true},
		"wrong password":                  {"smtp://leerkring:fout@ADDR", withTLS, users, false},
		"no password":                     {"smtp://ADDR", withTLS, users, false},
		"smtps to a server that is plain": {"smtps://ADDR", nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			s.users = c.users
			m := mailerFor(t, strings.Replace(c.address, "ADDR", s.serve(t, c.change), 1))
			err := send(t, m)
			if (err == nil) != c.want || errors.Is(err, notify.ErrRefused) {
				t.Fatalf("sent: %v", err)
			}
			if err != nil {
				if strings.Contains(err.Error(), "fout") || strings.Contains(err.Error(), recipient) {
					t.Errorf("the error tells too much: %v", err)
				}
				return
			}
			got := s.got(recipient)
			if len(got) != 1 {
				t.Fatalf("%d mails came", len(got))
			}
			if l := open(t, []byte(got[0])); l.text != "Hoi\n.\n..punt\n" || l.subject != "Groet" {
				t.Errorf("came as %q", l.text)
			}
		})
	}
}

// A server whose certificate nobody vouches for gets no mail, unless it is on
// this machine.
func TestStrangeCertificateGetsNoMail(t *testing.T) {
	s := newServer()
	m := mailerFor(t, "smtp://"+s.serve(t, func(d *smtpd.Server) { d.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate(t)}} }))
	notify.Distrust(m)
	if err := send(t, m); err == nil || errors.Is(err, notify.ErrRefused) || len(s.got(recipient)) != 0 {
		t.Errorf("sent: %v", err)
	}
}

// What a server may answer, and whether trying again makes sense (F17).
func TestRefusalsAndTroubles(t *testing.T) {
	at := func(where string, err error) func(*server, string, string) error {
		return func(_ *server, step, _ string) error {
			if step == where {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		judge   func(*server, string, string) error
		refused bool
	}{
		"421 at MAIL":                    {at("mail", answer(421, "busy")), false},
		"530 at MAIL: our own mistake":   {at("mail", answer(530, "sign in first")), false},
		"450 at RCPT: greylisted":        {at("rcpt", answer(450, "later, "+recipient)), false},
		"452 at RCPT: mailbox is full":   {at("rcpt", answer(452, "full")), false},
		"550 at RCPT: nobody there":      {at("rcpt", answer(550, "no such user "+recipient)), true},
		"553 at RCPT: not allowed":       {at("rcpt", answer(553, "no")), true},
		"451 after DATA":                 {at("data", answer(451, "local trouble")), false},
		"554 after DATA: taken for spam": {at("data", answer(554, "spam from "+recipient)), true},
		"cut off after DATA":             {at("data", errCut), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			s.judge = c.judge
			err := send(t, mailerFor(t, "smtp://"+s.serve(t, nil)))
			if err == nil || errors.Is(err, notify.ErrRefused) != c.refused {
				t.Errorf("refused for good: %v, want %v: %v", errors.Is(err, notify.ErrRefused), c.refused, err)
			}
			if err != nil && strings.Contains(err.Error(), recipient) {
				t.Errorf("the recipient is in the error: %v", err)
			}
		})
	}
}

// Servers that keep to no protocol: each costs a little patience and no more.
func TestServersThatHangOrBreak(t *testing.T) {
	say := func(lines ...string) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			for i, line := range lines {
				if i > 0 {
					if _, err := r.ReadString('\n'); err != nil {
						return
					}
				}
				fmt.Fprintf(c, "%s\r\n", line)
			}
		}
	}
	hang := func(c net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) }
	then := func(parts ...func(net.Conn, *bufio.Reader)) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			for _, part := range parts {
				part(c, r)
			}
		}
	}
	untilDot := func(c net.Conn, r *bufio.Reader) {
		for {
			line, err := r.ReadString('\n')
			if err != nil || line == ".\r\n" {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		script func(net.Conn, *bufio.Reader)
		want   bool
	}{
		"says nothing":                 {hang, false},
		"hangs up at once":             {func(net.Conn, *bufio.Reader) {}, false},
		"421 at the door":              {say("421 busy"), false},
		"554 at the door":              {say("554 go away"), false},
		"is a web server":              {say("HTTP/1.1 400 Bad Request"), false},
		"hangs after EHLO":             {then(say("220 hi"), hang), false},
		"hangs after MAIL":             {then(say("220 hi", "250 hi"), hang), false},
		"hangs after DATA":             {then(say("220 hi", "250 hi", "250 ok", "250 ok", "354 go"), hang), false},
		"breaks in STARTTLS":           {then(say("220 hi", "250-hi\r\n250 STARTTLS", "220 go", "no TLS at all")), false},
		"refuses STARTTLS":             {then(say("220 hi", "250-hi\r\n250 STARTTLS", "454 not now"), hang), false},
		"takes the mail, no goodbye":   {then(say("220 hi", "250 hi", "250 ok", "250 ok", "354 go"), untilDot, func(c net.Conn, _ *bufio.Reader) { fmt.Fprint(c, "250 taken\r\n") }), true},
		"takes the mail, and hangs":    {then(say("220 hi", "250 hi", "250 ok", "250 ok", "354 go"), untilDot, func(c net.Conn, _ *bufio.Reader) { fmt.Fprint(c, "250 taken\r\n") }, hang), true},
		"endless greeting":             {func(c net.Conn, _ *bufio.Reader) { endless(c) }, false},
		"takes it, in many lines, 250": {then(say("220-a\r\n220 hi", "250-hi\r\n250-8BITMIME\r\n250 SIZE 1000000", "250 ok", "250 ok", "354 go"), untilDot, func(c net.Conn, _ *bufio.Reader) { fmt.Fprint(c, "250-taken\r\n250 really\r\n") }), true},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				c.script(conn, bufio.NewReader(conn))
			})
			began := time.Now()
			err = send(t, mailerFor(t, "smtp://"+listener.Addr().String()))
			if (err == nil) != c.want || errors.Is(err, notify.ErrRefused) {
				t.Errorf("sent: %v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			listener.Close()
			wg.Wait() // the connection is closed, or the script would still hang
		})
	}
	m := mailerFor(t, "smtp://127.0.0.1:1") // nobody listens
	if err := send(t, m); err == nil || errors.Is(err, notify.ErrRefused) {
		t.Errorf("nobody listens: %v", err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := m.Send(stopped, notify.Message{To: mail.Address{Address: recipient}}); err == nil {
		t.Error("sent after the end")
	}
}

func endless(c net.Conn) {
	line := append(bytes.Repeat([]byte("220-hi\r\n"), 1000), '\n')
	for {
		if _, err := c.Write(line); err != nil {
			return
		}
	}
}

// A whole round of digests over a server that does everything a mail server
// does: all end as sent or failed, in the number of tries there are, and who
// sits behind a good address waits for nobody (F17).
func TestDigestsOverAMoodyServer(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.mayFail = true
		people := r.crowd(90)
		r.Stream(r.manager, r.space, forum.Discussion)
		r.work()
		s := newServer()
		s.judge = func(s *server, step, to string) error {
			var i int
			if n, _ := fmt.Sscanf(to, "lid.%d@", &i); n == 0 {
				return nil
			}
			s.mu.Lock()
			try := s.tries[to]
			s.mu.Unlock()
			switch mood := i % 9; {
			case mood == 1 && step == "rcpt":
				return answer(550, "no such user")
			case mood == 2 && step == "rcpt" && try < 3:
				return answer(450, "greylisted")
			case mood == 3 && step == "rcpt" && try < 2:
				return answer(421, "too busy")
			case mood == 4 && step == "data" && try < 2:
				return answer(451, "trouble")
			case mood == 5 && step == "data":
				return answer(554, "spam")
			case mood == 6 && step == "data" && try < 2:
				return errCut
			case mood == 7 && step == "rcpt":
				return answer(452, "full for ever")
			}
			return nil
		}
		r.use(mailerFor(t, "smtp://"+s.serve(t, nil)))
		r.plan()
		if _, err := r.queue.Once(ctx); err != nil { // one round reaches every good address
			t.Fatal(err)
		}
		for i := range people {
			if i%9 == 0 && len(s.got(lid(i))) != 1 {
				t.Errorf("%s waits for others", lid(i))
			}
		}
		for range 24 * 4 {
			r.Clock.Advance(15 * time.Minute)
			if _, err := r.queue.Once(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for i := range people {
			got, want := len(s.got(lid(i))), 1
			switch i % 9 {
			case 1, 5, 7:
				want = 0
			case 6:
				want = 2 // it had it, and we could not know
			}
			if got != want {
				t.Errorf("%s (mood %d) got %d mails, want %d", lid(i), i%9, got, want)
			}
			if i%9 == 6 {
				both := s.got(lid(i))
				if id := open(t, []byte(both[0])).header.Get("Message-Id"); id == "" || id != open(t, []byte(both[1])).header.Get("Message-Id") {
					t.Errorf("%s got one digest under two names", lid(i))
				}
			}
			if s.tries[lid(i)] > 12 {
				t.Errorf("%s was tried %d times", lid(i), s.tries[lid(i)])
			}
		}
		states := r.states()
		if states["planned"] != 0 || states["failed"] != 30 {
			t.Errorf("mails ended as %v", states)
		}
	})
}

func lid(i int) string { return fmt.Sprintf("lid.%d@voorbeeldstad.example", i) }
