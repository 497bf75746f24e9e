package app

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/hub"
	"leerkring/internal/fault"
)

// Whatever stands in a command of the domain, it is done or refused; it is
// never our fault, and what was refused was not half done.
func FuzzDomainCommand(f *testing.F) {
	n := startNode(f)
	admin := n.user("Ada Admin", everything, community.RoleAdmin)
	space, err := n.Community.MakeSpace(ctx, admin.Actor, community.NewSpace{Name: "Proef", Kind: community.KindCommunity})
	if err != nil {
		f.Fatal(err)
	}
	stream, err := n.Forum.Start(ctx, admin.Actor, space.ID, forum.NewStream{Kind: forum.Channel, Title: "Proef"})
	if err != nil {
		f.Fatal(err)
	}
	post, err := n.Forum.Post(ctx, admin.Actor, forum.PostInput{Stream: stream.ID, Body: "begin"})
	if err != nil {
		f.Fatal(err)
	}
	nonce := uuid.NewString()
	for name, fields := range map[string]string{
		"post":    fmt.Sprintf(`"stream":%d,"body":"**hoi** @[%d]","nonce":%q`, stream.ID, admin.Person, nonce),
		"edit":    fmt.Sprintf(`"post":%d,"body":"anders","rev":1`, post.ID),
		"delete":  fmt.Sprintf(`"post":%d`, post.ID),
		"react":   fmt.Sprintf(`"post":%d,"emoji":"👍"`, post.ID),
		"unreact": fmt.Sprintf(`"post":%d,"emoji":"👍"`, post.ID),
		"seen":    fmt.Sprintf(`"stream":%d,"rev":1`, stream.ID),
	} {
		f.Add(name, []byte(fmt.Sprintf(`{"id":1,"cmd":%q,%s}`, name, fields)))
		f.Add(name, []byte(fmt.Sprintf(`{"id":1,"cmd":%q,%s,"anonymous":true,"parent":%d,"attachments":[1]}`, name, fields, post.ID)))
		f.Add(name, []byte(`{"id":1}`))
	}
	f.Add("post", []byte(fmt.Sprintf(`{"stream":%d,"stream":1e999,"body":"\u0000\ud800","nonce":null}`, stream.ID)))
	table := commands(n.api, nil)
	f.Fuzz(func(t *testing.T, name string, message []byte) {
		command := table[name]
		if command == nil || !utf8.Valid(message) || len(message) > 256<<10 {
			return
		}
		before, err := n.Forum.Revs(ctx, []int64{stream.ID})
		if err != nil {
			t.Fatal(err)
		}
		_, err = command(ctx, hub.Identity{Person: admin.Person, Actor: admin.Actor}, message)
		if err == nil {
			return
		}
		if e, expected := fault.From(err); !expected || e.Kind == fault.Unavailable {
			t.Fatalf("%s: %v", message, err)
		}
		if after, _ := n.Forum.Revs(ctx, []int64{stream.ID}); after[stream.ID] != before[stream.ID] {
			t.Fatalf("%s was refused (%v) and moved the stream", message, err)
		}
	})
}
