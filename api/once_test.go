package api_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/uuid"

	"leerkring/forum"
)

// Fifty repeats at once make one post, and each gets it.
func TestOnceHoweverOftenAtOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		for _, c := range []struct {
			path string
			body any
		}{
			{at("/streams/{}/posts", w.question.ID), map[string]any{"body": "Eén keer"}},
			{at("/spaces/{}/streams", w.space.ID), map[string]any{"kind": "question", "title": "Eén keer", "body": "Echt"}},
			{"/spaces", map[string]any{"kind": "direct", "people": []int64{w.other.Person}}},
		} {
			key := uuid.NewString()
			answers := make([]answer, 50)
			var group sync.WaitGroup
			for i := range answers {
				r := s.request(w.who, "POST", c.path, c.body, "Idempotency-Key: "+key)
				group.Go(func() {
					rec := httptest.NewRecorder()
					s.handler.ServeHTTP(rec, r)
					answers[i] = answer{t: t, Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
				})
			}
			group.Wait()
			for _, a := range answers {
				if a.Status != 201 || a.Header.Get("Location") != answers[0].Header.Get("Location") || a.id() != answers[0].id() {
					t.Errorf("%s: %d %s %s", c.path, a.Status, a.Header.Get("Location"), a.Body)
				}
			}
		}
		s.ask(w.who, "GET", at("/streams/{}", w.question.ID), nil).equal("posts", 3)
		s.ask(w.who, "GET", at("/spaces/{}/streams", w.space.ID), nil).equal("items.0.title", "Eén keer", "items.1.id", w.question.ID)
	})
}

func TestIdempotencyKey(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		posts := at("/streams/{}/posts", w.question.ID)
		write := func(path, key string, body any) answer {
			t.Helper()
			return s.ask(w.who, "POST", path, body, "Idempotency-Key: "+key)
		}
		made := write(posts, "mijn-sleutel", `{"body":"Eerste"}`).want(201)
		for _, spelling := range []string{"mijn-sleutel", `"mijn-sleutel"`, ` mijn-sleutel `} {
			again := write(posts, spelling, `{"body":"Iets anders"}`).want(201).equal("id", made.id(), "body", "Eerste")
			if again.Header.Get("Location") != made.Header.Get("Location") {
				t.Errorf("Location %s, then %s", made.Header.Get("Location"), again.Header.Get("Location"))
			}
		}
		// A repeat gives the post as it is now, also when the stream has closed.
		s.ask(w.who, "PATCH", at("/posts/{}", made.id()), `{"body":"Beter"}`).want(200)
		write(posts, "mijn-sleutel", `{"body":"Eerste"}`).want(201).equal("body", "Beter")

		other := s.Stream(w.who.Actor, w.space, forum.Channel)
		write(at("/streams/{}/posts", other.ID), "mijn-sleutel", `{"body":"Eerste"}`).problem(409, "conflict")
		write(at("/spaces/{}/streams", w.space.ID), "mijn-sleutel", `{"kind":"channel","title":"x"}`).problem(409, "conflict")
		// Somebody else's key is their own.
		theirs := s.ask(w.other, "POST", posts, `{"body":"Van mij"}`, "Idempotency-Key: mijn-sleutel").want(201)
		if theirs.id() == made.id() {
			t.Error("somebody got another's post")
		}
		// A UUID is one key however it is spelled, over HTTP and over sockets.
		upper, lower := "6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff-8b86-d011-b42d-00c04fc964ff"
		first := write(posts, upper, `{"body":"Groot"}`).want(201)
		write(posts, lower, `{"body":"Klein"}`).want(201).equal("id", first.id())
		for _, spelling := range []string{lower, upper} {
			frame := fmt.Sprintf(`{"id":1,"cmd":"post","stream":%d,"body":"Weer","nonce":"%s"}`, w.question.ID, spelling)
			ok, err := s.api.Commands()["post"](ctx, w.who.Actor, []byte(frame))
			if err != nil || idOf(t, ok, "post") != first.id() {
				t.Errorf("over a socket: %v %v", ok, err)
			}
		}
		for _, key := range []string{`""`, `"`, `"open`, "met spatie", `"met spatie"`, "é", long(201), `"` + long(201) + `"`} {
			write(posts, key, `{"body":"x"}`).invalid("Idempotency-Key", "not_key")
		}
		write(posts, long(200), `{"body":"x"}`).want(201)
		write(posts, `"`+long(200)+`"`, `{"body":"x"}`).want(201).equal("body", "x")
	})
}

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'k'
	}
	return string(b)
}

// idOf reads the id of a member of a command's answer.
func idOf(t *testing.T, ok any, name string) int64 {
	t.Helper()
	members := map[string]struct{ ID int64 }{}
	if err := json.Unmarshal(encodedShape(t, ok), &members); err != nil {
		t.Fatal(err)
	}
	return members[name].ID
}
