package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/testkit"
)

// Everything that can be asked is asked once as it is meant, by the people of
// one small space; and all of it is in the document.
func TestEveryOperation(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		admin := s.person("Ada Beheer", community.RoleAdmin)
		anna, bram, cas := s.person("Anna de Wit"), s.person("Bram Bos"), s.person("Cas Vos")

		// A community and a group in it, and who belongs there.
		made := s.ask(admin, "POST", "/spaces", `{"kind":"community","name":" Regio\nAchterhoek ","visibility":"open","description":"Samen leren"}`).want(201)
		made.equal("name", "Regio Achterhoek", "kind", "community", "visibility", "open", "parent", nil, "description", "Samen leren",
			"role", "manager", "members", 1, "unread", 0, "mentions", 0, "created_at", testkit.Start.Format("2006-01-02T15:04:05.000Z"))
		region := made.id()
		if got := made.Header.Get("Location"); got != at("/api/v1/spaces/{}", region) {
			t.Errorf("Location %q", got)
		}
		s.ask(anna, "PUT", at("/spaces/{}/members/{}", region, anna.Person), nil).want(200).equal("role", "member", "person.name", "Anna de Wit", "person.organisation", "Gemeente Voorbeeldstad")
		group := s.ask(anna, "POST", "/spaces", map[string]any{"kind": "group", "name": "Intervisie", "parent": region}).want(201).
			equal("visibility", "closed", "role", "manager", "parent", region).id()
		s.ask(anna, "PUT", at("/spaces/{}/members/{}", group, bram.Person), `{"role":"coach"}`).want(200).equal("role", "coach")
		s.ask(anna, "PUT", at("/spaces/{}/members/{}", group, bram.Person), `{}`).want(200).equal("role", "coach")
		s.ask(admin, "PUT", at("/spaces/{}/members/{}", region, bram.Person), `{"role":"member"}`).want(200)
		s.ask(bram, "GET", at("/spaces/{}/members", group), nil).want(200).equal("items.0.person.id", anna.Person, "items.1.role", "coach", "next", nil)
		s.ask(anna, "PATCH", at("/spaces/{}", group), `{"name":"Intervisie Noord"}`, "Content-Type: application/merge-patch+json").want(200).equal("name", "Intervisie Noord", "members", 2)
		s.ask(bram, "GET", at("/spaces/{}", group), nil).want(200).equal("role", "coach")
		card := s.ask(cas, "GET", at("/spaces/{}", group), nil).want(200)
		if got, want := string(card.Body), fmt.Sprintf(`{"id":%d,"name":"Intervisie Noord","kind":"group","visibility":"closed","description":""}`, group); got != want {
			t.Errorf("card %s, want %s", got, want)
		}
		s.ask(cas, "GET", "/spaces", nil).want(200).equal("items.0.id", region, "items.1.id", group)

		// Invitations.
		link := s.ask(anna, "POST", at("/spaces/{}/invitations", group), `{"uses":2}`).want(201).equal("mail", nil, "uses", 2)
		code := strings.TrimPrefix(link.get("url").(string), publicURL+"/uitnodiging/")
		if got := link.Header.Get("Location"); got != at("/api/v1/spaces/{}/invitations/{}", group, link.id()) {
			t.Errorf("Location %q", got)
		}
		mailed := s.ask(anna, "POST", at("/spaces/{}/invitations", group), map[string]any{
			"mail": "nieuw@elders.example", "expires_at": s.Clock.Now().Add(time.Hour)}).want(201).equal("mail", "nieuw@elders.example", "uses", 1)
		s.ask(anna, "GET", at("/spaces/{}/invitations", group), nil).want(200).equal("items.0.id", mailed.id(), "items.1.id", link.id())
		s.ask(anna, "DELETE", at("/spaces/{}/invitations/{}", group, mailed.id()), nil).want(204)
		s.ask(admin, "PUT", at("/spaces/{}/members/{}", region, cas.Person), nil).want(200)
		accepted := s.ask(cas, "POST", "/invitations/"+code+"/acceptance", nil).want(201).equal("id", group, "role", "member")
		if got := accepted.Header.Get("Location"); got != at("/api/v1/spaces/{}", group) {
			t.Errorf("Location %q", got)
		}

		// Streams and posts.
		channel := s.ask(anna, "POST", at("/spaces/{}/streams", group), `{"kind":"channel","title":"Koffie"}`).want(201).equal("posts", 0, "rev", 0, "first_post", nil, "last_post_at", nil).id()
		question := s.ask(bram, "POST", at("/spaces/{}/streams", group), `{"kind":"question","title":"Hoe vraag je door?","body":"Wie kent een **goede** vraag? @[`+fmt.Sprint(anna.Person)+`]","tags":["gesprek"],"category":"praktijk"}`).want(201).
			equal("tags", []any{"gesprek"}, "category", "praktijk", "level", "all", "author.id", bram.Person, "rev", 1, "posts", 1, "participants", 1)
		stream, first := question.id(), int64(question.get("first_post").(float64))
		s.ask(anna, "GET", at("/spaces/{}/streams?kind=question", group), nil).want(200).equal("items.0.id", stream, "items.0.level", "mentions")
		s.ask(anna, "GET", at("/streams/{}", stream), nil).want(200).equal("kind", "question")
		s.ask(anna, "GET", "/me", nil).want(200).equal("mail", testkit.MailOf("Anna de Wit"), "unread", 1, "mentions", 1, "spaces.0.id", group, "spaces.0.unread", 1, "spaces.0.mentions", 1, "spaces.1.unread", 0)
		s.ask(anna, "PATCH", at("/streams/{}", stream), `{"pinned":true,"title":"Hoe vraag je goed door?"}`).want(200).equal("pinned", true, "rev", 2, "changed_rev", 2)
		reply := s.ask(anna, "POST", at("/streams/{}/posts", stream), map[string]any{"body": "Wat maakt dat je dat denkt?\r\nEcht.", "parent": first}).want(201).
			equal("body", "Wat maakt dat je dat denkt?\nEcht.", "parent", first, "rev", 3, "author.name", "Anna de Wit", "reactions", map[string]any{}, "attachments", []any{}, "edited_at", nil, "deleted", false, "score", 0)
		if got := reply.Header.Get("Location"); got != at("/api/v1/posts/{}", reply.id()) {
			t.Errorf("Location %q", got)
		}
		s.ask(bram, "GET", at("/posts/{}", reply.id()), nil).want(200).equal("stream", stream, "space", group)
		s.ask(bram, "GET", at("/streams/{}/posts", stream), nil).want(200).equal("rev", 3, "items.0.id", first, "items.1.id", reply.id(), "next", nil)
		s.ask(bram, "GET", at("/streams/{}/posts?since=0", stream), nil).want(200).equal("rev", 3, "posts.1.rev", 3, "stream.level", nil)
		s.ask(anna, "PATCH", at("/posts/{}", reply.id()), `{"body":"Wat maakt dat je dat denkt?","rev":3}`).want(200).equal("rev", 4)
		s.ask(cas, "GET", at("/posts/{}/revisions", reply.id()), nil).want(200).equal("items.0.body", "Wat maakt dat je dat denkt?\nEcht.", "items.0.author.id", anna.Person, "next", nil)
		thumb := "/reactions/" + url.PathEscape("👍🏽")
		s.ask(bram, "PUT", at("/posts/{}", reply.id())+thumb, nil).want(200).equal("reactions", map[string]any{"👍🏽": 1}, "rev", 5)
		s.ask(bram, "DELETE", at("/posts/{}", reply.id())+thumb, nil).want(200).equal("reactions", map[string]any{}, "rev", 6)
		s.ask(bram, "PUT", at("/posts/{}/vote", reply.id()), nil).want(200).equal("score", 1)
		s.ask(bram, "DELETE", at("/posts/{}/vote", reply.id()), nil).want(200).equal("score", 0)
		s.ask(bram, "PUT", at("/streams/{}/answer", stream), map[string]any{"post": reply.id()}).want(200).equal("answer", reply.id(), "rev", 10)
		s.ask(bram, "GET", at("/posts/{}", reply.id()), nil).want(200).equal("accepted", true)
		s.ask(bram, "DELETE", at("/streams/{}/answer", stream), nil).want(204)
		s.ask(cas, "PUT", at("/streams/{}/seen", stream), `{"rev":99}`).want(200).equal("rev", 12)
		s.ask(cas, "GET", "/me", nil).want(200).equal("unread", 0)
		s.ask(cas, "PUT", at("/streams/{}/level", stream), `{"level":"muted"}`).want(200).equal("level", "muted")
		s.ask(anna, "DELETE", at("/posts/{}", reply.id()), nil).want(200).equal("deleted", true, "body", "", "html", "", "rev", 13)

		// Finding.
		s.ask(cas, "GET", "/people?q=ann", nil).want(200).equal("items.0.id", anna.Person, "next", nil)
		s.ask(cas, "GET", "/search?q=goede+vraag&kind=question&from=2026-11-21&to=2026-11-21&author="+fmt.Sprint(bram.Person), nil).want(200).
			equal("items.0.stream", stream, "items.0.post", first, "items.0.title", "Hoe vraag je goed door?")
		s.ask(cas, "GET", at("/streams/similar?space={}&q=een+goede+doorvraag+vraag", group), nil).want(200).equal("items.0.stream", stream, "next", nil)

		// Mine.
		s.ask(cas, "GET", "/me/settings", nil).want(200).equal("digest", "weekly", "hour", 8, "weekday", 1, "time_zone", "Europe/Amsterdam", "language", "nl")
		s.ask(cas, "PATCH", "/me/settings", `{"digest":"daily","hour":0,"push":true}`).want(200).equal("digest", "daily", "hour", 0, "push", true)
		s.tellOf(first)
		inbox := s.ask(anna, "GET", "/notifications?unread=true", nil).want(200).equal("items.0.kind", "mention", "items.0.from.name", "Bram Bos",
			"items.0.title", "Hoe vraag je goed door?", "items.0.stream", stream, "items.0.post", first, "items.0.space", group)
		if from := inbox.get("items.0.from").(map[string]any); len(from) != 2 {
			t.Errorf("from is %v", from)
		}
		s.ask(anna, "PUT", "/notifications/read", map[string]any{"ids": []any{inbox.get("items.0.id")}}).want(200).equal("unread", 0)
		s.ask(anna, "PUT", "/notifications/read", map[string]any{"until": inbox.get("items.0.id")}).want(200)
		s.ask(anna, "GET", "/notifications", nil).want(200).equal("items.0.read_at", s.Clock.Now().Format("2006-01-02T15:04:05.000Z"))

		// A conversation between people; the same people, the same space.
		direct := s.ask(anna, "POST", "/spaces", map[string]any{"kind": "direct", "people": []int64{bram.Person}}).want(201).equal("name", "Bram Bos", "kind", "direct", "visibility", "hidden", "role", "member")
		again := s.ask(bram, "POST", "/spaces", map[string]any{"kind": "direct", "people": []int64{anna.Person, bram.Person}}).want(201).equal("name", "Anna de Wit")
		if direct.id() != again.id() || direct.Header.Get("Location") != again.Header.Get("Location") {
			t.Errorf("two conversations: %s, %s", direct.Body, again.Body)
		}

		// Leaving, and the description of it all.
		s.ask(cas, "DELETE", at("/spaces/{}/members/{}", group, cas.Person), nil).want(204)
		s.ask(nobody, "GET", "/openapi.json", nil).want(200)
		_ = channel
		for _, o := range s.api.Operations() {
			if !s.served[fmt.Sprintf("%s %d", o.ID, o.Status)] {
				t.Errorf("%s is not shown to work", o.ID)
			}
		}
	})
}

// The examples in the document are taken as they stand.
func TestExamplesAreTaken(t *testing.T) {
	s := sqliteSite(t)
	admin, anna, bram := s.person("Ada Beheer", community.RoleAdmin), s.person("Anna de Wit"), s.person("Bram Bos")
	space := s.Space(admin.Actor, community.Open, 0)
	s.Join(admin.Actor, space, anna.Actor, community.Manager)
	s.Join(admin.Actor, space, bram.Actor, community.Member)
	question := s.Stream(anna.Actor, space, forum.Question)
	answer := s.Post(anna.Actor, question, "Zo.")
	ids := map[string]int64{
		"/spaces/{id}": space.ID, "/streams/{id}": question.ID, "/posts/{id}": answer.ID,
	}
	for _, o := range s.api.Operations() {
		if o.Body == nil {
			continue
		}
		path := o.Path
		for prefix, id := range ids {
			if strings.HasPrefix(path, prefix) {
				path = strings.Replace(path, "{id}", fmt.Sprint(id), 1)
			}
		}
		path = strings.Replace(path, "{person}", fmt.Sprint(bram.Person), 1)
		// Ids in an example stand for ones that are there.
		example := strings.ReplaceAll(o.Example, "1094", fmt.Sprint(answer.ID))
		who := anna
		if o.ID == "createSpace" {
			who = admin
		}
		got := s.ask(who, o.Method, path, example)
		if got.Status != o.Status {
			t.Errorf("%s %s: %d %s", o.ID, example, got.Status, got.Body)
		}
		pointer := strings.NewReplacer("/", "~1", "{", "%7B", "}", "%7D").Replace(o.Path)
		s.validate(fmt.Sprintf("#/paths/%s/%s/requestBody/content/application~1json/schema", pointer, strings.ToLower(o.Method)), []byte(o.Example))
	}
	for _, o := range s.api.Operations() {
		if o.Method == http.MethodGet && len(o.Query) > 0 && !strings.Contains(o.Path, "{") {
			values := url.Values{}
			for _, p := range o.Query {
				if p.Example != "" {
					values.Set(p.Name, p.Example)
				}
				if p.Required && p.Example == "" {
					values.Set(p.Name, fmt.Sprint(space.ID))
				}
			}
			s.ask(anna, o.Method, o.Path+"?"+values.Encode(), nil).want(200)
		}
	}
}
