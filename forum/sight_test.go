package forum_test

import (
	"slices"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
)

func TestSightOfAStreamOpensAtTheFirstUnread(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		for range 12 {
			r.Post(r.anna, r.channel, "Vroeger")
		}
		at, err := r.Forum.Stream(ctx, r.bram, r.channel.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Forum.Seen(ctx, r.bram, r.channel.ID, at.Rev); err != nil {
			t.Fatal(err)
		}
		var fresh []int64
		for range 9 {
			fresh = append(fresh, r.Post(r.anna, r.channel, "Nieuw").ID)
		}
		see := func(query forum.PostQuery) forum.Sight {
			t.Helper()
			s, err := r.Forum.See(ctx, r.bram, r.channel.ID, query)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s := see(forum.PostQuery{Limit: 10})
		if s.FirstUnread != fresh[0] || s.Newer || !s.Older || len(s.Posts) != 10 || s.Stream.Unread != 9 {
			t.Errorf("all unread fit: first %d, newer %v, older %v, %d posts", s.FirstUnread, s.Newer, s.Older, len(s.Posts))
		}
		s = see(forum.PostQuery{Limit: 6})
		if !s.Newer || !slices.ContainsFunc(s.Posts, func(p forum.Post) bool { return p.ID == fresh[0] }) {
			t.Errorf("the first unread is not among %d posts, newer %v", len(s.Posts), s.Newer)
		}
		if s = see(forum.PostQuery{Limit: 6, After: s.Posts[len(s.Posts)-1].ID}); !s.Older || s.Posts[0].ID != fresh[3] {
			t.Errorf("after those: %d, older %v", s.Posts[0].ID, s.Older)
		}
		if s = see(forum.PostQuery{Limit: 100}); s.Older || s.Newer || len(s.Posts) != 21 {
			t.Errorf("all: %d posts, older %v, newer %v", len(s.Posts), s.Older, s.Newer)
		}
	})
}

func TestSightTellsWhatOneMayDo(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		open := r.Space(r.manager, community.Open, 0)
		r.Join(r.manager, open, r.anna, community.Member)
		question := r.Stream(r.anna, open, forum.Question)
		answer := r.Post(r.manager, question, "Zo doen wij het")

		for _, c := range []struct {
			who    community.Actor
			stream forum.StreamRights
			post   forum.PostRights
		}{
			{r.anna, forum.StreamRights{Write: true, Follow: true, Change: true, Accept: true},
				forum.PostRights{React: true, Vote: true, Reply: true, Accept: true}},
			{r.manager, forum.StreamRights{Write: true, Follow: true, Change: true, Pin: true, Accept: true},
				forum.PostRights{React: true, Vote: true, Reply: true, Edit: true, Delete: true, Accept: true}},
			{r.outsider, forum.StreamRights{Join: true, Follow: true}, forum.PostRights{}},
		} {
			s, err := r.Forum.See(ctx, c.who, question.ID, forum.PostQuery{Limit: 10})
			if err != nil || s.May != c.stream {
				t.Errorf("%s may %+v, %v; want %+v", c.who.Name, s.May, err, c.stream)
			}
			p, err := r.Forum.SeePost(ctx, c.who, answer.ID)
			if err != nil || p.May != c.post || p.Post.AuthorRole != community.Manager {
				t.Errorf("%s may with the post %+v, %v; want %+v", c.who.Name, p.May, err, c.post)
			}
		}

		if _, err := r.Forum.Accept(ctx, r.anna, question.ID, answer.ID); err != nil {
			t.Fatal(err)
		}
		s, err := r.Forum.See(ctx, r.anna, question.ID, forum.PostQuery{Limit: 10})
		if err != nil || s.Answer == nil || s.Answer.ID != answer.ID || s.Opening == nil || s.Opening.ID == answer.ID {
			t.Errorf("answer %+v, opening %+v, %v", s.Answer, s.Opening, err)
		}
		closed := true
		if _, err := r.Forum.ChangeStream(ctx, r.anna, question.ID, forum.StreamChange{Closed: &closed}); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[*community.Actor]bool{&r.anna: false, &r.manager: true} {
			s, err := r.Forum.See(ctx, *who, question.ID, forum.PostQuery{Limit: 10})
			if err != nil || s.May.Write != want {
				t.Errorf("%s writes in a closed stream: %v, %v", who.Name, s.May.Write, err)
			}
		}
		hidden := r.Post(r.anna, r.channel, "Onder ons")
		_, errStream := r.Forum.See(ctx, r.outsider, r.channel.ID, forum.PostQuery{Limit: 10})
		_, errPost := r.Forum.SeePost(ctx, r.outsider, hidden.ID)
		_, errThread := r.Forum.SeeThread(ctx, r.outsider, hidden.ID)
		for _, err := range []error{errStream, errPost, errThread} {
			if kindOf(err) != fault.NotFound {
				t.Errorf("an outsider of a closed space: %v", err)
			}
		}
	})
}

func TestThreadHoldsAllLevels(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		reply := func(who community.Actor, to forum.Post) forum.Post {
			t.Helper()
			p, err := r.Forum.Post(ctx, who, forum.PostInput{Stream: r.channel.ID, Body: "Antwoord", Parent: to.ID})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		root := r.Post(r.anna, r.channel, "Wie gaat er mee?")
		first := reply(r.bram, root)
		deeper := reply(r.anna, first)
		other := r.Post(r.bram, r.channel, "Iets anders")
		gone := reply(r.manager, root)
		if _, err := r.Forum.Delete(ctx, r.manager, gone.ID); err != nil {
			t.Fatal(err)
		}

		s, err := r.Forum.See(ctx, r.anna, r.channel.ID, forum.PostQuery{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		under := s.Threads[root.ID]
		if len(s.Threads) != 1 || under.Replies != 2 || len(under.People) != 2 || under.People[0].ID != r.anna.Person {
			t.Errorf("threads %+v", s.Threads)
		}
		if _, ok := s.Threads[other.ID]; ok {
			t.Error("a post without replies has a thread")
		}
		for _, from := range []int64{root.ID, deeper.ID} {
			thread, err := r.Forum.SeeThread(ctx, r.anna, from)
			if err != nil {
				t.Fatal(err)
			}
			if thread.Root.ID != root.ID || len(thread.Replies) != 3 || thread.Replies[1].ID != deeper.ID {
				t.Errorf("from %d: root %d, %d replies", from, thread.Root.ID, len(thread.Replies))
			}
		}
	})
}

func TestTogglesGoBackAndForth(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := r.Post(r.anna, r.channel, "Hallo")
		for _, want := range []int{1, 0, 1} {
			p, err := r.Forum.ToggleReaction(ctx, r.bram, post.ID, "👍")
			if err != nil || len(p.Reactions) != want {
				t.Errorf("reactions %+v, %v; want %d", p.Reactions, err, want)
			}
			if p, err = r.Forum.ToggleVote(ctx, r.bram, post.ID); err != nil || p.Score != want {
				t.Errorf("score %d, %v; want %d", p.Score, err, want)
			}
		}
		if _, err := r.Forum.ToggleReaction(ctx, r.outsider, post.ID, "👍"); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider: %v", err)
		}
	})
}
