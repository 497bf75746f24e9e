package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/limits"
)

// Each length at one below, at and one above its limit, in code points.
func TestLengthsAtTheirLimits(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		letters := func(n int) string { return strings.Repeat("ë", n-1) + "😀" }
		for _, c := range []struct {
			id, field string
			max       int
			body      func(text string) map[string]any
		}{
			{"createPost", "body", limits.Body, func(x string) map[string]any { return map[string]any{"body": x} }},
			{"editPost", "body", limits.Body, func(x string) map[string]any { return map[string]any{"body": x} }},
			{"createStream", "body", limits.Body, func(x string) map[string]any {
				return map[string]any{"kind": "article", "title": "x", "body": x}
			}},
			{"createStream", "title", limits.Line, func(x string) map[string]any {
				return map[string]any{"kind": "channel", "title": x}
			}},
			{"createStream", "category", limits.Line, func(x string) map[string]any {
				return map[string]any{"kind": "channel", "title": "x", "category": x}
			}},
			{"createStream", "tags", limits.Tag, func(x string) map[string]any {
				return map[string]any{"kind": "channel", "title": "x", "tags": []string{"a", x}}
			}},
			{"changeStream", "title", limits.Line, func(x string) map[string]any { return map[string]any{"title": x} }},
			{"createSpace", "name", limits.Line, func(x string) map[string]any { return map[string]any{"kind": "group", "name": x} }},
			{"createSpace", "description", limits.Description, func(x string) map[string]any {
				return map[string]any{"kind": "group", "name": "x", "description": x}
			}},
			{"changeSpace", "name", limits.Line, func(x string) map[string]any { return map[string]any{"name": x} }},
			{"changeSpace", "description", limits.Description, func(x string) map[string]any { return map[string]any{"description": x} }},
		} {
			o := operationOf(t, s, c.id)
			for _, n := range []int{c.max - 1, c.max} {
				if a := s.ask(w.who, o.Method, w.path(o), c.body(letters(n))); a.Status != o.Status {
					t.Errorf("%s %s of %d: %d %.200s", c.id, c.field, n, a.Status, a.Body)
				}
			}
			s.ask(w.who, o.Method, w.path(o), c.body(letters(c.max+1))).invalid(c.field, "too_long")
			if c.field == "body" || c.field == "title" || c.field == "name" {
				s.ask(w.who, o.Method, w.path(o), c.body(" \n\t ")).invalid(c.field, "required")
			}
		}
	})
}

func TestNumbersAtTheirLimits(t *testing.T) {
	s := sqliteSite(t)
	w := newWritable(s)
	try := func(id, body, field, code string) {
		t.Helper()
		o := operationOf(t, s, id)
		a := s.ask(w.who, o.Method, w.path(o), body)
		if field == "" {
			a.want(o.Status)
			return
		}
		a.invalid(field, code)
	}
	tags := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint(i)
		}
		return encoded(t, map[string]any{"tags": list})
	}
	try("changeStream", tags(limits.Tags-1), "", "")
	try("changeStream", tags(limits.Tags), "", "")
	try("changeStream", tags(limits.Tags+1), "tags", "too_many")
	try("changeMySettings", `{"hour":23,"weekday":7}`, "", "")
	try("changeMySettings", `{"hour":24}`, "hour", "too_high")
	try("changeMySettings", `{"hour":-1}`, "hour", "too_low")
	try("changeMySettings", `{"weekday":0}`, "weekday", "too_low")
	try("changeMySettings", `{"weekday":8}`, "weekday", "too_high")
	try("changeMySettings", `{"time_zone":"Europe/Nergens"}`, "time_zone", "not_time_zone")
	try("changeMySettings", `{"time_zone":"Local"}`, "time_zone", "not_time_zone")
	try("changeMySettings", `{"time_zone":""}`, "time_zone", "not_time_zone")
	try("changeMySettings", `{"language":"fr"}`, "language", "not_one_of")
	try("changeMySettings", `{"digest":"hourly"}`, "digest", "not_one_of")
	try("createInvitation", fmt.Sprintf(`{"uses":%d}`, limits.InvitationUses), "", "")
	try("createInvitation", fmt.Sprintf(`{"uses":%d}`, limits.InvitationUses+1), "uses", "too_high")
	try("createInvitation", `{"uses":0}`, "uses", "too_low")
	try("createInvitation", `{"mail":"nobody"}`, "mail", "not_mail")
	try("createInvitation", `{"mail":" "}`, "mail", "required")
	try("createInvitation", `{"mail":"a@b.example","uses":2}`, "uses", "too_high")
	expires := func(in time.Duration) string {
		return encoded(t, map[string]any{"expires_at": s.Clock.Now().Add(in)})
	}
	try("createInvitation", expires(limits.InvitationLife), "", "")
	try("createInvitation", expires(limits.InvitationLife+time.Millisecond), "expires_at", "too_far")
	try("createInvitation", expires(0), "expires_at", "in_the_past")
	try("createInvitation", `{"expires_at":"tomorrow"}`, "expires_at", "wrong_type")
	try("createSpace", `{"kind":"club","name":"x"}`, "kind", "not_one_of")
	try("createSpace", `{"kind":"group","name":"x","visibility":"secret"}`, "visibility", "not_one_of")
	for _, parent := range []string{"0", "-1", "987654321", "9007199254740993", "9223372036854775807"} {
		try("createSpace", `{"kind":"group","name":"x","parent":`+parent+`}`, "parent", "not_there")
		try("createPost", `{"body":"x","parent":`+parent+`}`, "parent", "not_there")
		try("acceptAnswer", `{"post":`+parent+`}`, "post", "not_there")
		try("createSpace", `{"kind":"direct","people":[`+parent+`]}`, "people", "not_there")
	}
	try("createPost", `{"body":"x","attachments":[1]}`, "attachments", "not_there")
	try("createPost", `{"body":"x","anonymous":true}`, "anonymous", "not_here")
	try("createSpace", at(`{"kind":"direct","people":[{}]}`, w.who.Person), "people", "required")
	many := make([]int64, limits.DirectPeople)
	for i := range many {
		many[i] = int64(1000 + i)
	}
	try("createSpace", encoded(t, map[string]any{"kind": "direct", "people": many}), "people", "too_many")
	try("putMember", `{"role":"owner"}`, "role", "not_one_of")
	try("setLevel", `{"level":"loud"}`, "level", "not_one_of")
	try("setLevel", `{"level":""}`, "level", "required")
	try("markSeen", `{"rev":-1}`, "rev", "too_low")
	try("editPost", `{"body":"x","rev":-1}`, "rev", "too_low")
	for _, kind := range []string{"table", "assignment", "log", "stream", ""} {
		code := "not_one_of"
		if kind == "" {
			code = "required"
		}
		try("createStream", `{"kind":"`+kind+`","title":"x","body":"x"}`, "kind", code)
	}
	for _, kind := range []string{"discussion", "question", "article"} {
		try("createStream", `{"kind":"`+kind+`","title":"x"}`, "body", "required")
	}
	ids := make([]int, 1001)
	try("readNotifications", encoded(t, map[string]any{"ids": ids[:1000]}), "", "")
	try("readNotifications", encoded(t, map[string]any{"ids": ids}), "ids", "too_many")
	try("readNotifications", `{"until":-1}`, "until", "too_low")
	try("readNotifications", `{"until":0}`, "", "")

	depth := w.space
	for range limits.SpaceDepth - 1 {
		depth = s.Space(w.who.Actor, community.Open, depth.ID)
	}
	try("createSpace", encoded(t, map[string]any{"kind": "group", "name": "x", "parent": depth.ID}), "parent", "too_deep")
}

func TestParametersAtTheirLimits(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		posts := at("/streams/{}/posts", w.question.ID)
		for _, o := range s.api.Operations() {
			path := strings.NewReplacer("{invitation}", "1", "{code}", "x").Replace(w.path(o))
			s.ask(w.who, o.Method, path+"?x=%zz", nil).problem(400, "bad_request")
		}
		refuse := func(path, field, code string) {
			t.Helper()
			s.ask(w.who, "GET", path, nil).invalid(field, code)
		}
		for _, list := range []string{"/people", "/spaces", at("/spaces/{}/members", w.space.ID), at("/spaces/{}/invitations", w.space.ID),
			at("/spaces/{}/streams", w.space.ID), posts, "/search?q=x", "/notifications"} {
			and := "?"
			if strings.Contains(list, "?") {
				and = "&"
			}
			for _, limit := range []string{"1", "199", "200", ""} {
				s.ask(w.who, "GET", list+and+"limit="+limit, nil).want(200)
			}
			for limit, code := range map[string]string{"0": "too_low", "201": "too_high", "-1": "does_not_fit", "x": "does_not_fit",
				"1.5": "does_not_fit", "01": "does_not_fit", "99999999999999999999": "does_not_fit", "%00": "does_not_fit"} {
				refuse(list+and+"limit="+limit, "limit", code)
			}
			for _, cursor := range []string{"x", "%00", "%ff", "!!", "MQ.MQ", strings.Repeat("A", 5000)} {
				refuse(list+and+"cursor="+cursor, "cursor", "does_not_fit")
			}
			s.ask(w.who, "GET", list+and+"limit=%zz", nil).problem(400, "bad_request")
		}
		for _, since := range []string{"", "x", "-1", "1.0", "+1", "01", "9007199254740992"} {
			refuse(posts+"?since="+since, "since", "does_not_fit")
		}
		for _, more := range []string{"limit=1", "after=1", "before=1", "cursor=x", "x=1"} {
			refuse(posts+"?since=0&"+more, "since", "not_alone")
		}
		for _, place := range []string{"x", "-1", "01", "9007199254740992"} {
			refuse(posts+"?after="+place, "after", "does_not_fit")
			refuse(posts+"?before="+place, "before", "does_not_fit")
			refuse("/people?space="+place, "space", "does_not_fit")
			refuse("/search?q=x&author="+place, "author", "does_not_fit")
		}
		refuse(posts+"?after=1&before=2", "before", "not_with_after")
		refuse("/search", "q", "required")
		refuse("/search?q=+", "q", "required")
		refuse("/search?q=%00", "q", "does_not_fit")
		refuse("/search?q="+strings.Repeat("a", limits.Query+1), "q", "too_long")
		s.ask(w.who, "GET", "/search?q="+strings.Repeat("a", limits.Query), nil).want(200)
		refuse("/search?q=x&kind=stream", "kind", "not_one_of")
		refuse("/search?q=x&from=gisteren", "from", "not_moment")
		refuse("/search?q=x&to=2026-13-01", "to", "not_moment")
		s.ask(w.who, "GET", "/search?q=x&from=0001-01-01T00:00:00Z&to=9999-12-31", nil).want(200)
		refuse("/streams/similar?q=x", "space", "required")
		refuse("/streams/similar?q=x&space=0", "space", "does_not_fit")
		refuse(at("/spaces/{}/streams?kind=x", w.space.ID), "kind", "not_one_of")
		s.ask(w.who, "GET", at("/spaces/{}/streams?kind=table", w.space.ID), nil).want(200).equal("items", []any{})
		refuse("/people?q="+strings.Repeat("a", limits.Query+1), "q", "too_long")
		s.ask(w.who, "GET", "/people?q="+strings.Repeat("a+", limits.Query/2), nil).want(200)
		refuse(at("/spaces/{}/members?q=", w.space.ID)+strings.Repeat("a", limits.Query+1), "q", "too_long")
		refuse(at("/spaces/{}/members?q=%00", w.space.ID), "q", "does_not_fit")
		refuse("/notifications?unread=yes", "unread", "not_one_of")
	})
}

// An id has one spelling; everything else is not there, and neither is what
// has that shape and does not exist.
func TestIDsInPaths(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		absent := s.ask(w.who, "GET", "/streams/987654321", nil).want(404)
		for _, o := range s.api.Operations() {
			for _, name := range []string{"{id}", "{person}", "{invitation}", "{code}"} {
				if !strings.Contains(o.Path, name) {
					continue
				}
				for _, id := range []string{"0", "-1", "01", "+1", "1.0", "1e3", "x", "%20", "%00", "%31%20", "9007199254740992",
					"9223372036854775808", "99999999999999999999", "９", "null", "~", "%ff", "987654321"} {
					odd := o
					odd.Path = strings.Replace(o.Path, name, id, 1)
					path := w.path(odd)
					var body any
					if o.Body != nil {
						body = w.body(o)
					}
					a := s.ask(w.who, o.Method, path, body)
					if a.Status != 404 || string(a.Body) != string(absent.Body) {
						t.Errorf("%s %s: %d %s", o.Method, path, a.Status, a.Body)
					}
				}
			}
		}
	})
}

// What is read and what changed, as a program pages through it.
func TestPagesOfPosts(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		channel := s.Stream(w.who.Actor, w.space, forum.Channel)
		other := s.Stream(w.who.Actor, w.space, forum.Channel)
		var ids []int64
		for i := range 7 {
			ids = append(ids, s.Post(w.who.Actor, channel, fmt.Sprint(i)).ID)
			s.Post(w.who.Actor, other, "ertussen")
		}
		posts := at("/streams/{}/posts", channel.ID)
		expect := func(query string, next bool, want ...int64) answer {
			t.Helper()
			a := s.ask(w.who, "GET", posts+query, nil).want(200).equal("rev", 7)
			var got []int64
			for i := range a.items() {
				got = append(got, int64(a.get(fmt.Sprintf("items.%d.id", i)).(float64)))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || (a.get("next") != nil) != next {
				t.Errorf("%s: %v (next %v), want %v", query, got, a.get("next"), want)
			}
			return a
		}
		expect("", false, ids...)
		expect("?limit=7", false, ids...)
		newest := expect("?limit=3", true, ids[4], ids[5], ids[6])
		older := expect("?limit=3&cursor="+newest.get("next").(string), true, ids[1], ids[2], ids[3])
		expect("?limit=3&cursor="+older.get("next").(string), false, ids[0])
		oldest := expect("?limit=3&after=0", true, ids[0], ids[1], ids[2])
		expect("?limit=4&after=0&cursor="+oldest.get("next").(string), false, ids[3], ids[4], ids[5], ids[6])
		expect(fmt.Sprintf("?after=%d", ids[4]), false, ids[5], ids[6])
		expect(fmt.Sprintf("?after=%d", ids[6]), false)
		expect(fmt.Sprintf("?before=%d&limit=2", ids[2]), false, ids[0], ids[1])
		expect(fmt.Sprintf("?before=%d&limit=1", ids[2]), true, ids[1])
		expect("?before=0", false)
		expect(fmt.Sprintf("?before=%d", ids[0]), false)
		expect(fmt.Sprintf("?after=%d", ids[2]+1), false, ids[3], ids[4], ids[5], ids[6]) // a post of another stream

		s.ask(w.who, "GET", posts+"?since=7", nil).want(200).equal("rev", 7, "posts", []any{})
		s.ask(w.who, "GET", posts+"?since=5", nil).want(200).equal("posts.0.id", ids[5], "posts.1.id", ids[6])
		if a := s.ask(w.who, "GET", posts+"?since=8", nil).want(200); string(a.Body) != `{"rev":7,"reset":true}` {
			t.Errorf("ahead: %s", a.Body)
		}
	})
}

func TestCatchingUpIsBounded(t *testing.T) {
	s := sqliteSite(t)
	w := newWritable(s)
	posts := func(n int, body string) string {
		channel := s.Stream(w.who.Actor, w.space, forum.Channel)
		for range n {
			s.Post(w.who.Actor, channel, body)
		}
		return string(s.ask(w.who, "GET", at("/streams/{}/posts?since=0", channel.ID), nil).want(200).Body)
	}
	const reset = `"reset":true`
	if body := posts(limits.CatchUpPosts, "x"); strings.Contains(body, reset) {
		t.Errorf("%d posts reset", limits.CatchUpPosts)
	}
	if body := posts(limits.CatchUpPosts+1, "x"); !strings.Contains(body, reset) || strings.Contains(body, `"posts"`) {
		t.Errorf("%d posts do not reset: %.100s", limits.CatchUpPosts+1, body)
	}
	// The posts alone count, to the byte.
	channel := s.Stream(w.who.Actor, w.space, forum.Channel)
	size := 0
	post := func(body string) {
		t.Helper()
		data, err := api.EncodePost(s.Post(w.who.Actor, channel, body))
		if err != nil {
			t.Fatal(err)
		}
		size += len(data)
	}
	since := func() string {
		t.Helper()
		return string(s.ask(w.who, "GET", at("/streams/{}/posts?since=0", channel.ID), nil).want(200).Body)
	}
	for size < limits.CatchUpBytes-2*limits.Body-1000 {
		post(strings.Repeat("a", limits.Body))
	}
	post("x")
	last := s.Post(w.who.Actor, channel, "y")
	fill := func(total int) {
		t.Helper()
		one, err := api.EncodePost(last)
		if err != nil {
			t.Fatal(err)
		}
		letters := (total - size - len(one)) / 2
		body := strings.Repeat("a", letters) // in body and html
		s.sql(`UPDATE posts SET body = ?, html = ? WHERE id = ?`, body+"y", "<p>"+body+strings.Repeat("y", (total-size-len(one))%2)+"y</p>\n", last.ID)
	}
	fill(limits.CatchUpBytes)
	if body := since(); strings.Contains(body, reset) {
		t.Error("reset at the limit")
	}
	fill(limits.CatchUpBytes + 1)
	if body := since(); body != fmt.Sprintf(`{"rev":%d,"reset":true}`, last.Rev) {
		t.Errorf("no reset over the limit: %.100s", body)
	}
}

// Lists go on where they stopped, to the end, with nothing twice.
func TestListsGoOn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		for i := range 7 {
			who := s.Person(fmt.Sprintf("Zelfde Naam %d", i%3+i*10))
			s.Join(w.who.Actor, w.space, who, community.Member)
			s.Space(w.who.Actor, community.Open, w.space.ID)
			s.Stream(w.who.Actor, w.space, forum.Discussion)
			if i%2 == 0 {
				s.Clock.Advance(time.Second)
			}
			s.ask(w.who, "POST", at("/spaces/{}/invitations", w.space.ID), `{"uses":1}`).want(201)
			reply := s.ask(w.other, "POST", at("/streams/{}/posts", w.question.ID), map[string]any{"body": at("Dag @[{}]", w.who.Person)}).want(201)
			s.tellOf(reply.id())
		}
		for _, list := range []struct {
			path string
			key  string
			n    int
		}{
			{"/people?", "id", 9}, {"/people?q=zelfde&", "id", 7}, {at("/people?space={}&", w.space.ID), "id", 9},
			{"/spaces?", "id", 8}, {at("/spaces/{}/members?", w.space.ID), "person.id", 9},
			{at("/spaces/{}/invitations?", w.space.ID), "id", 7}, {at("/spaces/{}/streams?", w.space.ID), "id", 8},
			{at("/streams/{}/posts?", w.question.ID), "id", 9}, {"/search?q=toegang&", "stream", 8}, {"/notifications?", "id", 7},
		} {
			whole := keys(s.ask(w.who, "GET", list.path+"limit=200", nil).want(200).equal("next", nil), list.key)
			if len(whole) != list.n {
				t.Errorf("%s: %d items, want %d", list.path, len(whole), list.n)
			}
			for _, limit := range []int{1, 2, 3, list.n - 1, list.n} {
				var got []string
				cursor := ""
				for pages := 0; ; pages++ {
					a := s.ask(w.who, "GET", fmt.Sprintf("%slimit=%d&cursor=%s", list.path, limit, cursor), nil).want(200)
					page := keys(a, list.key)
					if strings.Contains(list.path, "/posts") {
						got = append(page, got...) // the newest first, by rising id
					} else {
						got = append(got, page...)
					}
					next, more := a.get("next").(string)
					if !more || pages > list.n {
						break
					}
					cursor = next
				}
				if strings.Join(got, " ") != strings.Join(whole, " ") {
					t.Errorf("%s by %d: %v, want %v", list.path, limit, got, whole)
				}
			}
		}
	})
}

func keys(a answer, name string) (list []string) {
	for i := range a.items() {
		list = append(list, fmt.Sprint(a.get(fmt.Sprintf("items.%d.%s", i, name))))
	}
	return list
}
