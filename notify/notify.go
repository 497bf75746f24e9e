// Package notify tells people what they should hear of: in the inbox at once,
// by mail when they have not seen it for a while, and in a digest at the hour
// they chose.
//
// It owns who hears of a post (posted.go, hearer.go), the inbox (inbox.go), the
// digest (digest*.go), every mail there is (mail*.go, letter*.go) and stopping
// them with one click (unsubscribe.go). All of it is done by jobs, after the
// commit of what it is about, and access is asked again at the moment of telling:
// what somebody may no longer read, they are no longer told.
//
// It does not know how a page or a socket shows a notification.
package notify

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/clock"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
)

// Notify is the door to inbox and mail. It is safe for concurrent use.
type Notify struct {
	db        *database.DB
	clock     *clock.Clock
	community *community.Community
	mailer    Mailer
	base      string // the public address, without a slash at the end
	host      string // of base, for the right side of a Message-ID
	log       *slog.Logger
	tell      Announcements
	holder    string // of leases
}

// Options is what a Notify is made from. All but Tell is needed.
type Options struct {
	DB        *database.DB
	Clock     *clock.Clock
	Community *community.Community
	Mailer    Mailer
	// BaseURL is the public address of the installation, for links in mails.
	BaseURL string
	Log     *slog.Logger
	Tell    Announcements
}

// Announcements are told after a commit, and must return soon.
type Announcements struct {
	// Notified: there is something new in this person's inbox.
	Notified func(person int64, n Notification)
	// WorkWaits: a job has been put in the queue.
	WorkWaits func()
}

// New returns a Notify that works on what Options holds.
func New(o Options) *Notify {
	if o.Tell.Notified == nil {
		o.Tell.Notified = func(int64, Notification) {}
	}
	if o.Tell.WorkWaits == nil {
		o.Tell.WorkWaits = func() {}
	}
	return &Notify{
		db: o.DB, clock: o.Clock, community: o.Community, mailer: o.Mailer, log: o.Log, tell: o.Tell,
		base: strings.TrimRight(o.BaseURL, "/"), host: hostOf(o.BaseURL), holder: uuid.NewString(),
	}
}

// The kinds of jobs that this package enqueues itself.
const (
	jobDigest      = "mail.digest"
	jobMentionMail = "mail.mention"
)

// Handlers returns what this package does for the queue, by kind of job.
func (n *Notify) Handlers() map[string]jobs.Handler {
	return map[string]jobs.Handler{
		forum.JobPosted:             n.posted,
		community.JobSignInMail:     n.mailSignIn,
		community.JobInvitationMail: n.mailInvitation,
		jobMentionMail:              n.mailMention,
		jobDigest:                   n.mailDigest,
	}
}

// read decodes a job's payload. One that cannot be read never will be.
func read(payload json.RawMessage, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrGiveUp, err)
	}
	return nil
}

func hostOf(base string) string {
	address, err := url.Parse(base)
	if err != nil || address.Hostname() == "" {
		return "localhost"
	}
	return address.Hostname()
}
