// Package config reads the settings: environment variables that begin with
// LEERKRING_. They are read once, checked all together, and handed to
// internal/app; no other package looks at the environment.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"leerkring/internal/database"
)

// Settings is everything that can be set. The zero value is not usable; see
// [Read].
type Settings struct {
	Addr        string `env:"LEERKRING_ADDR" envDefault:"127.0.0.1:8080" help:"address to listen on"`
	URL         string `env:"LEERKRING_URL" help:"public address, used in links and to know our own pages; http://ADDR when empty"`
	Data        string `env:"LEERKRING_DATA" envDefault:"./data" help:"folder of the embedded parts: leerkring.db, files/, mail/*.eml"`
	Database    string `env:"LEERKRING_DATABASE" help:"postgres://…, missing parts from the PG* variables; SQLite in the data folder when empty"`
	Redis       string `env:"LEERKRING_REDIS" help:"redis://… or rediss://…, several separated by commas are a cluster; one node without it when empty"`
	RedisPrefix string `env:"LEERKRING_REDIS_PREFIX" envDefault:"leerkring:" help:"what our channels and keys in Redis begin with"`
	SMTP        string `env:"LEERKRING_SMTP" help:"smtp://… or smtps://…, for outgoing mail; .eml files in the data folder when empty"`
	MailFrom    string `env:"LEERKRING_MAIL_FROM" help:"sender of all mail: Name <address>; noreply at the public address when empty"`
	Files       string `env:"LEERKRING_FILES" help:"folder for uploaded files; files/ in the data folder when empty"`
	Metrics     string `env:"LEERKRING_METRICS" help:"address of a second listener for /metrics; off when empty"`
	Limits      string `env:"LEERKRING_LIMITS" envDefault:"on" help:"off lifts the limits on how fast somebody may write, for tests, imports and load"`
	Compression string `env:"LEERKRING_COMPRESSION" envDefault:"off" help:"on lets sockets compress what they send, for slow lines: half the bytes, more work"`
	QueueBytes  int    `env:"LEERKRING_QUEUE_BYTES" envDefault:"1048576" help:"bytes that may wait for one socket"`
}

// Read reads the settings from environment variables ("NAME=value"). The error
// names each setting that is wrong, and what to do.
func Read(environ []string) (Settings, error) {
	variables := map[string]string{}
	for _, v := range environ {
		if name, value, ok := strings.Cut(v, "="); ok && strings.HasPrefix(name, "LEERKRING_") {
			variables[name] = value
		}
	}
	if err := unknown(variables); err != nil {
		return Settings{}, err
	}
	var s Settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: variables}); err != nil {
		return Settings{}, fmt.Errorf("LEERKRING_QUEUE_BYTES must be a whole number of bytes, not %q", variables["LEERKRING_QUEUE_BYTES"])
	}
	if s.URL == "" {
		s.URL = "http://" + s.Addr
	}
	s.URL = strings.TrimSuffix(s.URL, "/")
	return s, s.check()
}

// unknown refuses settings that do not exist: a misspelt one would be ignored
// in silence.
func unknown(variables map[string]string) error {
	var known []string
	for _, h := range Help() {
		known = append(known, h.Name)
	}
	var problems []error
	for name := range variables {
		if slices.Contains(known, name) {
			continue
		}
		problem := fmt.Sprintf("there is no setting %s", name)
		if near := nearest(name, known); near != "" {
			problem += fmt.Sprintf("; did you mean %s?", near)
		}
		problems = append(problems, errors.New(problem+" (`leerkring help settings` lists them all)"))
	}
	return errors.Join(problems...)
}

func (s Settings) check() error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for name, address := range map[string]string{"LEERKRING_ADDR": s.Addr, "LEERKRING_METRICS": s.Metrics} {
		if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
			wrong("%s must be HOST:PORT, such as 127.0.0.1:8080, not %q", name, address)
		}
	}
	if u, err := url.Parse(s.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" || u.RawQuery != "" {
		wrong("LEERKRING_URL must be an address without a path, such as https://leren.voorbeeldstad.example, not %q", s.URL)
	}
	if s.Database != "" && !hasScheme(s.Database, "postgres", "postgresql") {
		wrong("LEERKRING_DATABASE must begin with postgres:// (or be empty, for SQLite)")
	}
	for _, address := range s.RedisAddresses() {
		if !hasScheme(address, "redis", "rediss") {
			wrong("LEERKRING_REDIS must hold addresses that begin with redis:// or rediss://")
			break
		}
	}
	if s.SMTP != "" && !hasScheme(s.SMTP, "smtp", "smtps") {
		wrong("LEERKRING_SMTP must begin with smtp:// or smtps:// (or be empty, for .eml files)")
	}
	if _, err := mail.ParseAddress(s.MailFrom); s.MailFrom != "" && err != nil {
		wrong("LEERKRING_MAIL_FROM must be a mail address, such as Leerkring <leerkring@voorbeeldstad.example>, not %q", s.MailFrom)
	}
	if s.Limits != "on" && s.Limits != "off" {
		wrong("LEERKRING_LIMITS must be on or off, not %q", s.Limits)
	}
	if s.Compression != "on" && s.Compression != "off" {
		wrong("LEERKRING_COMPRESSION must be on or off, not %q", s.Compression)
	}
	if s.QueueBytes < 4096 {
		wrong("LEERKRING_QUEUE_BYTES must be at least 4096, not %d", s.QueueBytes)
	}
	return errors.Join(problems...)
}

func hasScheme(address string, schemes ...string) bool {
	for _, scheme := range schemes {
		if strings.HasPrefix(address, scheme+"://") {
			return true
		}
	}
	return false
}

// DatabaseFile is where SQLite keeps its data.
func (s Settings) DatabaseFile() string { return filepath.Join(s.Data, "leerkring.db") }

// DatabaseOptions says which database to open.
func (s Settings) DatabaseOptions() database.Options {
	return database.Options{Address: s.Database, Path: s.DatabaseFile()}
}

// MailFolder is where mails are written when there is no SMTP server.
func (s Settings) MailFolder() string { return filepath.Join(s.Data, "mail") }

// RedisAddresses returns the addresses of Redis, none when it is not used.
func (s Settings) RedisAddresses() []string {
	if s.Redis == "" {
		return nil
	}
	return strings.Split(s.Redis, ",")
}

// Unlimited reports whether the limits on speed are lifted.
func (s Settings) Unlimited() bool { return s.Limits == "off" }

// Line is one setting, for `leerkring help settings`.
type Line struct{ Name, Default, Help string }

// Help lists all settings.
func Help() []Line {
	var lines []Line
	t := reflect.TypeFor[Settings]()
	for i := range t.NumField() {
		f := t.Field(i)
		lines = append(lines, Line{f.Tag.Get("env"), f.Tag.Get("envDefault"), f.Tag.Get("help")})
	}
	return lines
}

// FromEnvironment reads the settings of this process.
func FromEnvironment() (Settings, error) { return Read(os.Environ()) }
