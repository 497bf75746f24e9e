package notify_test

import (
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

func TestFolderWritesWholeMailsInOrder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	mailer, err := notify.OpenMailer("", dir, `Leerkring <noreply@leer.example>`)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := mailer.Send(ctx, notify.Message{ID: fmt.Sprintf("m.%d@leer.example", i), To: mail.Address{Name: "Anaïs Öz", Address: "a@oost.example"},
			Subject: fmt.Sprintf("Groet %d – één", i), Text: "Hoi\n", HTML: "<p>Hoi</p>", Date: testkit.Start.Add(time.Duration(i/2) * time.Second), Language: "nl"}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for i, file := range files { // in the order of their names
		raw, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		l := open(t, raw)
		if l.subject != fmt.Sprintf("Groet %d – één", i) || l.text != "Hoi\n" || !strings.HasSuffix(file.Name(), ".eml") {
			t.Errorf("%s: %q %q", file.Name(), l.subject, l.text)
		}
		from, _ := l.header.AddressList("From")
		to, _ := l.header.AddressList("To")
		date, _ := l.header.Date()
		if from[0].String() != `"Leerkring" <noreply@leer.example>` || to[0].Name != "Anaïs Öz" || to[0].Address != "a@oost.example" ||
			!date.Equal(testkit.Start.Add(time.Duration(i/2)*time.Second)) || l.header.Get("Message-Id") != fmt.Sprintf("<m.%d@leer.example>", i) ||
			l.header.Get("Auto-Submitted") != "auto-generated" || l.header.Get("List-Unsubscribe") != "" {
			t.Errorf("header %v", l.header)
		}
	}
}

func TestMailerSettingsAreChecked(t *testing.T) {
	dir := t.TempDir()
	for _, address := range []string{"http://mail.example", "smtp://", "mail.example:25", "smtp://mail.example:x", "smtps://u:geheim@:465"} {
		if _, err := notify.OpenMailer(address, dir, "a@b.example"); err == nil {
			t.Errorf("%s is taken for a mail server", address)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("the password is told: %v", err)
		}
	}
	if _, err := notify.OpenMailer("", dir, "nobody"); err == nil {
		t.Error("a sender without an address is taken")
	}
	for base, want := range map[string]string{
		"https://leer.voorbeeldstad.example/x": `"Leerkring" <noreply@leer.voorbeeldstad.example>`,
		"http://localhost:8080":                `"Leerkring" <noreply@localhost>`,
		"http://127.0.0.1:8080":                `"Leerkring" <noreply@[127.0.0.1]>`,
		"http://[::1]:8080":                    `"Leerkring" <noreply@localhost>`,
		"":                                     `"Leerkring" <noreply@localhost>`,
	} {
		from := notify.DefaultFrom(base)
		if from != want {
			t.Errorf("DefaultFrom(%q) = %s", base, from)
		}
		if _, err := notify.OpenMailer("", dir, from); err != nil {
			t.Errorf("%s: %v", from, err)
		}
	}
}

// Nothing that people write becomes a header, an address or a part of its own.
func TestTextOfPeopleStaysText(t *testing.T) {
	nasty := []string{
		"Anna\r\nBcc: all@oost.example", "Anna\nBcc: all@oost.example", "Anna\rBcc: x@y.example", "Anna\u2028Bcc: x@y.example",
		`Anna" <evil@oost.example>, "B`, "Anna <evil@oost.example>", "=?UTF-8?q?Anna=0D=0ABcc:_x@y.example?=", "Anna\x00Bcc: x", "\u202Egnp.exe",
		strings.Repeat("lang ", 60), strings.Repeat("ë", 200), "<script>alert(1)</script>", `{{.Name}} %s %n`,
	}
	dir := t.TempDir()
	mailer, err := notify.OpenMailer("", dir, "Leerkring <noreply@leer.example>")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress"}
	for _, s := range nasty {
		if err := mailer.Send(ctx, notify.Message{ID: "m@leer.example", To: mail.Address{Name: s, Address: "anna@oost.example"}, Subject: s,
			Text: s, HTML: "<p></p>", Date: testkit.Start, Language: "nl"}); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
		raw, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(files[0])
		l := open(t, raw)
		var got []string
		for name := range l.header {
			got = append(got, name)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q gave the headers %v", s, got)
		}
		if to, err := l.header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "anna@oost.example" {
			t.Errorf("%q goes to %v, %v", s, to, err)
		}
		if strings.ContainsAny(l.subject, "\r\n\x00\u2028\u202e") {
			t.Errorf("%q gave the subject %q", s, l.subject)
		}
		for _, line := range strings.Split(l.raw, "\r\n") {
			if len(line) > 998 {
				t.Errorf("%q gave a line of %d", s, len(line))
			}
		}
	}
	for _, address := range []string{"", "anna", "anna@oost.example\r\nRCPT TO:<b@c.example>", "a b@oost.example", "anna@oost.example>", "a@b.example, c@d.example", "anna@oost.example\x00"} {
		err := mailer.Send(ctx, notify.Message{ID: "m@leer.example", To: mail.Address{Address: address}, Date: testkit.Start})
		if err == nil || !strings.Contains(err.Error(), notify.ErrRefused.Error()) {
			t.Errorf("%q is taken for an address: %v", address, err)
		}
	}
}

// Names in the mails themselves are escaped and cleaned as well.
func TestNastyNamesInMails(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		name := `Eef" <b>Bcc:</b> <x@y.example>`
		if err := r.Community.ChangeProfile(ctx, r.bram, community.ProfileChange{Name: name}); err != nil {
			t.Fatal(err)
		}
		if err := r.Community.ChangeProfile(ctx, r.anna, community.ProfileChange{Name: name}); err != nil {
			t.Fatal(err)
		}
		stream, err := r.Forum.Start(ctx, r.bram, r.space.ID, forum.NewStream{Kind: forum.Question,
			Title: "Kan dit?\r\nBcc: x@y.example <script>alert(1)</script>", Body: mentioning(r.anna) + " <script>alert(2)</script>"})
		if err != nil {
			t.Fatal(err)
		}
		_ = stream
		r.work()
		r.Clock.Advance(11 * time.Minute)
		r.work()
		if _, err := r.notify.SendNow(ctx); err != nil {
			t.Fatal(err)
		}
		letters := r.mails()
		if len(letters) < 3 {
			t.Fatalf("%d mails", len(letters))
		}
		for _, l := range letters {
			if strings.Contains(l.html, "<script") || strings.Contains(l.html, "<b>Bcc") || l.header.Get("Bcc") != "" {
				t.Errorf("not escaped:\n%s", l.html)
			}
		}
		if !strings.Contains(letters[0].subject, "Kan dit? Bcc: x@y.example <script>") {
			t.Errorf("subject %q", letters[0].subject)
		}
	})
}

var address = regexp.MustCompile(regexp.QuoteMeta(base) + `/[a-z]+/[A-Za-z0-9_.-]+`)

// linkIn returns the first address of this kind in a text.
func linkIn(t *testing.T, text, path string) string {
	t.Helper()
	for _, found := range address.FindAllString(text, -1) {
		if strings.HasPrefix(found, base+path) {
			return found
		}
	}
	t.Fatalf("no link to %s in:\n%s", path, text)
	return ""
}

func TestSignInMail(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		ask := func(in community.SignInRequest) []letter {
			t.Helper()
			if err := r.Community.RequestSignIn(ctx, in); err != nil {
				t.Fatal(err)
			}
			r.work()
			return r.mails()
		}
		letters := ask(community.SignInRequest{Mail: "ANNA@voorbeeldstad.example", Next: "/vragen"})
		if len(letters) != 1 || letters[0].to != "anna@voorbeeldstad.example" || letters[0].subject != "Je link om je aan te melden" {
			t.Fatalf("mails: %+v", letters)
		}
		link := linkIn(t, letters[0].text, "/aanmelden/")
		if linkIn(t, letters[0].html, "/aanmelden/") != link || !strings.Contains(strings.Join(strings.Fields(letters[0].text), " "), "15 minuten") {
			t.Error(letters[0].text)
		}
		if letters[0].header.Get("List-Unsubscribe") != "" {
			t.Error("one can unsubscribe from signing in")
		}
		session, next, err := r.Community.UseSignInLink(ctx, strings.TrimPrefix(link, base+"/aanmelden/"))
		if err != nil || next != "/vragen" {
			t.Fatal(next, err)
		}
		if who, err := r.Community.IdentifySession(ctx, session.Token); err != nil || who.Person != r.anna.Person {
			t.Errorf("%+v, %v", who, err)
		}
		english := "en"
		r.settings(r.bram, community.SettingsChange{Language: &english})
		if letters := ask(community.SignInRequest{Mail: testkit.MailOf("Bram")}); letters[0].subject != "Your link to sign in" {
			t.Errorf("in the wrong language: %s", letters[0].subject)
		}
		// Nobody there, or no longer: nothing goes out, and nothing fails.
		if err := r.Community.Disable(ctx, testkit.MailOf("Olaf Buiten")); err != nil {
			t.Fatal(err)
		}
		for _, mail := range []string{"niemand@oost.example", testkit.MailOf("Olaf Buiten")} {
			if letters := ask(community.SignInRequest{Mail: mail}); len(letters) != 0 {
				t.Errorf("%s got %d mails", mail, len(letters))
			}
		}
		if letters := ask(community.SignInRequest{Mail: "niemand@oost.example", Invitation: "onzin", Name: "Niemand"}); len(letters) != 0 {
			t.Errorf("a wrong invitation got %d mails", len(letters))
		}
		// No mail bomb: five an hour for one address (I13).
		count := 0
		for range 100 {
			count += len(ask(community.SignInRequest{Mail: testkit.MailOf("Anaïs Öz")}))
		}
		if count != 5 {
			t.Errorf("%d mails for one address within the hour", count)
		}
		r.Clock.Advance(61 * time.Minute)
		if letters := ask(community.SignInRequest{Mail: testkit.MailOf("Anaïs Öz")}); len(letters) != 1 {
			t.Error("not taken up again after an hour")
		}
	})
}

func TestInvitationMail(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		invite := func() []letter {
			t.Helper()
			if _, err := r.Community.Invite(ctx, r.manager, r.space.ID, community.NewInvitation{Mail: "Nieuw@oost.example"}); err != nil {
				t.Fatal(err)
			}
			r.work()
			return r.mails()
		}
		letters := invite()
		if len(letters) != 1 || letters[0].to != "Nieuw@oost.example" || letters[0].subject != "Mieke Manager nodigt je uit voor "+r.space.Name {
			t.Fatalf("mails: %+v", letters)
		}
		code := strings.TrimPrefix(linkIn(t, letters[0].text, "/uitnodiging/"), base+"/uitnodiging/")
		if w, err := r.Community.Invitation(ctx, code); err != nil || w.Space != r.space.Name {
			t.Errorf("%+v, %v", w, err)
		}
		count := 1
		for range 30 {
			count += len(invite())
		}
		if count != 5 {
			t.Errorf("%d invitations mailed to one address within the hour", count)
		}
		// Revoked before the job ran: nothing.
		r.Clock.Advance(2 * time.Hour)
		made, err := r.Community.Invite(ctx, r.manager, r.space.ID, community.NewInvitation{Mail: "ander@oost.example"})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Community.RevokeInvitation(ctx, r.manager, r.space.ID, made.ID); err != nil {
			t.Fatal(err)
		}
		r.work()
		if letters := r.mails(); len(letters) != 0 {
			t.Errorf("mailed though revoked: %s", letters[0].raw)
		}
	})
}

// A mention is mailed when it has not been seen for ten minutes, and only if it
// still may be.
func TestMentionMail(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		chat := r.Stream(r.manager, r.space, forum.Channel)
		mention := func(body string) forum.Post {
			t.Helper()
			post := r.Post(r.bram, chat, mentioning(r.anna)+" "+body)
			r.work()
			return post
		}
		later := func() []letter {
			t.Helper()
			r.Clock.Advance(10 * time.Minute)
			r.work()
			return r.mails()
		}
		post := mention("wat denk **jij**?")
		r.Clock.Advance(9 * time.Minute)
		r.work()
		if letters := r.mails(); len(letters) != 0 {
			t.Error("mailed before Anna could see it by herself")
		}
		letters := later()
		if len(letters) != 1 || letters[0].to != testkit.MailOf("Anna") || letters[0].subject != "Bram noemt je in ‘"+chat.Title+"’" ||
			!strings.Contains(letters[0].text, "> Kijk eens @Anna wat denk jij?") ||
			linkIn(t, letters[0].html, "/berichten/") != base+forum.PostPath(post.ID) {
			t.Fatalf("mails: %+v", letters)
		}
		stop := linkIn(t, letters[0].text, "/afmelden/")
		if letters[0].header.Get("List-Unsubscribe") != "<"+stop+">" || letters[0].header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("headers: %v", letters[0].header)
		}
		if letters := later(); len(letters) != 0 {
			t.Errorf("mailed again: %s", letters[0].subject)
		}
		// Several that wait go out as one.
		for i := range 7 {
			mention(fmt.Sprintf("nummer %d", i))
		}
		letters = later()
		if len(letters) != 1 || letters[0].subject != "Er zijn 7 berichten voor je" || !strings.Contains(letters[0].text, "nummer 6") ||
			strings.Contains(letters[0].text, "nummer 1\n") {
			t.Fatalf("mails: %+v", letters)
		}
		for name, before := range map[string]func(forum.Post) func(){
			"seen": func(p forum.Post) func() {
				if err := r.Forum.Seen(ctx, r.anna, chat.ID, p.Rev); err != nil {
					t.Fatal(err)
				}
				return nil
			},
			"marked": func(forum.Post) func() {
				if err := r.notify.MarkRead(ctx, r.anna, nil, r.inbox(r.anna)[0].ID); err != nil {
					t.Fatal(err)
				}
				return nil
			},
			"deleted": func(p forum.Post) func() {
				if _, err := r.Forum.Delete(ctx, r.bram, p.ID); err != nil {
					t.Fatal(err)
				}
				return nil
			},
			"muted": func(forum.Post) func() {
				r.level(r.anna, chat, community.LevelMuted)
				return func() { r.level(r.anna, chat, community.LevelDefault) }
			},
			"space muted": func(forum.Post) func() {
				r.spaceLevel(r.anna, community.LevelMuted)
				return func() { r.spaceLevel(r.anna, community.LevelDefault) }
			},
			"no mail wanted": func(forum.Post) func() {
				yes, no := true, false
				r.settings(r.anna, community.SettingsChange{MailMentions: &no})
				return func() { r.settings(r.anna, community.SettingsChange{MailMentions: &yes}) }
			},
			"removed": func(forum.Post) func() {
				if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, r.anna.Person); err != nil {
					t.Fatal(err)
				}
				return func() { r.Join(r.manager, r.space, r.anna, community.Member) }
			},
		} {
			after := before(mention("toch maar niet: " + name))
			if letters := later(); len(letters) != 0 {
				t.Errorf("%s, and still mailed:\n%s", name, letters[0].text)
			}
			if after != nil {
				after()
			}
		}
		mention("laatste")
		if err := r.Community.Disable(ctx, testkit.MailOf("Anna")); err != nil {
			t.Fatal(err)
		}
		if letters := later(); len(letters) != 0 {
			t.Error("mailed to an account that is no longer in use")
		}
	})
}

func TestOneClickStopsOneTypeOfMail(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		chat := r.Stream(r.manager, r.space, forum.Channel)
		r.Post(r.bram, chat, mentioning(r.anna))
		r.work()
		r.Clock.Advance(11 * time.Minute)
		r.work()
		mentions := strings.TrimPrefix(linkIn(t, r.mails()[0].text, "/afmelden/"), base+"/afmelden/")
		if _, err := r.notify.SendNow(ctx); err != nil {
			t.Fatal(err)
		}
		var digest string
		for _, l := range r.mails() {
			if l.to == testkit.MailOf("Anna") {
				u, err := url.Parse(strings.Trim(l.header.Get("List-Unsubscribe"), "<>"))
				if err != nil {
					t.Fatal(err)
				}
				digest = strings.TrimPrefix(u.Path, "/afmelden/")
			}
		}
		settings := func() community.Settings {
			s, err := r.Community.MySettings(ctx, r.anna)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		before := settings()
		for _, token := range []string{mentions, digest} {
			kind, mail, err := r.notify.ReadUnsubscribe(ctx, token)
			if err != nil || mail != testkit.MailOf("Anna") || !strings.HasPrefix(token, kind) {
				t.Errorf("%s: %s %s %v", token, kind, mail, err)
			}
		}
		if settings() != before {
			t.Error("looking at the page changed something")
		}
		for range 2 { // twice is no mistake
			kind, err := r.notify.Unsubscribe(ctx, digest)
			if err != nil || kind != notify.StopDigest {
				t.Fatal(kind, err)
			}
		}
		want := before
		want.Digest = community.DigestOff
		if settings() != want {
			t.Errorf("%+v, want %+v", settings(), want)
		}
		if kind, err := r.notify.Unsubscribe(ctx, mentions); err != nil || kind != notify.StopMentions {
			t.Fatal(kind, err)
		}
		want.MailMentions = false
		if settings() != want {
			t.Errorf("%+v, want %+v", settings(), want)
		}
		// What is not ours, in every way.
		other := strings.Replace(digest, fmt.Sprintf(".%d.", r.anna.Person), fmt.Sprintf(".%d.", r.bram.Person), 1)
		swapped := "mentions" + strings.TrimPrefix(digest, "digest")
		wrong := []string{"", ".", "..", "x", other, swapped, digest + "x", digest[:len(digest)-1], strings.ToUpper(digest), strings.Repeat("a", 10000)}
		for i := range digest {
			changed := []byte(digest)
			changed[i] ^= 1
			wrong = append(wrong, string(changed))
		}
		for _, token := range wrong {
			if _, err := r.notify.Unsubscribe(ctx, token); !fault.Is(err, fault.NotFound) {
				t.Errorf("%.60q is taken: %v", token, err)
			}
			if _, _, err := r.notify.ReadUnsubscribe(ctx, token); !fault.Is(err, fault.NotFound) {
				t.Errorf("%.60q is read: %v", token, err)
			}
		}
	})
}

// Plain text fits the width that mail programs show.
func TestPlainTextIsWrapped(t *testing.T) {
	r := week(t, testkit.NewWorld(t, testkit.SQLite(t)))
	raw, err := r.notify.Preview(ctx, testkit.MailOf("Anna"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(open(t, raw).text, "\n") {
		if utf8.RuneCountInString(line) > 76 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d wide: %s", utf8.RuneCountInString(line), line)
		}
	}
}
