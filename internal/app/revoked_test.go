package app

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

// ending is a way in which access ends.
type ending struct {
	name string
	end  func(s *site, v *victim) error
	// code is the close code that must come; 0 when the socket stays, and hears
	// no more of the room.
	code int
	// session: they come with a cookie.
	session bool
}

var endings = []ending{
	{name: "removed", end: func(s *site, v *victim) error {
		return s.at(0).Community.RemoveMember(ctx, s.manager.Actor, s.space.ID, v.Person)
	}},
	{name: "left", end: func(s *site, v *victim) error {
		return s.at(1).Community.RemoveMember(ctx, v.Actor, s.space.ID, v.Person)
	}},
	{name: "token revoked", code: 4401, end: func(s *site, v *victim) error { return s.at(0).Community.RevokeToken(ctx, v.token) }},
	{name: "disabled", code: 4401, end: func(s *site, v *victim) error {
		return s.at(1).Community.Disable(ctx, testkit.MailOf(v.Name))
	}},
	{name: "signed out", code: 4401, session: true, end: func(s *site, v *victim) error { return s.at(1).Community.SignOut(ctx, v.Actor) }},
	{name: "signed out everywhere", code: 4401, session: true, end: func(s *site, v *victim) error {
		return s.at(0).Community.SignOutEverywhere(ctx, v.Actor)
	}},
	{name: "session over", code: 4401, session: true, end: func(*site, *victim) error { return nil }}, // by itself
}

// victim is somebody who loses access, with a socket on each node.
type victim struct {
	*user
	ending
	sockets []*hubtest.Client
	ended   time.Time
}

// sessionLeft is how long the session lasts of those whose session is over.
const sessionLeft = 2 * time.Second

func (s *site) victim(e ending) *victim {
	s.t.Helper()
	v := &victim{user: s.member("Wie " + e.name), ending: e}
	header := hubtest.Token(v.token)
	if e.session {
		session, err := s.at(0).Community.SignIn(ctx, v.Person)
		if err != nil {
			s.t.Fatal(err)
		}
		if e.name == "session over" {
			v.ended = time.Now().Add(sessionLeft)
			if err := s.at(0).DB.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE sessions SET expires_at = ? WHERE person_id = ?`, s.at(0).Clock.Now().Add(sessionLeft), v.Person)
				return err
			}); err != nil {
				s.t.Fatal(err)
			}
		}
		if v.Actor, err = s.at(0).Community.IdentifySession(ctx, session.Token); err != nil {
			s.t.Fatal(err)
		}
		header = http.Header{"Cookie": {community.SessionCookie + "=" + session.Token}}
	}
	for _, address := range s.addresses() {
		if e.session {
			header.Set("Origin", address)
		}
		c := hubtest.Dial(s.t, address+"/ws", header)
		c.OK(map[string]any{"cmd": "subscribe", "stream": s.stream.ID}, nil)
		v.sockets = append(v.sockets, c)
	}
	return v
}

// Whoever loses access hears nothing more of it, on any node and whatever it is,
// within two seconds, or five when Redis carries nothing.
func TestAccessThatEndsEndsEverywhere(t *testing.T) {
	type redisIs struct {
		within time.Duration
		now    func(*testkit.Proxy)
	}
	cases := map[string]redisIs{
		"with Redis":   {2 * time.Second, (*testkit.Proxy).Heal},
		"Redis silent": {5 * time.Second, (*testkit.Proxy).Hole},
	}
	if testkit.Soaking() {
		cases["Redis refuses"] = redisIs{5 * time.Second, (*testkit.Proxy).Refuse}
		cases["Redis late by seconds"] = redisIs{5 * time.Second, func(p *testkit.Proxy) { p.Delay(1500 * time.Millisecond) }}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, hub.Pace{}, "")
			testEndings(s, c.within, c.now)
		})
	}
}

func testEndings(s *site, within time.Duration, redis func(*testkit.Proxy)) {
	t := s.t
	staying := s.follow(2, 0, s.bram)
	var victims []*victim
	names := ""
	for _, e := range endings {
		v := s.victim(e)
		victims = append(victims, v)
		names += fmt.Sprintf(" @[%d]", v.Person)
	}
	s.both(s.redis, redis)

	// All the while somebody writes, with everybody's name in it.
	done := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
			post, err := s.at(i%2).Forum.Post(ctx, s.anna.Actor, forum.PostInput{Stream: s.stream.ID, Body: "geheim" + names})
			if err != nil {
				t.Error(err)
				return
			}
			if i%5 == 0 {
				s.at(i%2).Forum.React(ctx, s.anna.Actor, post.ID, "👍")
			}
		}
	})
	for _, v := range victims {
		if err := v.end(s, v); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
		if v.ended.IsZero() {
			v.ended = time.Now()
		}
	}
	for _, v := range victims {
		for i, c := range v.sockets {
			if v.code != 0 {
				if code := c.Closed(); code != v.code {
					t.Errorf("%s, node %d: closed with %d", v.name, i, code)
				}
				continue
			}
			c.Wait("revoked", nil)
		}
	}
	time.Sleep(time.Until(slices.MaxFunc(victims, func(a, b *victim) int { return a.ended.Compare(b.ended) }).ended.Add(within + time.Second)))
	close(done)
	writing.Wait()
	for _, v := range victims {
		for i, c := range v.sockets {
			v.judge(s, i, c, within)
		}
	}
	for _, f := range staying {
		if rev, _, err := s.load(s.manager); err != nil || !f.Reach(rev, everythingSoon) {
			t.Error("who stays does not hear everything")
		}
	}
}

// judge looks at everything that one socket heard.
func (v *victim) judge(s *site, node int, c *hubtest.Client, within time.Duration) {
	t := s.t
	heard, last := 0, time.Duration(0)
	for _, m := range c.Heard() {
		about := m.Stream == s.stream.ID && m.Event != "revoked" || strings.Contains(m.Line, "geheim") ||
			m.Event == "unread.changed" || m.Event == "notification.created"
		if !about || m.ID != nil {
			continue
		}
		heard++
		last = max(last, m.At.Sub(v.ended))
		if m.At.After(v.ended.Add(within)) {
			t.Errorf("%s, node %d: %v after it ended: %s", v.name, node, m.At.Sub(v.ended), m.Line)
			return
		}
	}
	if heard == 0 {
		t.Errorf("%s, node %d: heard nothing while it could", v.name, node)
	}
	t.Logf("%s, node %d: heard %d, the last %v after the end", v.name, node, heard, last.Round(time.Millisecond))
	if v.code == 0 {
		for _, command := range []map[string]any{
			{"cmd": "subscribe", "stream": s.stream.ID}, {"cmd": "presence", "stream": s.stream.ID}, {"cmd": "typing", "stream": s.stream.ID},
			{"cmd": "post", "stream": s.stream.ID, "body": "nog wat", "nonce": uuid.NewString()},
		} {
			if e := c.Refused(command); e.Code != "not_found" {
				t.Errorf("%s, node %d: %v was answered %+v", v.name, node, command, e)
			}
		}
	}
}

// A space that is closed to those who only looked on: they hear nothing more;
// who belongs goes on.
func TestSpaceThatCloses(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Pace{}, "")
	open := community.Open
	if _, err := s.at(0).Community.ChangeSpace(ctx, s.manager.Actor, s.space.ID, community.SpaceChange{Visibility: &open}); err != nil {
		t.Fatal(err)
	}
	onlooker := s.at(0).user("Olaf Onlooker", everything)
	var outside, inside []*hubtest.Client
	for _, n := range s.nodes {
		for u, list := range map[*user]*[]*hubtest.Client{onlooker: &outside, s.bram: &inside} {
			c := hubtest.Dial(t, n.address+"/ws", hubtest.Token(u.token))
			c.OK(map[string]any{"cmd": "subscribe", "stream": s.stream.ID}, nil)
			*list = append(*list, c)
		}
	}
	hidden := community.Hidden
	if _, err := s.at(0).Community.ChangeSpace(ctx, s.manager.Actor, s.space.ID, community.SpaceChange{Visibility: &hidden}); err != nil {
		t.Fatal(err)
	}
	ended := time.Now()
	for _, c := range outside {
		if m := c.Wait("revoked", nil); m.At.Sub(ended) > 2*time.Second {
			t.Errorf("revoked after %v", m.At.Sub(ended))
		}
	}
	if _, err := s.at(1).Forum.Post(ctx, s.anna.Actor, forum.PostInput{Stream: s.stream.ID, Body: "geheim"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range inside {
		c.Wait("post.created", nil)
	}
	for _, c := range outside {
		if e := c.Refused(map[string]any{"cmd": "subscribe", "stream": s.stream.ID}); e.Code != "not_found" {
			t.Errorf("%+v", e)
		}
		for _, m := range c.Heard() {
			if strings.Contains(m.Line, "geheim") {
				t.Errorf("heard %s", m.Line)
			}
		}
	}
}

// A node whose database is out of reach cannot know who may hear what. It says
// nothing more of what other nodes tell it, closes the sockets of those whose
// access is said to have changed, and takes nobody in. When the database is
// back, who stayed gets everything, and who lost access does not.
func TestNobodyKnowsWhoMayListen(t *testing.T) {
	t.Parallel()
	s := newSite(t, hub.Pace{}, "")
	staying := s.follow(3, 1, s.bram)
	gone := s.member("Gerda")
	c := hubtest.Dial(t, s.at(1).address+"/ws", hubtest.Token(gone.token))
	c.OK(map[string]any{"cmd": "subscribe", "stream": s.stream.ID}, nil)
	s.post(s.anna, 0, uuid.NewString())
	c.Wait("post.created", nil)

	s.postgres[1].Hole()
	began := time.Now()
	if err := s.at(0).Community.RemoveMember(ctx, s.manager.Actor, s.space.ID, gone.Person); err != nil {
		t.Fatal(err)
	}
	if code := c.Closed(); code != 1001 || time.Since(began) > 5*time.Second {
		t.Errorf("closed with %d after %v", code, time.Since(began))
	}
	time.Sleep(time.Until(began.Add(5 * time.Second))) // now it has not known for too long
	secret := uuid.NewString()
	s.post(s.anna, 0, secret)
	if has(staying[0], secret, time.Second) {
		t.Error("a node passed on what it could not check")
	}
	s.postgres[1].Heal()
	if !has(staying[0], secret, hubtest.Patience) {
		t.Error("who stayed did not get what was held back")
	}
	if _, err := s.at(1).Community.MayListen(ctx, gone.Actor, s.stream.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	s.agree(everythingSoon)
}
