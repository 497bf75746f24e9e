package forum_test

import (
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
)

// Who may is asked with the same words as doing it.
func TestMaySaysWhatDoingItSays(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		question := r.Stream(r.anna, r.space, forum.Question)
		answer := r.Post(r.bram, question, "Zo.")
		reader := r.anna
		reader.Scopes = community.ScopeRead
		const absent = 987654321
		for name, who := range map[string]community.Actor{"manager": r.manager, "asker": r.anna, "answerer": r.bram, "reader": reader, "outsider": r.outsider} {
			for _, stream := range []int64{question.ID, absent} {
				post := answer.ID
				if stream == absent {
					post = absent
				}
				does := func(_ any, err error) fault.Kind { return kindOf(err) }
				for what, kinds := range map[string][2]fault.Kind{
					"post":   {kindOf(r.Forum.May(ctx, who, community.Write, stream)), does(r.Forum.Post(ctx, who, forum.PostInput{Stream: stream, Body: "x"}))},
					"follow": {kindOf(r.Forum.May(ctx, who, community.Follow, stream)), kindOf(r.Forum.Seen(ctx, who, stream, 1))},
					"change": {kindOf(r.Forum.MayChangeStream(ctx, who, stream)), does(r.Forum.ChangeStream(ctx, who, stream, forum.StreamChange{}))},
					"accept": {kindOf(r.Forum.MayAccept(ctx, who, stream)), does(r.Forum.Accept(ctx, who, stream, post))},
					"vote":   {kindOf(r.Forum.MayWithPost(ctx, who, community.Write, post)), does(r.Forum.Vote(ctx, who, post))},
					"read":   {kindOf(r.Forum.MayWithPost(ctx, who, community.Read, post)), does(r.Forum.PostByID(ctx, who, post))},
					"edit":   {kindOf(r.Forum.MayEdit(ctx, who, post)), does(r.Forum.Edit(ctx, who, post, forum.EditInput{Body: "Zo."}))},
				} {
					if kinds[0] != kinds[1] {
						t.Errorf("%s, %s in %d: may says %d, doing it %d", name, what, stream, kinds[0], kinds[1])
					}
				}
			}
		}
	})
}

// Rev 0 is a rev like any other: every post is newer.
func TestEditOfAnOlderText(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := r.Post(r.anna, r.channel, "Nieuw")
		if _, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Ouder", Rev: new(int64(0))}); kindOf(err) != fault.Conflict {
			t.Errorf("from rev 0: %v", err)
		}
		if _, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Nieuwer", Rev: new(post.Rev)}); err != nil {
			t.Errorf("from its own rev: %v", err)
		}
	})
}

func TestRevisionsGoOn(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := r.Post(r.anna, r.channel, "0")
		for _, body := range []string{"1", "2", "3"} {
			if _, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		read, cursor := "", ""
		for range 3 {
			revisions, next, err := r.Forum.Revisions(ctx, r.bram, post.ID, community.Page{Limit: 1, Cursor: cursor})
			if err != nil || len(revisions) != 1 {
				t.Fatal(revisions, err)
			}
			read += revisions[0].Body
			cursor = next
		}
		if read != "012" || cursor != "" {
			t.Errorf("read %q, then %q", read, cursor)
		}
		if _, _, err := r.Forum.Revisions(ctx, r.outsider, post.ID, community.Page{Limit: 1, Cursor: "?"}); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider: %v", err)
		}
	})
}
