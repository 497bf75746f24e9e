package app

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// kinds of installation: alone on SQLite, and two nodes on PostgreSQL joined
// by Redis. Anna is on the first node, Bram on the last.
func eachInstallation(t *testing.T, test func(t *testing.T, first, last *node)) {
	t.Run("one node", func(t *testing.T) {
		n := startNode(t)
		test(t, n, n)
	})
	t.Run("two nodes", func(t *testing.T) {
		_, prefix := testkit.Redis(t)
		settings := []string{
			"LEERKRING_DATABASE=" + testkit.PostgreSQLAddress(t), "LEERKRING_REDIS=" + testkit.RedisAddress(t), "LEERKRING_REDIS_PREFIX=" + prefix,
		}
		test(t, startNode(t, settings...), startNode(t, settings...))
	})
}

// room is a closed space with a channel, and two people in it.
type room struct {
	manager, anna, bram *user
	space               community.Space
	stream              forum.Stream
}

func makeRoom(t *testing.T, n *node) room {
	t.Helper()
	r := room{
		manager: n.user("Mo Manager", everything, community.RoleAdmin),
		anna:    n.user("Anna", everything),
		bram:    n.user("Bram", everything),
	}
	var err error
	if r.space, err = n.Community.MakeSpace(ctx, r.manager.Actor, community.NewSpace{Name: "Proef", Kind: community.KindCommunity}); err != nil {
		t.Fatal(err)
	}
	for _, u := range []*user{r.anna, r.bram} {
		if _, err := n.Community.PutMember(ctx, r.manager.Actor, r.space.ID, u.Person, community.Member); err != nil {
			t.Fatal(err)
		}
	}
	if r.stream, err = n.Forum.Start(ctx, r.manager.Actor, r.space.ID, forum.NewStream{Kind: forum.Channel, Title: "Algemeen"}); err != nil {
		t.Fatal(err)
	}
	return r
}

// meet connects both and lets them listen.
func (r room) meet(first, last *node) (anna, bram *hubtest.Client) {
	anna, bram = first.connect(r.anna), last.connect(r.bram)
	anna.OK(map[string]any{"cmd": "subscribe", "stream": r.stream.ID}, nil)
	bram.OK(map[string]any{"cmd": "subscribe", "stream": r.stream.ID}, nil)
	anna.Wait("joined", nil)
	return anna, bram
}

type postShape struct {
	ID, Rev   int64
	Body      string
	Deleted   bool
	Reactions map[string]int
	EditedAt  *string `json:"edited_at"`
}

func dataOf(t *testing.T, m hubtest.Message) (p postShape) {
	t.Helper()
	if err := json.Unmarshal(m.Data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTwoPeopleTalk(t *testing.T) {
	eachInstallation(t, func(t *testing.T, first, last *node) {
		r := makeRoom(t, first)
		anna, bram := r.meet(first, last)
		var made struct{ Post postShape }
		nonce := uuid.NewString()
		post := map[string]any{"cmd": "post", "stream": r.stream.ID, "body": "Hoi @[" + fmt.Sprint(r.bram.Person) + "]", "nonce": nonce}
		anna.OK(post, &made)
		id := made.Post.ID
		for _, c := range []*hubtest.Client{anna, bram} {
			if p := dataOf(t, c.Wait("post.created", nil)); p.ID != id || p.Rev != 1 {
				t.Errorf("heard %+v", p)
			}
		}
		bram.Wait("notification.created", nil)
		bram.OK(map[string]any{"cmd": "react", "post": id, "emoji": "👍"}, nil)
		if p := dataOf(t, anna.Wait("post.changed", nil)); p.Reactions["👍"] != 1 || p.Rev != 2 {
			t.Errorf("heard %+v", p)
		}
		anna.OK(map[string]any{"cmd": "edit", "post": id, "body": "Dag Bram"}, nil)
		if p := dataOf(t, bram.Wait("post.changed", func(m hubtest.Message) bool { return m.Rev == 3 })); p.Body != "Dag Bram" || p.EditedAt == nil {
			t.Errorf("heard %+v", p)
		}
		// The same nonce is the same post, as it is now, and no event.
		anna.OK(post, &made)
		if made.Post.ID != id || made.Post.Body != "Dag Bram" || made.Post.Rev != 3 {
			t.Errorf("again: %+v", made.Post)
		}
		anna.OK(map[string]any{"cmd": "delete", "post": id}, nil)
		if p := dataOf(t, bram.Wait("post.deleted", nil)); !p.Deleted || p.Body != "" || p.Rev != 4 {
			t.Errorf("heard %+v", p)
		}
		if revs := bram.Revs(r.stream.ID); fmt.Sprint(revs) != "[1 2 3 4]" {
			t.Errorf("Bram heard %v", revs)
		}
	})
}

// Somebody who is not looking hears how much is unread, and on all devices when
// they have read it on one.
func TestUnreadLive(t *testing.T) {
	eachInstallation(t, func(t *testing.T, first, last *node) {
		r := makeRoom(t, first)
		phone, desk := first.connect(r.bram), last.connect(r.bram)
		phone.OK(map[string]any{"cmd": "ping"}, nil)
		desk.OK(map[string]any{"cmd": "ping"}, nil)
		type count struct{ Stream, Unread, Mentions int64 }
		wait := func(c *hubtest.Client, want count) {
			t.Helper()
			c.Wait("unread.changed", func(m hubtest.Message) bool {
				var got count
				return json.Unmarshal(m.Data, &got) == nil && got == want
			})
		}
		for i := int64(1); i <= 3; i++ {
			body := "regel"
			if i == 3 {
				body = fmt.Sprintf("@[%d]", r.bram.Person)
			}
			if _, err := first.Forum.Post(ctx, r.anna.Actor, forum.PostInput{Stream: r.stream.ID, Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []*hubtest.Client{phone, desk} {
			wait(c, count{r.stream.ID, 3, 1})
		}
		phone.OK(map[string]any{"cmd": "seen", "stream": r.stream.ID, "rev": 3}, nil)
		for _, c := range []*hubtest.Client{phone, desk} {
			wait(c, count{r.stream.ID, 0, 0})
		}
		if _, err := first.Forum.Start(ctx, r.manager.Actor, r.space.ID, forum.NewStream{Kind: forum.Question, Title: "Wie weet dit?", Body: "Ik niet."}); err != nil {
			t.Fatal(err)
		}
		phone.Wait("stream.created", nil)
		desk.Wait("stream.created", nil)
	})
}

// A membership that ends silences the sockets, and only those of that person.
func TestRemovedPersonHearsNoMore(t *testing.T) {
	eachInstallation(t, func(t *testing.T, first, last *node) {
		r := makeRoom(t, first)
		anna, bram := r.meet(first, last)
		if err := first.Community.RemoveMember(ctx, r.manager.Actor, r.space.ID, r.bram.Person); err != nil {
			t.Fatal(err)
		}
		bram.Wait("revoked", nil)
		var made struct{ Post postShape }
		anna.OK(map[string]any{"cmd": "post", "stream": r.stream.ID, "body": "geheim", "nonce": uuid.NewString()}, &made)
		anna.Wait("post.created", nil)
		if e := bram.Refused(map[string]any{"cmd": "subscribe", "stream": r.stream.ID}); e.Code != "not_found" {
			t.Errorf("%+v", e)
		}
		for _, m := range bram.Heard() {
			if m.Event == "post.created" || m.Event == "unread.changed" {
				t.Errorf("Bram heard %+v", m)
			}
		}
	})
}

// A page was read, a post came, the socket opens: nothing falls between.
func TestNothingFallsBetweenPageAndSocket(t *testing.T) {
	eachInstallation(t, func(t *testing.T, first, last *node) {
		r := makeRoom(t, first)
		trials := 40
		for range trials {
			page, err := last.Forum.Posts(ctx, r.bram.Actor, r.stream.ID, forum.PostQuery{Limit: 5})
			if err != nil {
				t.Fatal(err)
			}
			post, err := first.Forum.Post(ctx, r.anna.Actor, forum.PostInput{Stream: r.stream.ID, Body: "tussendoor"})
			if err != nil {
				t.Fatal(err)
			}
			c := hubtest.Dial(t, last.address+"/ws?format=html", hubtest.Token(r.bram.token))
			var answer struct {
				Rev       int64
				Posts     []postShape
				Fragments []string
			}
			c.OK(map[string]any{"cmd": "subscribe", "stream": r.stream.ID, "since": page.Rev}, &answer)
			if answer.Rev != post.Rev || len(answer.Posts) != 1 || answer.Posts[0].ID != post.ID || len(answer.Fragments) != 1 {
				t.Fatalf("answered %+v after %+v", answer, post)
			}
			c.Hang()
		}
	})
}
