package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/emersion/go-message/charset"
	gomail "github.com/emersion/go-message/mail"
	"go.uber.org/goleak"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

const base = "https://leerkring.voorbeeldstad.example"

// room is a closed space with people in it, and notifications at work: the real
// queue, and mails as files.
type room struct {
	*testkit.World
	t                                *testing.T
	manager, anna, bram, olaf, anais community.Actor
	space                            community.Space
	notify                           *notify.Notify
	queue                            *jobs.Queue
	folder                           string

	// mayFail: jobs fail in this test, on purpose.
	mayFail bool

	mu   sync.Mutex
	told map[int64][]notify.Notification
}

func eachRoom(t *testing.T, test func(t *testing.T, r *room)) {
	t.Helper()
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) { test(t, newRoom(t, w)) })
}

func newRoom(t *testing.T, w *testkit.World) *room {
	r := &room{World: w, t: t, folder: t.TempDir(), told: map[int64][]notify.Notification{}}
	r.manager = w.Person("Mieke Manager", community.RoleAdmin)
	r.anna, r.bram, r.anais, r.olaf = w.Person("Anna"), w.Person("Bram"), w.Person("Anaïs Öz"), w.Person("Olaf Buiten")
	r.space = w.Space(r.manager, community.Closed, 0)
	for _, who := range []community.Actor{r.anna, r.bram, r.anais} {
		w.Join(r.manager, r.space, who, community.Member)
	}
	mailer, err := notify.OpenMailer("", r.folder, notify.DefaultFrom(base))
	if err != nil {
		t.Fatal(err)
	}
	r.use(mailer)
	return r
}

// use makes the room's notifications with another mailer.
func (r *room) use(mailer notify.Mailer) {
	log := slog.New(slog.NewTextHandler(r.t.Output(), nil))
	r.notify = notify.New(notify.Options{
		DB: r.DB, Clock: r.Clock, Community: r.Community, Mailer: mailer, BaseURL: base + "/", Log: log,
		Tell: notify.Announcements{Notified: func(person int64, n notify.Notification) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.told[person] = append(r.told[person], n)
		}},
	})
	r.t.Cleanup(func() {
		var failures []string
		if err := r.DB.Read(ctx, func(tx *database.Tx) error {
			return tx.Select(&failures, `SELECT last_error FROM jobs WHERE last_error <> ''`)
		}); err != nil || (len(failures) > 0 && !r.mayFail) {
			r.t.Errorf("jobs failed: %q, %v", failures, err)
		}
	})
	r.queue = jobs.NewQueue(r.DB, r.Clock, log, r.notify.Handlers())
}

// work does all jobs that are due.
func (r *room) work() {
	r.t.Helper()
	for {
		n, err := r.queue.Once(ctx)
		if err != nil {
			r.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// toldOf returns what was announced to somebody since the last call.
func (r *room) toldOf(who community.Actor) []notify.Notification {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told[who.Person]
	delete(r.told, who.Person)
	return told
}

func (r *room) inbox(who community.Actor) []notify.Notification {
	r.t.Helper()
	list, _, err := r.notify.Inbox(ctx, who, false, community.Page{Limit: 100})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// kinds returns the kinds in somebody's inbox, the newest first.
func (r *room) kinds(who community.Actor) string {
	r.t.Helper()
	var kinds []string
	for _, n := range r.inbox(who) {
		kinds = append(kinds, n.Kind)
	}
	return strings.Join(kinds, " ")
}

func (r *room) reply(author community.Actor, to forum.Post, body string) forum.Post {
	r.t.Helper()
	post, err := r.Forum.Post(ctx, author, forum.PostInput{Stream: to.StreamID, Parent: to.ID, Body: body})
	if err != nil {
		r.t.Fatal(err)
	}
	return post
}

func (r *room) first(stream forum.Stream) forum.Post {
	r.t.Helper()
	post, err := r.Forum.PostByID(ctx, r.manager, *stream.FirstPostID)
	if err != nil {
		r.t.Fatal(err)
	}
	return post
}

func (r *room) settings(who community.Actor, in community.SettingsChange) {
	r.t.Helper()
	if _, err := r.Community.ChangeSettings(ctx, who, in); err != nil {
		r.t.Fatal(err)
	}
}

// letter is a mail as its reader gets it.
type letter struct {
	raw     string
	header  mail.Header
	to      string
	subject string
	text    string
	html    string
}

// mails returns the mails that were written since the last call, the oldest
// first.
func (r *room) mails() []letter {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.folder, "*.eml"))
	if err != nil {
		r.t.Fatal(err)
	}
	var letters []letter
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		letters = append(letters, open(r.t, raw))
		if err := os.Remove(file); err != nil {
			r.t.Fatal(err)
		}
	}
	if rest, _ := os.ReadDir(r.folder); len(rest) > 0 {
		r.t.Errorf("the mail folder holds more than mails: %v", rest)
	}
	return letters
}

// open reads a mail with another library than the one that wrote it.
func open(t *testing.T, raw []byte) letter {
	t.Helper()
	plain, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("not a mail: %v\n%s", err, raw)
	}
	l := letter{raw: string(raw), header: plain.Header}
	reader, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if l.subject, err = reader.Header.Subject(); err != nil {
		t.Fatal(err)
	}
	to, err := reader.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("to %v: %v", to, err)
	}
	l.to = to[0].Address
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := part.Header.(*gomail.InlineHeader).ContentType()
		switch kind {
		case "text/plain":
			l.text = strings.ReplaceAll(string(content), "\r\n", "\n")
		case "text/html":
			l.html = string(content)
		default:
			t.Errorf("a part of type %s", kind)
		}
	}
	return l
}

// crowd adds people to the room's space, without signing them in.
func (r *room) crowd(n int) []int64 {
	r.t.Helper()
	people := make([]int64, n)
	for i := range people {
		name := fmt.Sprintf("Lid %d", i)
		id, err := r.Community.AddPerson(ctx, community.NewPerson{Name: name, Mail: testkit.MailOf(name)})
		if err != nil {
			r.t.Fatal(err)
		}
		people[i] = id
		if _, err := r.Community.PutMember(ctx, r.manager, r.space.ID, id, community.Member); err != nil {
			r.t.Fatal(err)
		}
	}
	return people
}
