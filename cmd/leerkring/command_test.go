package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

func TestCommandsOnAnEmptyFolder(t *testing.T) {
	i := install(t)
	if id := i.must("user", "add", "--mail", "ada@voorbeeldstad.example", "--name", "Ada", "--role", "admin"); id != "1" {
		t.Errorf("the id printed is %q", id)
	}
	if _, errs, code := i.do("user", "add", "--mail", "ADA@voorbeeldstad.example", "--name", "Ada"); code != 1 || errs == "" {
		t.Errorf("a known address: exit %d, %q", code, errs)
	}
	token := i.must("token", "create", "--user", "ada@voorbeeldstad.example")
	if strings.ContainsAny(token, " \n") || len(token) < 20 {
		t.Errorf("the token printed is %q", token)
	}
	i.must("token", "revoke", token)
	if _, _, code := i.do("token", "revoke", token); code != 1 {
		t.Errorf("a second time: exit %d", code)
	}
	i.must("token", "create", "--user", "ada@voorbeeldstad.example", "--scope", "read")
	i.must("token", "revoke", "--user", "ada@voorbeeldstad.example")
	i.must("user", "role", "--mail", "ada@voorbeeldstad.example", "member")
	if link := i.must("user", "link", "--mail", "ada@voorbeeldstad.example"); !strings.Contains(link, "/aanmelden/") {
		t.Errorf("the link printed is %q", link)
	}
	i.must("user", "disable", "--mail", "ada@voorbeeldstad.example")
	if _, _, code := i.do("user", "link", "--mail", "ada@voorbeeldstad.example"); code != 1 {
		t.Errorf("a link for a disabled account: exit %d", code)
	}
	if n := i.must("digest", "send", "--now"); n != "0" {
		t.Errorf("digests sent: %q", n)
	}
	if out := i.must("migrate"); !strings.Contains(out, "nothing to do") {
		t.Errorf("migrate printed %q", out)
	}
	if out := i.must("help", "settings"); !strings.Contains(out, "LEERKRING_QUEUE_BYTES") {
		t.Errorf("help settings printed %q", out)
	}
	if out := i.must("doctor"); !strings.Contains(out, "database") {
		t.Errorf("doctor printed %q", out)
	}
	info, err := os.Stat(filepath.Join(strings.TrimPrefix(i.env[1], "LEERKRING_DATA="), "leerkring.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database file: %v, %v", info.Mode(), err)
	}
}

func TestWrongUseAndWrongSettings(t *testing.T) {
	for _, c := range []struct {
		settings []string
		args     string
		code     int
		says     string
	}{
		{nil, "nonsense", 2, "leerkring help"},
		{nil, "user add --mail x@y.example", 2, "--name is missing"},
		{nil, "user add --mail nomail --name Ada", 1, "mail"},
		{nil, "user add --mail x@y.example --name Ada --role king", 2, "--role must be"},
		{nil, "user role --mail x@y.example", 2, "usage:"},
		{nil, "user role --mail nobody@y.example admin", 1, "nobody"},
		{nil, "token create --user x@y.example --scope fly", 2, "--scope must be"},
		{nil, "digest send", 2, "--now is missing"},
		{nil, "digest preview nobody@y.example", 1, ""},
		{nil, "serve --bananas", 2, "usage: leerkring serve"},
		{[]string{"LEERKRING_PORT=1"}, "serve", 2, "there is no setting LEERKRING_PORT"},
		{[]string{"LEERKRING_ADDR=nowhere"}, "serve", 2, "LEERKRING_ADDR must be"},
		{[]string{"LEERKRING_DATABASE=postgres://a:b@127.0.0.1:1/c"}, "serve", 2, "Make sure that the server runs"},
		{[]string{"LEERKRING_DATA=/dev/null/x"}, "serve", 2, "may be written"},
	} {
		i := install(t, c.settings...)
		_, errs, code := i.do(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v leerkring %s: exit %d, want %d:\n%s", c.settings, c.args, code, c.code, errs)
		}
		if strings.Contains(errs, "goroutine") || strings.Contains(errs, "a:b@") {
			t.Errorf("leerkring %s tells too much:\n%s", c.args, errs)
		}
	}
}

func TestServeRefusesANewerDatabase(t *testing.T) {
	i := install(t)
	i.must("migrate")
	db := testkit.OpenFile(t, filepath.Join(strings.TrimPrefix(i.env[1], "LEERKRING_DATA="), "leerkring.db"))
	if _, err := db.Handle().Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := i.do("serve"); code != 2 || !strings.Contains(errs, "newer") {
		t.Errorf("exit %d:\n%s", code, errs)
	}
}

// A running server honours what the command line does.
func TestRunningServerHonoursCommands(t *testing.T) {
	i := install(t)
	i.must("user", "add", "--mail", "ada@voorbeeldstad.example", "--name", "Ada")
	i.must("user", "add", "--mail", "bo@voorbeeldstad.example", "--name", "Bo")
	ada := i.must("token", "create", "--user", "ada@voorbeeldstad.example")
	bo := i.must("token", "create", "--user", "bo@voorbeeldstad.example")
	p := i.serve()
	if p.get("/healthz") != 200 || p.get("/readyz") != 200 {
		t.Error("it listens, and is not ready")
	}
	one := hubtest.Dial(t, p.address+"/ws", hubtest.Token(ada))
	two := hubtest.Dial(t, p.address+"/ws", hubtest.Token(bo))
	i.must("token", "revoke", ada)
	if code := one.Closed(); code != 4401 {
		t.Errorf("a revoked token's socket closed with %d", code)
	}
	i.must("user", "disable", "--mail", "bo@voorbeeldstad.example")
	if code := two.Closed(); code != 4401 {
		t.Errorf("a disabled person's socket closed with %d", code)
	}
	if _, response, err := hubtest.TryDial(t, p.address+"/ws", hubtest.Token(bo)); err == nil || response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a disabled person got %v", err)
	}
}

func TestStopSendsSocketsAway(t *testing.T) {
	i := install(t)
	i.must("user", "add", "--mail", "ada@voorbeeldstad.example", "--name", "Ada")
	token := i.must("token", "create", "--user", "ada@voorbeeldstad.example")
	p := i.serve()
	c := hubtest.Dial(t, p.address+"/ws", hubtest.Token(token))
	code, took := p.stop()
	if code != 0 || took > 10*time.Second {
		t.Errorf("exit %d after %v:\n%s", code, took, p.log())
	}
	if got := c.Closed(); got != 1001 {
		t.Errorf("the socket closed with %d", got)
	}
}

// Redis that is not there is a warning at the start, no more.
func TestServeWithoutItsRedis(t *testing.T) {
	i := install(t, "LEERKRING_REDIS=redis://127.0.0.1:1")
	p := i.serve()
	if p.get("/readyz") != 200 || !strings.Contains(p.log(), "Redis does not answer") {
		t.Errorf("the log:\n%s", p.log())
	}
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d:\n%s", code, p.log())
	}
}
