package app

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"leerkring/internal/config"
)

// Finding is what was found of one part.
type Finding struct {
	What    string
	Says    string
	Warning bool
	Err     error
}

// Examine looks at everything a node needs. It changes nothing.
func Examine(ctx context.Context, s config.Settings) []Finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return []Finding{examineAddress(s), examineFolder(s), examineDatabase(ctx, s), examineRedis(ctx, s), examineMail(ctx, s)}
}

func examineAddress(s config.Settings) Finding {
	f := Finding{What: "address", Says: "listens on " + s.Addr + ", known as " + s.URL}
	u, _ := url.Parse(s.URL)
	host := u.Hostname()
	if u.Scheme == "http" && host != "localhost" && net.ParseIP(host) == nil {
		f.Warning = true
		f.Says += "; use https for people, by a proxy in front, and set LEERKRING_URL to that address"
	}
	return f
}

func examineFolder(s config.Settings) Finding {
	f := Finding{What: "folder", Says: s.Data + " can be written"}
	err := os.MkdirAll(s.Data, 0o750)
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(s.Data, ".doctor-*"); err == nil {
			probe.Close()
			os.Remove(probe.Name())
		}
	}
	if err != nil {
		f.Says, f.Err = "LEERKRING_DATA must be a folder this user may write to", err
	}
	return f
}

func examineDatabase(ctx context.Context, s config.Settings) Finding {
	f := Finding{What: "database"}
	db, err := OpenDatabase(ctx, s)
	if err != nil {
		f.Says, f.Err = "does not answer", err
		return f
	}
	defer db.Close()
	have, want, err := db.Version(ctx)
	switch {
	case err != nil:
		f.Says, f.Err = "answers, but its schema cannot be read", err
	case have > want:
		f.Says, f.Err = "is newer than this program", fmt.Errorf("schema %d, this program knows up to %d: use a newer version", have, want)
	case have < want:
		f.Says, f.Warning = fmt.Sprintf("%s, schema %d of %d: serve or migrate brings it up to date", db.Dialect, have, want), true
	default:
		f.Says = fmt.Sprintf("%s, schema %d", db.Dialect, have)
	}
	return f
}

func examineRedis(ctx context.Context, s config.Settings) Finding {
	f := Finding{What: "redis", Says: "not set: this is the only node"}
	addresses := s.RedisAddresses()
	if len(addresses) == 0 {
		return f
	}
	client, err := openRedis(addresses)
	if err == nil {
		defer client.Close()
		err = client.Ping(ctx).Err()
	}
	f.Says = "answers"
	if err != nil {
		f.Says, f.Err = "does not answer; the nodes then hear of each other a few seconds later, from the database", err
	}
	return f
}

func examineMail(ctx context.Context, s config.Settings) Finding {
	f := Finding{What: "mail", Says: "written to " + s.MailFolder() + "; set LEERKRING_SMTP to send it", Warning: true}
	if s.SMTP == "" {
		return f
	}
	f.Warning = false
	u, err := url.Parse(s.SMTP)
	if err == nil {
		port := u.Port()
		if port == "" {
			port = map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
		}
		var conn net.Conn
		var dialer net.Dialer
		if conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port)); err == nil {
			conn.Close()
		}
	}
	f.Says = "the SMTP server takes connections"
	if err != nil {
		f.Says, f.Err = "the SMTP server of LEERKRING_SMTP cannot be reached", err
	}
	return f
}
