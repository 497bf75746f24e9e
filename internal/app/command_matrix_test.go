package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/hub"
)

// What each person gets for each socket command about a stream in a space of
// each visibility: "" is done. A dash is not tried: there is nothing of one's
// own to change.
//
// The columns are the commands, in this order.
var commandColumns = []string{
	"subscribe", "unsubscribe", "presence", "typing", "seen", "post", "react", "unreact", "edit own", "edit other", "delete own", "delete other", "ping",
}

const (
	ok      = ""
	missing = "not_found"
	no      = "forbidden"
	none    = "-"
)

// reader may read and nothing more; writer is a member; keeper leads; stranger
// may not know that it is there. Unsubscribing from what one does not hear is
// always done: it tells nothing.
var (
	stranger = []string{missing, ok, missing, missing, missing, missing, missing, missing, none, missing, none, missing, ok}
	reader   = []string{ok, ok, ok, ok, ok, no, no, no, none, no, none, no, ok}
	writer   = []string{ok, ok, ok, ok, ok, ok, ok, ok, ok, no, ok, no, ok}
	keeper   = []string{ok, ok, ok, ok, ok, ok, ok, ok, ok, no, ok, ok, ok}
	// gone wrote something and was removed: it is out of reach like the rest.
	goneOpen  = []string{ok, ok, ok, ok, ok, no, no, no, no, no, no, no, ok}
	goneShut  = []string{missing, ok, missing, missing, missing, missing, missing, missing, missing, missing, missing, missing, ok}
	readToken = []string{ok, ok, ok, ok, no, no, no, no, no, no, no, no, ok}
)

func TestCommandMatrix(t *testing.T) {
	n := startNode(t)
	admin := n.user("Ada Admin", everything, community.RoleAdmin)
	people := []struct {
		name    string
		user    *user
		role    community.Role
		removed bool
		open    []string
		shut    []string
	}{
		{name: "outsider", user: n.user("Olaf", everything), open: reader, shut: stranger},
		{name: "administrator", user: n.user("Aad", everything, community.RoleAdmin), open: reader, shut: stranger},
		{name: "member", user: n.user("Mia", everything), role: community.Member, open: writer, shut: writer},
		{name: "coach", user: n.user("Cor", everything), role: community.Coach, open: writer, shut: writer},
		{name: "facilitator", user: n.user("Fee", everything), role: community.Facilitator, open: keeper, shut: keeper},
		{name: "manager", user: n.user("Mo", everything), role: community.Manager, open: keeper, shut: keeper},
		{name: "removed", user: n.user("Rik", everything), role: community.Member, removed: true, open: goneOpen, shut: goneShut},
		{name: "reading token", user: n.user("Tom", community.ScopeRead), role: community.Member, open: readToken, shut: readToken},
	}
	for _, p := range people {
		n.connect(p.user)
	}
	for _, visibility := range []community.Visibility{community.Open, community.Closed, community.Hidden} {
		space, err := n.Community.MakeSpace(ctx, admin.Actor, community.NewSpace{Name: "Proef", Kind: community.KindCommunity, Visibility: visibility})
		if err != nil {
			t.Fatal(err)
		}
		stream, err := n.Forum.Start(ctx, admin.Actor, space.ID, forum.NewStream{Kind: forum.Channel, Title: "Proef"})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			other := mustPost(t, n, admin.Actor, stream.ID)
			own := int64(0)
			if p.role != "" {
				if _, err := n.Community.PutMember(ctx, admin.Actor, space.ID, p.user.Person, p.role); err != nil {
					t.Fatal(err)
				}
				writing := p.user.Actor
				writing.Scopes = everything
				own = mustPost(t, n, writing, stream.ID)
			}
			if p.removed {
				if err := n.Community.RemoveMember(ctx, admin.Actor, space.ID, p.user.Person); err != nil {
					t.Fatal(err)
				}
			}
			want := p.shut
			if visibility == community.Open {
				want = p.open
			}
			got := try(t, p.user, stream.ID, own, other)
			for i, column := range commandColumns {
				if want[i] != got[i] {
					t.Errorf("%s in a space that is %s, %s: %q, want %q", p.name, visibility, column, got[i], want[i])
				}
			}
		}
	}
	// What does not exist answers like what is hidden.
	for _, p := range people[:1] {
		if diff := cmp.Diff(stranger, try(t, p.user, 999_999, 0, 999_999)); diff != "" {
			t.Errorf("no such stream: %s", diff)
		}
	}
	// Every command of the hub stands in the table.
	tried := map[string]bool{}
	for _, column := range commandColumns {
		name := column
		for _, c := range []string{"edit", "delete"} {
			if len(column) > len(c) && column[:len(c)] == c {
				name = c
			}
		}
		tried[name] = true
	}
	for _, name := range hub.CommandNames(commands(n.api, nil)) {
		if !tried[name] {
			t.Errorf("the command %s is not tried", name)
		}
	}
}

// try sends every command and returns the codes of what was refused.
func try(t *testing.T, u *user, stream, own, other int64) (codes []string) {
	t.Helper()
	frames := map[string]map[string]any{
		"subscribe":    {"cmd": "subscribe", "stream": stream},
		"unsubscribe":  {"cmd": "unsubscribe", "stream": stream},
		"presence":     {"cmd": "presence", "stream": stream},
		"typing":       {"cmd": "typing", "stream": stream},
		"seen":         {"cmd": "seen", "stream": stream, "rev": 1},
		"post":         {"cmd": "post", "stream": stream, "body": "hoi", "nonce": uuid.NewString()},
		"react":        {"cmd": "react", "post": other, "emoji": "👍"},
		"unreact":      {"cmd": "unreact", "post": other, "emoji": "👍"},
		"edit own":     {"cmd": "edit", "post": own, "body": "anders"},
		"edit other":   {"cmd": "edit", "post": other, "body": "anders"},
		"delete own":   {"cmd": "delete", "post": own},
		"delete other": {"cmd": "delete", "post": other},
		"ping":         {"cmd": "ping"},
	}
	for _, column := range commandColumns {
		if own == 0 && (column == "edit own" || column == "delete own") {
			codes = append(codes, none)
			continue
		}
		answer := u.socket.Do(frames[column])
		code := ""
		if answer.Error != nil {
			code = answer.Error.Code
		}
		codes = append(codes, code)
	}
	return codes
}

func mustPost(t *testing.T, n *node, author community.Actor, stream int64) int64 {
	t.Helper()
	post, err := n.Forum.Post(ctx, author, forum.PostInput{Stream: stream, Body: "tekst"})
	if err != nil {
		t.Fatal(err)
	}
	return post.ID
}
