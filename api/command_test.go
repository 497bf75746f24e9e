package api_test

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"leerkring/api"
	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func encodedShape(t *testing.T, shape any) []byte {
	t.Helper()
	b, err := api.Encode(shape)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A command gives the same as the operation, in the same words.
func TestCommands(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		do := func(name, fields string) string {
			t.Helper()
			ok, err := s.api.Commands()[name](ctx, w.who.Actor, []byte(`{"id":1,"cmd":"`+name+`",`+fields+`}`))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return string(encodedShape(t, ok))
		}
		same := func(got string, post int64) {
			t.Helper()
			if want := `{"post":` + string(s.ask(w.who, "GET", at("/posts/{}", post), nil).want(200).Body) + `}`; got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		}
		posted := do("post", fmt.Sprintf(`"stream":%d,"body":"Dag 😀 <b>","nonce":"6f9619ff-8b86-d011-b42d-00c04fc964ff","parent":%d`, w.question.ID, w.post.ID))
		var post int64
		fmt.Sscanf(posted, `{"post":{"id":%d`, &post)
		same(posted, post)
		if !strings.Contains(posted, `"body":"Dag 😀 <b>"`) {
			t.Errorf("escaped: %s", posted)
		}
		same(do("react", fmt.Sprintf(`"post":%d,"emoji":"🎉"`, post)), post)
		same(do("react", fmt.Sprintf(`"post":%d,"emoji":"👍"`, post)), post)
		if again := do("react", fmt.Sprintf(`"post":%d,"emoji":"👍"`, post)); !strings.Contains(again, `"reactions":{"🎉":1,"👍":1}`) {
			t.Errorf("reactions: %s", again)
		}
		same(do("unreact", fmt.Sprintf(`"post":%d,"emoji":"👍"`, post)), post)
		same(do("edit", fmt.Sprintf(`"post":%d,"body":"Dag!","rev":6`, post)), post)
		same(do("delete", fmt.Sprintf(`"post":%d`, post)), post)
		if ok := do("seen", fmt.Sprintf(`"stream":%d,"rev":3`, w.question.ID)); ok != `{}` {
			t.Errorf("seen: %s", ok)
		}
	})
}

// What is refused, and that whether one may comes before what one sent.
func TestCommandsRefuse(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		reader := s.caller(w.other.Actor, community.ScopeRead)
		reader.Actor.Scopes = community.ScopeRead
		otto := s.person("Otto Buiten")
		const nonce = `"nonce":"6f9619ff-8b86-d011-b42d-00c04fc964ff"`
		stream, post := fmt.Sprintf(`"stream":%d`, w.question.ID), fmt.Sprintf(`"post":%d`, w.post.ID)
		for _, c := range []struct {
			who    caller
			cmd    string
			fields string
			code   string
			field  string
		}{
			{w.who, "post", `"body":"x",` + nonce, "invalid", "stream"},
			{w.who, "post", stream + `,"body":"x"`, "invalid", "nonce"},
			{w.who, "post", stream + `,"body":"x","nonce":"sleutel"`, "invalid", "nonce"},
			{w.who, "post", stream + `,"body":" ",` + nonce, "invalid", "body"},
			{w.who, "post", stream + `,` + nonce, "invalid", "body"},
			{w.who, "post", stream + `,"body":"` + strings.Repeat("x", limits.Body+1) + `",` + nonce, "invalid", "body"},
			{w.who, "post", stream + `,"body":5,` + nonce, "invalid", "body"},
			{w.who, "post", stream + `,"body":null,` + nonce, "invalid", "body"},
			{w.who, "post", stream + `,"body":"x","parent":0,` + nonce, "invalid", "parent"},
			{w.who, "post", stream + `,"body":"x","attachments":[1],` + nonce, "invalid", "attachments"},
			{w.who, "post", `"stream":"1","body":"x",` + nonce, "invalid", "stream"},
			{w.who, "post", stream + `,"body":"x","more":1,` + nonce, "bad_request", ""},
			{w.who, "post", stream + `,"body":"x","body":"y",` + nonce, "bad_request", ""},
			{w.who, "post", stream + `,"body":"\ud800",` + nonce, "bad_request", ""},
			{w.who, "post", `"stream":0,"body":"x",` + nonce, "not_found", ""},
			{w.who, "post", `"stream":-1,"body":"x",` + nonce, "not_found", ""},
			{w.who, "post", `"stream":987654321,"body":5,` + nonce, "not_found", ""},
			{otto, "post", stream + `,"body":"x",` + nonce, "not_found", ""},
			{otto, "post", `"body":5,` + stream, "not_found", ""},
			{otto, "post", stream + `,"body":"x","nonce":"sleutel"`, "not_found", ""},
			{reader, "post", stream + `,"body":"x","nonce":"sleutel"`, "forbidden", ""},
			{reader, "post", stream + `,"body":" ",` + nonce, "forbidden", ""},
			{w.who, "edit", post, "invalid", "body"},
			{w.who, "edit", `"body":"x"`, "invalid", "post"},
			{w.who, "edit", post + `,"body":"x","rev":"1"`, "invalid", "rev"},
			{w.who, "edit", post + `,"body":"x","rev":1`, "conflict", ""},
			{w.other, "edit", post + `,"body":"x","rev":"1"`, "forbidden", ""},
			{w.other, "edit", post + `,"body":"x"`, "forbidden", ""},
			{otto, "edit", post + `,"body":"x","rev":"1"`, "not_found", ""},
			{w.other, "delete", post, "forbidden", ""},
			{otto, "delete", post, "not_found", ""},
			{w.who, "delete", `"post":"1"`, "invalid", "post"},
			{w.who, "delete", post + `,"body":"x"`, "bad_request", ""},
			{w.who, "react", post, "invalid", "emoji"},
			{w.who, "react", post + `,"emoji":"x"`, "invalid", "emoji"},
			{w.who, "unreact", post + `,"emoji":1`, "invalid", "emoji"},
			{otto, "react", post, "not_found", ""},
			{reader, "unreact", post + `,"emoji":1`, "forbidden", ""},
			{w.who, "seen", stream, "invalid", "rev"},
			{w.who, "seen", stream + `,"rev":-1`, "invalid", "rev"},
			{w.who, "seen", `"rev":1`, "invalid", "stream"},
			{otto, "seen", stream + `,"rev":-1`, "not_found", ""},
			{reader, "seen", stream + `,"rev":1`, "forbidden", ""},
		} {
			ok, err := s.api.Commands()[c.cmd](ctx, c.who.Actor, []byte(`{"id":1,"cmd":"`+c.cmd+`",`+c.fields+`}`))
			code, message, field := api.FaultJSON(err, "nl")
			if err == nil || code != c.code || field != c.field || message == "" {
				t.Errorf("%s by %s %.80s: %v, %v; %s %q %q", c.cmd, c.who.Name, c.fields, ok, err, code, field, message)
			}
		}
		if len(s.Changes()) != 2 { // what the site was made with
			t.Error("something was changed")
		}
		s.ask(w.who, "GET", at("/streams/{}", w.question.ID), nil).equal("posts", 2)
		for _, name := range []string{"post", "edit", "delete", "react", "unreact", "seen"} {
			for _, frame := range []string{"", "x", "[]", "null", `{"id":1}{}`, `{"cmd":`, `{"id":1,"cmd":"x","id":2}`, strings.Repeat("[", 20_000)} {
				_, err := s.api.Commands()[name](ctx, w.who.Actor, []byte(frame))
				if !fault.Is(err, fault.BadRequest) {
					t.Errorf("%s %.20q: %v", name, frame, err)
				}
			}
			if api.IsWrite(name) != (name != "seen") {
				t.Errorf("%s: a write is %v", name, api.IsWrite(name))
			}
		}
	})
}

func TestFaultJSON(t *testing.T) {
	for _, c := range []struct {
		err                  error
		code, message, field string
	}{
		{fault.Missing(), "not_found", "This is not there, or you may not see it.", ""},
		{fault.InvalidField("body", "required"), "invalid", "Fill this in.", "body"},
		{fmt.Errorf("secret"), "unavailable", "This does not work right now. Try again in a moment.", ""},
		{fault.Down(fmt.Errorf("secret")), "unavailable", "This does not work right now. Try again in a moment.", ""},
	} {
		if code, message, field := api.FaultJSON(c.err, "en"); code != c.code || message != c.message || field != c.field {
			t.Errorf("%v: %q %q %q", c.err, code, message, field)
		}
	}
}

func FuzzCommands(f *testing.F) {
	f.Add("post", []byte(`{"id":1,"cmd":"post","stream":1,"body":"x","nonce":"6f9619ff-8b86-d011-b42d-00c04fc964ff"}`))
	f.Add("edit", []byte(`{"id":1,"cmd":"edit","post":2,"body":"x","rev":3}`))
	f.Add("react", []byte(`{"id":1,"cmd":"react","post":2,"emoji":"👍"}`))
	f.Add("seen", []byte(`{"id":1,"cmd":"seen","stream":1,"rev":2}`))
	w := newWritable(sqliteSite(f))
	commands := w.api.Commands()
	f.Fuzz(func(t *testing.T, name string, frame []byte) {
		command, ok := commands[name]
		if !ok {
			return
		}
		if _, err := command(ctx, w.who.Actor, frame); err != nil {
			if e, ok := fault.As(err); !ok || e.Kind == fault.Unavailable {
				t.Fatal(err)
			}
		}
	})
}
