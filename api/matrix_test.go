package api_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/testkit"
)

// The people of the matrix, one letter each: anonymous, outsider, member,
// coach, facilitator, Manager, removed member, member elsewhere, Platform
// administrator who is no member, member with a Read-only token, member with a
// Write-only token, Disabled member.
const people = "aomcfMrePRWD"

// The answers: K as meant, I 400, U 401, F 403, N 404.
var statuses = map[byte]int{'I': 400, 'U': 401, 'F': 403, 'N': 404}

// matrix says, for each operation, what each of the people gets in an open, a
// closed and a hidden space. One row is the same for all three.
var matrix = map[string][]string{
	//                   aomcfMrePRWD    aomcfMrePRWD    aomcfMrePRWD
	"getMe":             {"UKKKKKKKKKFU"},
	"getMySettings":     {"UKKKKKKKKKFU"},
	"changeMySettings":  {"UKKKKKKKKFKU"},
	"listPeople":        {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"listSpaces":        {"UKKKKKKKKKFU"},
	"createSpace":       {"UFKKKKFFFFKU", "UIKKKKIIIFKU", "UIKKKKIIIFKU"},
	"getSpace":          {"UKKKKKKKKKFU", "UKKKKKKKKKFU", "UNKKKKNNNKFU"},
	"changeSpace":       {"UFFFFKFFFFFU", "UFFFFKFFFFFU", "UNFFFKNNNFFU"},
	"listMembers":       {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"putMember":         {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"removeMember":      {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"listInvitations":   {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"createInvitation":  {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"revokeInvitation":  {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"acceptInvitation":  {"UKKKKKFKKFKU"},
	"listStreams":       {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"createStream":      {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"similarStreams":    {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"getStream":         {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"changeStream":      {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"acceptAnswer":      {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"reopenQuestion":    {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"markSeen":          {"UKKKKKKKKFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"setLevel":          {"UKKKKKKKKFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"listPosts":         {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"createPost":        {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"getPost":           {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"editPost":          {"UFFFFFFFFFFU", "UNFFFFNNNFFU", "UNFFFFNNNFFU"},
	"deletePost":        {"UFFFKKFFFFFU", "UNFFKKNNNFFU", "UNFFKKNNNFFU"},
	"listRevisions":     {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"react":             {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"unreact":           {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"vote":              {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"unvote":            {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"search":            {"UKKKKKKKKKFU", "UNKKKKNNNKFU", "UNKKKKNNNKFU"},
	"listNotifications": {"UKKKKKKKKKFU"},
	"readNotifications": {"UKKKKKKKKFKU"},
	"getOpenAPI":        {"KKKKKKKKKKKK"},
	// On what one wrote oneself.
	"editPost own":     {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"deletePost own":   {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"changeStream own": {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"acceptAnswer own": {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	// Oneself: joining, and leaving again.
	"putMember self":    {"UKKKKKFKKFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
	"removeMember self": {"UFKKKKFFFFKU", "UNKKKKNNNFKU", "UNKKKKNNNFKU"},
}

// ground is a space with something in it, and the people of the matrix.
type ground struct {
	*site
	space   community.Space
	manager community.Actor
	author  community.Actor
	target  community.Actor
	stream  forum.Stream
	post    forum.Post
	people  map[byte]caller
}

func TestEveryOperationForEveryone(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		grounds := layOut(s)
		asked := 0
		for _, row := range slices.Sorted(maps.Keys(matrix)) {
			o, answers := operationOf(t, s, row), matrix[row]
			for i, g := range grounds {
				expected := answers[min(i, len(answers)-1)]
				for j := range people {
					asked++
					g.cell(row, o, people[j], expected[j])
				}
			}
		}
		for _, o := range s.api.Operations() {
			if matrix[o.ID] == nil {
				t.Errorf("%s has no row", o.ID)
			}
		}
		t.Logf("%d cells", asked)
	})
}

func operationOf(t *testing.T, s *site, row string) api.Operation {
	id, _, _ := strings.Cut(row, " ")
	for _, o := range s.api.Operations() {
		if o.ID == id {
			return o
		}
	}
	t.Fatalf("there is no %s", id)
	return api.Operation{}
}

// cell asks one operation as one person, as it is meant and with a body that
// cannot be read; and where the answer is that there is no such thing, it
// compares with what really is not there.
func (g *ground) cell(row string, o api.Operation, person, expected byte) {
	g.t.Helper()
	who := g.people[person]
	want := o.Status
	if expected != 'K' {
		want = statuses[expected]
	}
	path, body := g.prepare(row, o, who)
	got := g.ask(who, o.Method, path, body)
	if got.Status != want {
		g.t.Errorf("%s by %c in a %s space: %d, want %d: %s", row, person, g.space.Visibility, got.Status, want, got.Body)
	}
	g.restore(row, person)
	if o.Body != nil {
		garbled := want
		if expected == 'K' || row == "createSpace" && expected != 'U' && person != 'R' {
			garbled = 400 // (where a space was to go stood in the body)
		}
		path, _ := g.prepare(row, o, who)
		if unread := g.ask(who, o.Method, path, `{"no such field": [}`); unread.Status != garbled {
			g.t.Errorf("%s by %c in a %s space with a body that cannot be read: %d, want %d: %s", row, person, g.space.Visibility, unread.Status, garbled, unread.Body)
		}
		g.restore(row, person)
	}
	if got.Status == 404 && o.ID != "acceptInvitation" {
		if missing := g.ask(who, o.Method, g.elsewhere(o, path), body); !bytes.Equal(missing.Body, got.Body) || missing.Status != 404 {
			g.t.Errorf("%s by %c: hidden is %s, absent is %d %s", row, person, got.Body, missing.Status, missing.Body)
		}
	}
}

// elsewhere is the same path about a thing that is not there.
func (g *ground) elsewhere(o api.Operation, path string) string {
	parts, form := strings.Split(path, "/"), strings.Split(o.Path, "/")
	for i := range form {
		if form[i] == "{id}" {
			parts[i] = "987654321"
		}
	}
	return strings.Replace(strings.Join(parts, "/"), fmt.Sprintf("space=%d", g.space.ID), "space=987654321", 1)
}

// prepare returns the request of a row.
func (g *ground) prepare(row string, o api.Operation, who caller) (path string, body any) {
	path = o.Path
	id := g.stream.ID
	switch {
	case strings.HasPrefix(path, "/spaces/{id}"):
		id = g.space.ID
	case strings.HasPrefix(path, "/posts/{id}"):
		id = g.post.ID
	}
	target := g.target.Person
	if o.Body != nil {
		body = o.Example
	}
	switch row {
	case "listPeople":
		path += fmt.Sprintf("?space=%d", g.space.ID)
	case "search", "similarStreams":
		path += fmt.Sprintf("?q=toegang&space=%d", g.space.ID)
	case "createSpace":
		body = map[string]any{"kind": "group", "name": "Erin", "parent": g.space.ID}
	case "changeStream":
		body = `{"pinned":true}`
	case "acceptAnswer":
		body = map[string]any{"post": g.post.ID}
	case "revokeInvitation":
		path = strings.Replace(path, "{invitation}", fmt.Sprint(g.invite().ID), 1)
	case "acceptInvitation":
		path = strings.Replace(path, "{code}", g.invite().Code, 1)
	case "deletePost":
		id = g.Post(g.author, g.stream, "Kort").ID
	case "editPost own", "deletePost own":
		id = g.ownPost(who)
	case "changeStream own":
		id, body = g.ownStream(who), `{"title":"Anders","closed":true}`
	case "acceptAnswer own":
		id = g.ownStream(who)
		body = map[string]any{"post": g.Post(g.author, forum.Stream{ID: id}, "Zo").ID}
	case "putMember self", "removeMember self":
		target = max(who.Person, 1)
		if body != nil {
			body = `{}`
		}
	}
	path = strings.NewReplacer("{id}", fmt.Sprint(id), "{person}", fmt.Sprint(target), "{emoji}", "%F0%9F%91%8D").Replace(path)
	return path, body
}

func (g *ground) invite() community.Invitation {
	g.t.Helper()
	made, err := g.Community.Invite(ctx, g.manager, g.space.ID, community.NewInvitation{})
	if err != nil {
		g.t.Fatal(err)
	}
	return made
}

// ownPost is a post that somebody wrote when they still could.
func (g *ground) ownPost(who caller) int64 {
	g.t.Helper()
	post := g.Post(g.author, g.stream, "Van mij")
	if who.Person != 0 {
		g.sql(`UPDATE posts SET author_id = ? WHERE id = ?`, who.Person, post.ID)
		g.sql(`INSERT INTO stream_people (person_id, stream_id, posts) VALUES (?, ?, 1)
			ON CONFLICT (person_id, stream_id) DO UPDATE SET posts = stream_people.posts + 1`, who.Person, g.stream.ID)
	}
	return post.ID
}

func (g *ground) ownStream(who caller) int64 {
	g.t.Helper()
	stream := g.Stream(g.author, g.space, forum.Question)
	if who.Person != 0 {
		g.sql(`UPDATE streams SET author_id = ? WHERE id = ?`, who.Person, stream.ID)
	}
	return stream.ID
}

// restore gives everybody the place they had.
func (g *ground) restore(row string, person byte) {
	g.t.Helper()
	switch row {
	case "removeMember", "putMember":
		g.seat(g.target, community.Member)
	case "removeMember self", "putMember self", "acceptInvitation":
		role, isMember := seats[person]
		if isMember {
			g.seat(g.people[person].Actor, role)
		} else {
			g.sql(`DELETE FROM memberships WHERE space_id = ? AND person_id = ?`, g.space.ID, g.people[person].Person)
		}
	}
}

// seats are the roles of those who are members.
var seats = map[byte]community.Role{'m': community.Member, 'c': community.Coach, 'f': community.Facilitator,
	'M': community.Manager, 'R': community.Member, 'W': community.Member, 'D': community.Member}

func (g *ground) seat(who community.Actor, role community.Role) {
	g.t.Helper()
	g.Join(g.manager, g.space, who, role)
}

func (s *site) sql(statement string, args ...any) {
	s.t.Helper()
	if err := s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

// layOut makes the three grounds, in a region that everybody reads.
func layOut(s *site) []*ground {
	s.t.Helper()
	admin := s.Person("Ada Beheer", community.RoleAdmin)
	region := s.Space(admin, community.Open, 0)
	platform := s.person("Piet Platform", community.RoleAdmin)
	var grounds []*ground
	for _, v := range []community.Visibility{community.Open, community.Closed, community.Hidden} {
		g := &ground{site: s, people: map[byte]caller{'a': nobody, 'P': platform}}
		named := func(name string) community.Actor { return s.Person(name + " " + string(v)) }
		g.manager = named("Mo Eerste")
		s.Join(admin, region, g.manager, community.Member)
		g.space = s.Space(g.manager, v, region.ID)
		g.author, g.target = named("Ans Vraagt"), named("Toon Doel")
		g.seat(g.author, community.Member)
		g.seat(g.target, community.Member)
		for letter, role := range seats {
			who := named(fmt.Sprintf("Lid %d", letter))
			g.seat(who, role)
			g.people[letter] = s.caller(who)
		}
		g.people['R'] = s.caller(g.people['R'].Actor, community.ScopeRead)
		g.people['W'] = s.caller(g.people['W'].Actor, community.ScopeWrite)
		if err := s.Community.Disable(ctx, testkit.MailOf(fmt.Sprintf("Lid %d %s", 'D', v))); err != nil {
			s.t.Fatal(err)
		}
		g.people['o'] = s.person("Otto Buiten " + string(v))
		removed := named("Ria Weg")
		g.seat(removed, community.Member)
		g.people['r'] = s.caller(removed)
		if err := s.Community.RemoveMember(ctx, g.manager, g.space.ID, removed.Person); err != nil {
			s.t.Fatal(err)
		}
		other := s.Space(admin, community.Hidden, 0)
		g.people['e'] = s.person("Els Elders " + string(v))
		s.Join(admin, other, g.people['e'].Actor, community.Manager)
		g.stream = s.Stream(g.author, g.space, forum.Question)
		g.post = s.Post(g.author, g.stream, "Zo doen wij het.")
		grounds = append(grounds, g)
	}
	return grounds
}
