package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/limits"
)

// writable is a site with somebody who may do everything to the things in it.
type writable struct {
	*site
	who      caller
	other    caller
	space    community.Space
	question forum.Stream
	post     forum.Post
}

func newWritable(s *site) *writable {
	s.t.Helper()
	w := &writable{site: s, who: s.person("Ada Beheer", community.RoleAdmin), other: s.person("Bram Bos")}
	w.space = s.Space(w.who.Actor, community.Closed, 0)
	s.Join(w.who.Actor, w.space, w.other.Actor, community.Member)
	w.question = s.Stream(w.who.Actor, w.space, forum.Question)
	w.post = s.Post(w.who.Actor, w.question, "Zo doen wij het.")
	return w
}

// path fills in the things of the site.
func (w *writable) path(o api.Operation) string {
	id := w.question.ID
	switch {
	case strings.HasPrefix(o.Path, "/spaces/{id}"):
		id = w.space.ID
	case strings.HasPrefix(o.Path, "/posts/{id}"):
		id = w.post.ID
	}
	return strings.NewReplacer("{id}", fmt.Sprint(id), "{person}", fmt.Sprint(w.other.Person), "{emoji}", "%F0%9F%91%8D").Replace(o.Path)
}

// body is one that the operation takes, with every field that goes together.
func (w *writable) body(o api.Operation) map[string]any {
	switch o.ID {
	case "createSpace":
		return map[string]any{"kind": "group", "name": "Noord", "visibility": "open", "parent": w.space.ID, "description": "Wij"}
	case "changeSpace":
		return map[string]any{"name": "Zuid", "visibility": "hidden", "description": "Zij"}
	case "putMember":
		return map[string]any{"role": "coach"}
	case "createInvitation":
		return map[string]any{"uses": 3, "expires_at": "2026-12-01T00:00:00Z"}
	case "createStream":
		return map[string]any{"kind": "question", "title": "Hoe?", "body": "Zo?", "tags": []any{"a"}, "category": "b"}
	case "changeStream":
		return map[string]any{"title": "Hoe dan?", "tags": []any{"a"}, "category": "b", "pinned": false, "closed": false}
	case "acceptAnswer":
		return map[string]any{"post": w.post.ID}
	case "createPost":
		return map[string]any{"body": "Zo!", "parent": w.post.ID, "anonymous": false, "attachments": []any{}}
	case "editPost":
		return map[string]any{"body": "Zo dus.", "rev": 1000}
	case "changeMySettings":
		return map[string]any{"digest": "daily", "hour": 1, "weekday": 2, "time_zone": "Europe/Amsterdam", "language": "nl", "mail_mentions": true, "push": false}
	case "readNotifications":
		return map[string]any{"ids": []any{1}}
	case "markSeen":
		return map[string]any{"rev": 1}
	case "setLevel":
		return map[string]any{"level": "all"}
	}
	w.t.Fatalf("no body for %s", o.ID)
	return nil
}

func (w *writable) bodied() (list []api.Operation) {
	for _, o := range w.api.Operations() {
		if o.Body != nil {
			list = append(list, o)
		}
	}
	return list
}

// Everything else than what is named is refused, in every operation and at
// every field; nothing is a defect.
func TestBodiesAreReadStrictly(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		refused := 0
		refuse := func(o api.Operation, what, body string) api.ProblemJSON {
			t.Helper()
			refused++
			a := s.ask(w.who, o.Method, w.path(o), body)
			var p api.ProblemJSON
			if a.into(&p); a.Status != 400 || p.Code != "bad_request" && p.Code != "invalid" {
				t.Errorf("%s, %s: %d %s\n%.200s", o.ID, what, a.Status, a.Body, body)
			}
			return p
		}
		for _, o := range w.bodied() {
			good := w.body(o)
			s.ask(w.who, o.Method, w.path(o), good).want(o.Status)
			whole := encoded(t, good)
			for what, body := range map[string]string{
				"a list": "[]", "a text": `"x"`, "a number": "1", "null": "null", "true": "true", "white space": " \n",
				"unknown field":  strings.TrimSuffix(whole, "}") + `,"x":1}`,
				"another case":   `{"` + strings.ToUpper(first(good)) + `":1}`,
				"trailing":       whole + "{}",
				"trailing comma": strings.TrimSuffix(whole, "}") + ",}",
				"cut":            whole[:len(whole)-1],
				"deep":           strings.Repeat("[", 20_000),
				"deep object":    strings.Repeat(`{"a":`, 2_000) + "1" + strings.Repeat("}", 2_000),
				"bad UTF-8":      "{\"\xff\":1}",
				"BOM":            "\ufeff" + whole,
				"prototype":      `{"__proto__":{}}`,
				"form":           "body=x&title=y",
			} {
				refuse(o, what, body)
			}
			if !o.BodyOptional {
				refuse(o, "nothing", "")
			}
			for name, value := range good {
				for what, raw := range unfitting(value) {
					other := maps.Clone(good)
					delete(other, name)
					rest := strings.TrimPrefix(encoded(t, other), "{")
					if len(other) > 0 {
						rest = "," + rest
					}
					p := refuse(o, name+" "+what, `{"`+name+`":`+raw+rest)
					if p.Code == "invalid" && p.Errors[0].Field != name {
						t.Errorf("%s, %s %s: about %s", o.ID, name, what, p.Errors[0].Field)
					}
					if strings.HasPrefix(what, "type") && p.Code != "invalid" {
						t.Errorf("%s, %s %s: %s", o.ID, name, what, p.Code)
					}
				}
				refuse(o, name+" doubled", strings.TrimSuffix(whole, "}")+`,"`+name+`":`+encoded(t, value)+"}")
			}
		}
		t.Logf("%d bodies refused", refused)
	})
}

// unfitting are values that a field of this type does not take.
func unfitting(value any) map[string]string {
	raw := map[string]string{"type null": "null", "type object": "{}", "huge": "1e400", "deep": strings.Repeat("[", 3000) + strings.Repeat("]", 3000)}
	if reflect.TypeOf(value).Kind() != reflect.String {
		raw["type text"] = `"1"`
	}
	if reflect.TypeOf(value).Kind() != reflect.Bool {
		raw["type bool"] = "true"
	}
	switch value.(type) {
	case string:
		raw["type number"] = "1"
		raw["type list"] = `["a"]`
		raw["NUL"] = `"a\u0000b"`
		raw["lone surrogate"] = `"\ud800"`
		raw["bad UTF-8"] = "\"\xff\""
		raw["raw control"] = "\"\x01\""
	case []any:
		raw["type number"] = "1"
		raw["null in it"] = "[null]"
		raw["list in it"] = "[[]]"
	case bool:
		raw["type number"] = "1"
	default: // numbers
		raw["fraction"] = "1.5"
		raw["over 64 bits"] = "9223372036854775808"
		raw["type list"] = "[1]"
	}
	return raw
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func first(m map[string]any) string { return slices.Sorted(maps.Keys(m))[0] }

// What is missing is named, once it is known that the caller may.
func TestMissingFieldsAreNamed(t *testing.T) {
	s := sqliteSite(t)
	w := newWritable(s)
	for id, field := range map[string]string{
		"createSpace": "kind", "createStream": "kind", "acceptAnswer": "post", "createPost": "body", "editPost": "body",
		"markSeen": "rev", "setLevel": "level", "readNotifications": "ids",
	} {
		o := operationOf(t, s, id)
		s.ask(w.who, o.Method, w.path(o), `{}`).invalid(field, "required")
	}
	s.ask(w.who, "POST", "/spaces", `{"kind":"group"}`).invalid("name", "required")
	s.ask(w.who, "POST", "/spaces", `{"kind":"direct"}`).invalid("people", "required")
	s.ask(w.who, "POST", "/spaces", at(`{"kind":"direct","name":"x","people":[{}]}`, w.other.Person)).invalid("name", "does_not_fit")
	s.ask(w.who, "POST", "/spaces", `{"kind":"group","name":"x","people":[1]}`).invalid("people", "does_not_fit")
	s.ask(w.who, "PUT", "/notifications/read", `{"ids":[1],"until":2}`).invalid("until", "does_not_fit")
	both := s.ask(w.who, "POST", at("/spaces/{}/streams", w.space.ID), `{"kind":"stream","title":" \n "}`).problem(400, "invalid")
	if len(both.Errors) != 2 {
		t.Errorf("errors %+v", both.Errors)
	}
}

func TestContentTypes(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		for _, o := range w.bodied() {
			body := encoded(t, w.body(o))
			for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
				"application/jsonx", "text/json", "application/json; charset=latin1", ";", ""} {
				p := s.ask(w.who, o.Method, w.path(o), body, "Content-Type: "+kind).problem(415, "unsupported_media_type")
				if !strings.Contains(p.Detail, "application/json") {
					t.Errorf("%s: %s", o.ID, p.Detail)
				}
			}
			s.ask(w.who, o.Method, w.path(o), body, "Content-Encoding: gzip").problem(415, "unsupported_media_type")
			for _, kind := range []string{"application/json", "Application/JSON", "application/json;charset=UTF-8", `application/json; charset="utf-8"`} {
				s.ask(w.who, o.Method, w.path(o), body, "Content-Type: "+kind).want(o.Status)
			}
			patched := 415
			if o.Method == "PATCH" {
				patched = o.Status
			}
			s.ask(w.who, o.Method, w.path(o), body, "Content-Type: application/merge-patch+json").want(patched)
		}
		// Nothing needs no type.
		s.ask(w.who, "PUT", at("/spaces/{}/members/{}", w.space.ID, w.other.Person), nil).want(200)
		s.ask(w.who, "PUT", at("/posts/{}/vote", w.post.ID), nil, "Content-Type: text/plain").want(200)
	})
}

func TestBodyAtItsLimit(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		for _, o := range w.bodied() {
			good := encoded(t, w.body(o))
			padded := func(size int) string { return good + strings.Repeat(" ", size-len(good)) }
			s.ask(w.who, o.Method, w.path(o), padded(limits.RequestBody-1)).want(o.Status)
			s.ask(w.who, o.Method, w.path(o), padded(limits.RequestBody)).want(o.Status)
			s.ask(w.who, o.Method, w.path(o), padded(limits.RequestBody+1)).problem(413, "too_large")
		}
		s.ask(nobody, "POST", at("/streams/{}/posts", w.question.ID), strings.Repeat("x", limits.RequestBody+1)).problem(401, "unauthorized")
		s.ask(s.person("Otto Buiten"), "POST", at("/streams/{}/posts", w.question.ID), strings.Repeat("x", limits.RequestBody+1)).problem(404, "not_found")
	})
}

// Whatever is sent to whatever takes a body, it is no defect.
func FuzzBodies(f *testing.F) {
	f.Add(uint8(0), []byte(`{"kind":"group","name":"x","parent":1}`))
	f.Add(uint8(5), []byte(`{"kind":"question","title":"x","body":"@[1] **x**","tags":["a"]}`))
	f.Add(uint8(9), []byte(`{"body":"\ud83d\ude00","parent":2,"attachments":[1]}`))
	f.Add(uint8(4), []byte(`{"expires_at":"9999-12-31T23:59:59.999999999+14:00"}`))
	f.Add(uint8(1), []byte(`{"time_zone":"Europe/Amsterdam","hour":-1}`))
	w := newWritable(sqliteSite(f))
	operations := w.bodied()
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		o := operations[int(which)%len(operations)]
		w.t = t
		a := w.ask(w.who, o.Method, w.path(o), body)
		if a.Status >= 500 {
			t.Fatalf("%s: %d %s", o.ID, a.Status, w.log.String())
		}
	})
}
