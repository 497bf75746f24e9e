// Command leerkring is the whole product: the server, and the commands to look
// after it. Results go to stdout, everything else to stderr. It exits with 0
// when it did what was asked, 1 when that was refused, 2 when it was asked the
// wrong way or the settings are wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	_ "time/tzdata" // a small machine may have no zone files

	"leerkring/internal/app"
	"leerkring/internal/config"
	"leerkring/internal/fault"
	"leerkring/internal/locale"
)

// command is one thing the program can be asked to do.
type command struct {
	name  string // the words that call it
	usage string // what may follow
	does  string
	run   func(ctx context.Context, c *call) error
}

// commands is everything there is, in the order of the help text. It is filled
// in init, since help prints it.
var commands []command

func init() {
	commands = []command{
		{"serve", "[--demo]", "serve the site; --demo fills an empty database with a made-up region", serve},
		{"migrate", "", "bring the database up to date", migrate},
		{"user add", "--mail MAIL --name NAME [--organisation O] [--role member|moderator|admin]", "make an account; prints its id", userAdd},
		{"user role", "--mail MAIL ROLE", "give somebody a platform role", userRole},
		{"user disable", "--mail MAIL", "end an account; what was written stays", userDisable},
		{"user link", "--mail MAIL", "print a one-time address to sign in with", userLink},
		{"token create", "--user MAIL [--scope read,write,admin] [--name NAME]", "make a personal token; prints it", tokenCreate},
		{"token revoke", "--user MAIL | TOKEN", "end all tokens of somebody, or one", tokenRevoke},
		{"digest send", "--now", "send the digest to everyone for whom there is something; prints how many", digestSend},
		{"digest preview", "MAIL", "print the digest somebody would get now", digestPreview},
		{"doctor", "", "check settings, database, Redis and mail, and say what to do", doctor},
		{"help settings", "", "list the settings", helpSettings},
		{"help", "", "list the commands", help},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// call is one use of the program.
type call struct {
	args     []string
	environ  []string
	out, err io.Writer
	log      *slog.Logger
}

// run does what the arguments ask for and returns the exit code.
func run(ctx context.Context, args, environ []string, out, errs io.Writer) int {
	c := &call{environ: environ, out: out, err: errs, log: slog.New(slog.NewTextHandler(errs, nil))}
	if len(args) == 0 || slices.Contains([]string{"-h", "--help", "-help"}, args[0]) {
		args = []string{"help"}
	}
	for _, cmd := range commands {
		words := strings.Fields(cmd.name)
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			c.args = args[len(words):]
			return c.tell(cmd, cmd.run(ctx, c))
		}
	}
	fmt.Fprintf(errs, "leerkring: there is no command %q; `leerkring help` lists them\n", strings.Join(args, " "))
	return 2
}

// wrongUse says that the command was asked for in the wrong way; badStart that
// the program cannot work as it is set up.
type (
	wrongUse struct{ reason string }
	badStart struct{ error }
)

func (w wrongUse) Error() string { return w.reason }

// tell writes why something was not done, and returns the exit code.
func (c *call) tell(cmd command, err error) int {
	var use wrongUse
	var start badStart
	switch {
	case err == nil:
		return 0
	case errors.As(err, &use):
		fmt.Fprintf(c.err, "leerkring: %s\nusage: leerkring %s %s\n", use.reason, cmd.name, cmd.usage)
		return 2
	case errors.As(err, &start):
		fmt.Fprintf(c.err, "leerkring: %v\n", start.error)
		return 2
	}
	if e, ok := fault.As(err); ok {
		fmt.Fprintf(c.err, "leerkring: %s\n", c.words(e))
	} else {
		fmt.Fprintf(c.err, "leerkring: %v\n", err)
	}
	return 1
}

// words writes a fault in the language of the terminal.
func (c *call) words(e *fault.Error) string {
	language := "en"
	for _, v := range c.environ {
		if strings.HasPrefix(v, "LANG=nl") || strings.HasPrefix(v, "LC_ALL=nl") {
			language = "nl"
		}
	}
	p := locale.For(language)
	text := p.Fault(e.Text)
	for _, f := range e.Fields {
		text += "\n  " + f.Name + ": " + p.Fault(f.Text)
	}
	if e.Kind == fault.Unavailable && e.Cause != nil {
		text += "\n  " + e.Cause.Error()
	}
	return text
}

// settings reads and checks the settings.
func (c *call) settings() (config.Settings, error) {
	s, err := config.Read(c.environ)
	if err != nil {
		return s, badStart{fmt.Errorf("the settings are not right:\n%w", err)}
	}
	return s, nil
}

// domain opens the installation for a command.
func (c *call) domain(ctx context.Context) (*app.App, error) {
	s, err := c.settings()
	if err != nil {
		return nil, err
	}
	a, err := app.Domain(ctx, s, c.log)
	if err != nil {
		return nil, badStart{err}
	}
	return a, nil
}
