package forum_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

// room is a closed space with a manager, two members and an outsider.
type room struct {
	*testkit.World
	manager, anna, bram, outsider community.Actor
	space                         community.Space
	channel                       forum.Stream
}

func eachRoom(t *testing.T, test func(t *testing.T, r room)) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		r := room{World: w}
		r.manager = w.Person("Mieke Manager", community.RoleAdmin)
		r.anna, r.bram, r.outsider = w.Person("Anna"), w.Person("Bram"), w.Person("Olaf")
		r.space = w.Space(r.manager, community.Closed, 0)
		w.Join(r.manager, r.space, r.anna, community.Member)
		w.Join(r.manager, r.space, r.bram, community.Member)
		r.channel = w.Stream(r.manager, r.space, forum.Channel)
		w.Changes()
		test(t, r)
	})
}

func kindOf(err error) fault.Kind {
	if e, ok := fault.As(err); ok {
		return e.Kind
	}
	return 0
}

func TestPostIsKeptAndTold(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		made, err := r.Forum.Post(ctx, r.anna, forum.PostInput{Stream: r.channel.ID, Body: "Hoi **allemaal**\r\n", Nonce: "n1"})
		if err != nil {
			t.Fatal(err)
		}
		if made.Rev != 1 || made.Body != "Hoi **allemaal**\n" || made.Author.Name != "Anna" {
			t.Errorf("made %+v", made)
		}
		read, err := r.Forum.PostByID(ctx, r.bram, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if read.HTML != made.HTML || read.Author.Organisation != made.Author.Organisation || !read.CreatedAt.Equal(made.CreatedAt) {
			t.Errorf("made %+v, read %+v", made, read)
		}
		changes := r.Changes()
		if len(changes) != 1 || changes[0].Event != forum.PostCreated || changes[0].Rev != 1 || changes[0].Post.ID != made.ID {
			t.Errorf("announced %+v", changes)
		}
	})
}

func TestSameNonceIsOnePost(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		const senders = 40
		ids := make([]int64, senders)
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				post, err := r.Forum.Post(ctx, r.anna, forum.PostInput{Stream: r.channel.ID, Body: "Eén keer", Nonce: "same"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = post.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("ids %v", ids)
			}
		}
		page, err := r.Forum.Posts(ctx, r.anna, r.channel.ID, forum.PostQuery{Limit: 50})
		if err != nil || len(page.Posts) != 1 || page.Rev != 1 {
			t.Errorf("%d posts, rev %d, %v", len(page.Posts), page.Rev, err)
		}
		if n := len(r.Changes()); n != 1 {
			t.Errorf("announced %d times", n)
		}
		// Somebody else's nonce is their own; another stream's is a conflict.
		if post, err := r.Forum.Post(ctx, r.bram, forum.PostInput{Stream: r.channel.ID, Body: "Van mij", Nonce: "same"}); err != nil || post.ID == ids[0] {
			t.Errorf("Bram got %+v, %v", post, err)
		}
		other := r.Stream(r.manager, r.space, forum.Channel)
		if _, err := r.Forum.Post(ctx, r.anna, forum.PostInput{Stream: other.ID, Body: "Elders", Nonce: "same"}); kindOf(err) != fault.Conflict {
			t.Errorf("got %v", err)
		}
	})
}

// Revs are 1, 2, 3, … without a hole, in the order of ids.
func TestRevsHaveNoHoles(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		const writers, each = 8, 25
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				author := []community.Actor{r.anna, r.bram, r.manager}[w%3]
				for range each {
					if _, err := r.Forum.Post(ctx, author, forum.PostInput{Stream: r.channel.ID, Body: "regel"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		changes, err := r.Forum.ChangesSince(ctx, r.channel.ID, 0, 1000)
		if err != nil || len(changes) != writers*each {
			t.Fatalf("%d changes, %v", len(changes), err)
		}
		last := int64(0)
		for i, c := range changes {
			if c.Rev != int64(i+1) || c.Post.ID <= last {
				t.Fatalf("change %d has rev %d, id %d after %d", i, c.Rev, c.Post.ID, last)
			}
			last = c.Post.ID
		}
		stream, err := r.Forum.Stream(ctx, r.anna, r.channel.ID)
		if err != nil || stream.Posts != writers*each || stream.Participants != 3 {
			t.Errorf("stream %+v, %v", stream, err)
		}
	})
}

func TestWhoMayPost(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := func(who community.Actor, in forum.PostInput) error {
			in.Stream = r.channel.ID
			_, err := r.Forum.Post(ctx, who, in)
			return err
		}
		reader := r.anna
		reader.Scopes = community.ScopeRead
		other := r.Stream(r.manager, r.space, forum.Channel)
		elsewhere := r.Post(r.anna, other, "elders")
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
		}{
			"an outsider":             {post(r.outsider, forum.PostInput{Body: "hoi"}), fault.NotFound},
			"an outsider, bad body":   {post(r.outsider, forum.PostInput{Body: " "}), fault.NotFound},
			"a token that only reads": {post(reader, forum.PostInput{Body: "hoi"}), fault.Forbidden},
			"white space":             {post(r.anna, forum.PostInput{Body: " \n\t"}), fault.Invalid},
			"too long":                {post(r.anna, forum.PostInput{Body: string(make([]rune, 20_001))}), fault.Invalid},
			"a foreign parent":        {post(r.anna, forum.PostInput{Body: "hoi", Parent: elsewhere.ID}), fault.Invalid},
			"no such parent":          {post(r.anna, forum.PostInput{Body: "hoi", Parent: 99999}), fault.Invalid},
			"anonymous":               {post(r.anna, forum.PostInput{Body: "hoi", Anonymous: true}), fault.Invalid},
			"no such stream": {func() error {
				_, err := r.Forum.Post(ctx, r.anna, forum.PostInput{Stream: 9999, Body: "x"})
				return err
			}(), fault.NotFound},
		} {
			if kindOf(c.err) != c.kind {
				t.Errorf("%s: %v", name, c.err)
			}
		}
	})
}

func TestEditKeepsWhatWas(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := r.Post(r.anna, r.channel, "Eerste")
		r.Clock.Advance(time.Minute)
		r.Changes()
		edited, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Tweede"})
		if err != nil || edited.Rev != 2 || edited.EditedAt == nil || edited.CreatedRev != 1 {
			t.Fatalf("%+v, %v", edited, err)
		}
		if same, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Tweede"}); err != nil || same.Rev != 2 {
			t.Errorf("the same text: %+v, %v", same, err)
		}
		if changes := r.Changes(); len(changes) != 1 || changes[0].Event != forum.PostChanged {
			t.Errorf("announced %+v", changes)
		}
		if _, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Derde", Rev: new(int64(1))}); kindOf(err) != fault.Conflict {
			t.Errorf("an old rev: %v", err)
		}
		for _, who := range []community.Actor{r.bram, r.manager} {
			if _, err := r.Forum.Edit(ctx, who, post.ID, forum.EditInput{Body: "Van mij"}); kindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", who.Name, err)
			}
		}
		if _, err := r.Forum.Edit(ctx, r.outsider, post.ID, forum.EditInput{Body: "Van mij"}); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider: %v", err)
		}
		revisions, _, err := r.Forum.Revisions(ctx, r.bram, post.ID, community.Page{Limit: 50})
		if err != nil || len(revisions) != 1 || revisions[0].Body != "Eerste" || !revisions[0].CreatedAt.Equal(post.CreatedAt) {
			t.Errorf("revisions %+v, %v", revisions, err)
		}
	})
}

func TestDeleteKeepsThePlaceAlone(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := r.Post(r.anna, r.channel, "Weg ermee")
		if _, err := r.Forum.React(ctx, r.bram, post.ID, "👍"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Toch anders"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Forum.Delete(ctx, r.bram, post.ID); kindOf(err) != fault.Forbidden {
			t.Errorf("Bram: %v", err)
		}
		r.Changes()
		gone, err := r.Forum.Delete(ctx, r.manager, post.ID)
		if err != nil || !gone.Deleted || gone.Body != "" || gone.HTML != "" || len(gone.Reactions) != 0 || gone.Rev != 4 {
			t.Fatalf("%+v, %v", gone, err)
		}
		if again, err := r.Forum.Delete(ctx, r.anna, post.ID); err != nil || again.Rev != 4 {
			t.Errorf("again: %+v, %v", again, err)
		}
		if changes := r.Changes(); len(changes) != 1 || changes[0].Event != forum.PostDeleted {
			t.Errorf("announced %+v", changes)
		}
		if revisions, _, err := r.Forum.Revisions(ctx, r.anna, post.ID, community.Page{Limit: 50}); err != nil || len(revisions) != 0 {
			t.Errorf("revisions %v, %v", revisions, err)
		}
		if _, err := r.Forum.Edit(ctx, r.anna, post.ID, forum.EditInput{Body: "Terug"}); kindOf(err) != fault.Conflict {
			t.Errorf("edit: %v", err)
		}
		if _, err := r.Forum.React(ctx, r.anna, post.ID, "👍"); kindOf(err) != fault.Conflict {
			t.Errorf("react: %v", err)
		}
		stream, err := r.Forum.Stream(ctx, r.anna, r.channel.ID)
		if err != nil || stream.Posts != 0 || stream.Participants != 0 {
			t.Errorf("stream %+v, %v", stream, err)
		}
	})
}

func TestReactionsStandOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		post := r.Post(r.anna, r.channel, "Mooi")
		r.Changes()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := r.Forum.React(ctx, r.bram, post.ID, "❤️"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		now, err := r.Forum.PostByID(ctx, r.anna, post.ID)
		if err != nil || now.Rev != 2 || len(now.Reactions) != 1 || len(now.Reactions[0].People) != 1 {
			t.Errorf("%+v, %v", now, err)
		}
		if n := len(r.Changes()); n != 1 {
			t.Errorf("announced %d times", n)
		}
		now, err = r.Forum.Unreact(ctx, r.bram, post.ID, "❤️")
		if err != nil || now.Rev != 3 || len(now.Reactions) != 0 {
			t.Errorf("%+v, %v", now, err)
		}
		for _, word := range []string{"", "leuk", "a", "1", "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍", "<b>", "#"} {
			if _, err := r.Forum.React(ctx, r.bram, post.ID, word); kindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", word, err)
			}
		}
		for _, emoji := range []string{"👍", "👩🏽‍💻", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🇳🇱", "1️⃣", "✅", "☕", "™️", "⏰"} {
			if _, err := r.Forum.React(ctx, r.bram, post.ID, emoji); err != nil {
				t.Errorf("%q: %v", emoji, err)
			}
		}
	})
}

func TestAnswerOfAQuestion(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		question := r.Stream(r.anna, r.space, forum.Question)
		first := r.Post(r.bram, question, "Zo")
		second := r.Post(r.manager, question, "Of zo")
		r.Changes()
		if _, err := r.Forum.Accept(ctx, r.bram, question.ID, first.ID); kindOf(err) != fault.Forbidden {
			t.Errorf("Bram: %v", err)
		}
		stream, err := r.Forum.Accept(ctx, r.anna, question.ID, first.ID)
		if err != nil || *stream.AnswerID != first.ID || stream.Rev != 5 {
			t.Fatalf("%+v, %v", stream, err)
		}
		stream, err = r.Forum.Accept(ctx, r.manager, question.ID, second.ID)
		if err != nil || *stream.AnswerID != second.ID || stream.Rev != 8 || stream.ChangedRev != 6 {
			t.Fatalf("%+v, %v", stream, err)
		}
		if same, err := r.Forum.Accept(ctx, r.anna, question.ID, second.ID); err != nil || same.Rev != 8 {
			t.Errorf("%+v, %v", same, err)
		}
		var events []forum.Event
		for i, c := range r.Changes() {
			if c.Rev != int64(i+4) {
				t.Errorf("change %d has rev %d", i, c.Rev)
			}
			events = append(events, c.Event)
		}
		want := []forum.Event{forum.StreamChanged, forum.PostChanged, forum.StreamChanged, forum.PostChanged, forum.PostChanged}
		if len(events) != len(want) {
			t.Errorf("announced %v", events)
		}
		if _, err := r.Forum.Accept(ctx, r.anna, question.ID, *question.FirstPostID); kindOf(err) != fault.Invalid {
			t.Errorf("the question itself: %v", err)
		}
		if _, err := r.Forum.Accept(ctx, r.manager, r.channel.ID, first.ID); kindOf(err) != fault.Conflict {
			t.Errorf("in a channel: %v", err)
		}
		if _, err := r.Forum.Delete(ctx, r.manager, second.ID); err != nil {
			t.Fatal(err)
		}
		stream, err = r.Forum.Stream(ctx, r.anna, question.ID)
		if err != nil || stream.AnswerID != nil {
			t.Errorf("a deleted answer: %+v, %v", stream, err)
		}
	})
}

func TestClosedStream(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		closed := true
		if _, err := r.Forum.ChangeStream(ctx, r.anna, r.channel.ID, forum.StreamChange{Closed: &closed}); kindOf(err) != fault.Forbidden {
			t.Errorf("Anna: %v", err)
		}
		if _, err := r.Forum.ChangeStream(ctx, r.manager, r.channel.ID, forum.StreamChange{Closed: &closed}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Forum.Post(ctx, r.anna, forum.PostInput{Stream: r.channel.ID, Body: "Nog iets"}); kindOf(err) != fault.Conflict {
			t.Errorf("Anna: %v", err)
		}
		if _, err := r.Forum.Post(ctx, r.manager, forum.PostInput{Stream: r.channel.ID, Body: "Tot slot"}); err != nil {
			t.Errorf("the manager: %v", err)
		}
	})
}

func TestUnreadIsCountedOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		unread := func(who community.Actor) (unread, mentions int) {
			t.Helper()
			counts, err := r.Forum.Unread(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range counts {
				unread, mentions = unread+c.Unread, mentions+c.Mentions
			}
			return
		}
		r.Post(r.anna, r.channel, "Een")
		mine := r.Post(r.anna, r.channel, "Twee")
		late := r.Person("Laatkomer")
		r.Clock.Advance(time.Second)
		r.Join(r.manager, r.space, late, community.Member)
		if n, _ := unread(late); n != 0 {
			t.Errorf("a newcomer has %d unread", n)
		}
		if n, _ := unread(r.bram); n != 2 {
			t.Errorf("Bram has %d", n)
		}
		if n, _ := unread(r.anna); n != 0 {
			t.Errorf("Anna has %d", n)
		}
		if n, _ := unread(r.outsider); n != 0 {
			t.Errorf("an outsider has %d", n)
		}
		if err := r.Forum.Seen(ctx, r.bram, r.channel.ID, 1); err != nil {
			t.Fatal(err)
		}
		if err := r.Forum.Seen(ctx, r.bram, r.channel.ID, 0); err != nil {
			t.Fatal(err)
		}
		if n, _ := unread(r.bram); n != 1 {
			t.Errorf("Bram has %d after one", n)
		}
		if _, err := r.Forum.Delete(ctx, r.anna, mine.ID); err != nil {
			t.Fatal(err)
		}
		if n, _ := unread(r.bram); n != 0 {
			t.Errorf("Bram has %d after the delete", n)
		}
		mention := "Hoi @[" + itoa(r.bram.Person) + "], en @[" + itoa(r.outsider.Person) + "]"
		post := r.Post(r.anna, r.channel, mention)
		if n, m := unread(r.bram); n != 1 || m != 1 {
			t.Errorf("Bram has %d, %d", n, m)
		}
		if want := `data-person="` + itoa(r.outsider.Person) + `"`; contains(post.HTML, want) || contains(post.HTML, "Olaf") {
			t.Errorf("an outsider is named: %s", post.HTML)
		}
		if _, err := r.Forum.SetLevel(ctx, r.bram, r.channel.ID, community.LevelMuted); err != nil {
			t.Fatal(err)
		}
		if n, m := unread(r.bram); n != 0 || m != 0 {
			t.Errorf("muted, Bram has %d, %d", n, m)
		}
		if err := r.Forum.Seen(ctx, r.outsider, r.channel.ID, 1); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider: %v", err)
		}
	})
}

func TestCatchUp(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		first := r.Post(r.anna, r.channel, "Een")
		r.Post(r.bram, r.channel, "Twee")
		if _, err := r.Forum.React(ctx, r.bram, first.ID, "👍"); err != nil {
			t.Fatal(err)
		}
		pinned := true
		if _, err := r.Forum.ChangeStream(ctx, r.manager, r.channel.ID, forum.StreamChange{Pinned: &pinned}); err != nil {
			t.Fatal(err)
		}
		c, err := r.Forum.Since(ctx, r.bram, r.channel.ID, 1)
		if err != nil || c.Rev != 4 || c.Reset || len(c.Posts) != 2 || c.Posts[0].Rev != 2 || c.Posts[1].Rev != 3 || c.Stream == nil {
			t.Errorf("%+v, %v", c, err)
		}
		if c, err := r.Forum.Since(ctx, r.bram, r.channel.ID, 4); err != nil || c.Reset || len(c.Posts) != 0 || c.Stream != nil {
			t.Errorf("%+v, %v", c, err)
		}
		if c, err := r.Forum.Since(ctx, r.bram, r.channel.ID, 5); err != nil || !c.Reset {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := r.Forum.Since(ctx, r.outsider, r.channel.ID, 0); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider: %v", err)
		}
		changes, err := r.Forum.ChangesSince(ctx, r.channel.ID, 1, 10)
		if err != nil || len(changes) != 3 || changes[0].Event != forum.PostCreated || changes[1].Event != forum.PostChanged || changes[2].Event != forum.StreamChanged {
			t.Errorf("%+v, %v", changes, err)
		}
	})
}

func TestSearchFindsWhatOneMayRead(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		question := r.Stream(r.anna, r.space, forum.Question)
		post := r.Post(r.bram, question, "Vraag een *omgevingsvergunning* aan & wacht \\<niet>.")
		search := func(who community.Actor, q string) []forum.Hit {
			t.Helper()
			hits, _, err := r.Forum.Search(ctx, who, forum.SearchQuery{Q: q}, community.Page{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			return hits
		}
		hits := search(r.anna, "OMGEVINGSVERG wacht")
		if len(hits) != 1 || hits[0].Stream.ID != question.ID || hits[0].Post != post.ID {
			t.Fatalf("%+v", hits)
		}
		if want := "Vraag een <mark>omgevingsvergunning</mark> aan &amp; <mark>wacht</mark> &lt;niet&gt;."; hits[0].Snippet != want {
			t.Errorf("snippet %q", hits[0].Snippet)
		}
		if hits := search(r.anna, "toegang zorg"); len(hits) != 2 { // two titles
			t.Errorf("%+v", hits)
		}
		if hits := search(r.outsider, "omgevingsvergunning"); len(hits) != 0 {
			t.Errorf("an outsider finds %+v", hits)
		}
		if hits := search(r.anna, "bestaatniet"); len(hits) != 0 {
			t.Errorf("%+v", hits)
		}
		if _, err := r.Forum.Delete(ctx, r.bram, post.ID); err != nil {
			t.Fatal(err)
		}
		if hits := search(r.anna, "omgevingsvergunning"); len(hits) != 0 {
			t.Errorf("a deleted post is found: %+v", hits)
		}
		if _, _, err := r.Forum.Search(ctx, r.anna, forum.SearchQuery{Q: " ?! "}, community.Page{Limit: 10}); kindOf(err) != fault.Invalid {
			t.Errorf("no words: %v", err)
		}
		similar, err := r.Forum.Similar(ctx, r.bram, r.space.ID, "Wie weet iets over toegang?", 5)
		if err != nil || len(similar) == 0 {
			t.Errorf("%+v, %v", similar, err)
		}
	})
}

func TestStartingAStream(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		in := forum.NewStream{Kind: forum.Discussion, Title: "  Twee\nregels ", Body: "Tekst", Tags: []string{"wmo", "wmo", " jeugd "}, Nonce: "s1"}
		made, err := r.Forum.Start(ctx, r.anna, r.space.ID, in)
		if err != nil || made.Title != "Twee regels" || len(made.Tags) != 2 || made.Rev != 1 || made.FirstPostID == nil || made.Level != community.LevelAll {
			t.Fatalf("%+v, %v", made, err)
		}
		again, err := r.Forum.Start(ctx, r.anna, r.space.ID, in)
		if err != nil || again.ID != made.ID {
			t.Errorf("%+v, %v", again, err)
		}
		for name, in := range map[string]forum.NewStream{
			"no body": {Kind: forum.Question, Title: "x"}, "no title": {Kind: forum.Channel}, "no kind": {Title: "x"},
			"another kind": {Kind: "table", Title: "x"}, "blank body": {Kind: forum.Channel, Title: "x", Body: "  "},
			"a blank tag": {Kind: forum.Channel, Title: "x", Tags: []string{" "}},
		} {
			if _, err := r.Forum.Start(ctx, r.anna, r.space.ID, in); kindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := r.Forum.Start(ctx, r.outsider, r.space.ID, in); kindOf(err) != fault.NotFound {
			t.Errorf("an outsider: %v", err)
		}
		streams, next, err := r.Forum.Streams(ctx, r.bram, r.space.ID, forum.StreamQuery{}, community.Page{Limit: 1})
		if err != nil || len(streams) != 1 || next == "" {
			t.Fatalf("%+v %q %v", streams, next, err)
		}
		rest, end, err := r.Forum.Streams(ctx, r.bram, r.space.ID, forum.StreamQuery{}, community.Page{Limit: 5, Cursor: next})
		if err != nil || len(rest) != 1 || end != "" || rest[0].ID == streams[0].ID {
			t.Errorf("%+v %q %v", rest, end, err)
		}
	})
}

func TestPagesOfPosts(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		var ids []int64
		for range 7 {
			ids = append(ids, r.Post(r.anna, r.channel, "regel").ID)
		}
		get := func(q forum.PostQuery) forum.PostPage {
			t.Helper()
			page, err := r.Forum.Posts(ctx, r.bram, r.channel.ID, q)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		idsOf := func(p forum.PostPage) (got []int64) {
			for _, post := range p.Posts {
				got = append(got, post.ID)
			}
			return got
		}
		newest := get(forum.PostQuery{Limit: 3})
		if got := idsOf(newest); !same(got, ids[4:]) || !newest.Older || newest.Next == "" {
			t.Errorf("newest %v %+v", got, newest)
		}
		if got := idsOf(get(forum.PostQuery{Limit: 3, Cursor: newest.Next})); !same(got, ids[1:4]) {
			t.Errorf("older %v", got)
		}
		if p := get(forum.PostQuery{Limit: 10, Before: ids[2]}); !same(idsOf(p), ids[:2]) || p.Older || p.Next != "" {
			t.Errorf("before %+v", p)
		}
		after := get(forum.PostQuery{Limit: 2, After: ids[1]})
		if !same(idsOf(after), ids[2:4]) || after.Next == "" {
			t.Errorf("after %+v", after)
		}
		if got := idsOf(get(forum.PostQuery{Limit: 9, Cursor: after.Next})); !same(got, ids[4:]) {
			t.Errorf("after, on %v", got)
		}
		if got := idsOf(get(forum.PostQuery{Limit: 4, Around: ids[3]})); !same(got, ids[1:5]) {
			t.Errorf("around %v", got)
		}
		if got := idsOf(get(forum.PostQuery{Limit: 9, After: ids[6]})); len(got) != 0 {
			t.Errorf("after the last %v", got)
		}
		if _, err := r.Forum.Posts(ctx, r.bram, r.channel.ID, forum.PostQuery{Limit: 3, Cursor: "!"}); kindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}

func TestDirectConversation(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		made, err := r.Forum.Direct(ctx, r.anna, []int64{r.bram.Person})
		if err != nil || made.Name != "Bram" || made.Kind != community.KindDirect {
			t.Fatalf("%+v, %v", made, err)
		}
		again, err := r.Forum.Direct(ctx, r.bram, []int64{r.anna.Person, r.bram.Person})
		if err != nil || again.ID != made.ID || again.Name != "Anna" {
			t.Errorf("%+v, %v", again, err)
		}
		streams, _, err := r.Forum.Streams(ctx, r.bram, made.ID, forum.StreamQuery{}, community.Page{Limit: 5})
		if err != nil || len(streams) != 1 || streams[0].Kind != forum.Channel {
			t.Errorf("%+v, %v", streams, err)
		}
		if _, _, err := r.Forum.Streams(ctx, r.manager, made.ID, forum.StreamQuery{}, community.Page{Limit: 5}); kindOf(err) != fault.NotFound {
			t.Errorf("an administrator: %v", err)
		}
		if _, err := r.Forum.Direct(ctx, r.anna, []int64{r.outsider.Person}); kindOf(err) != fault.Invalid {
			t.Errorf("a stranger: %v", err)
		}
		if _, err := r.Forum.Direct(ctx, r.anna, []int64{r.anna.Person}); kindOf(err) != fault.Invalid {
			t.Errorf("oneself: %v", err)
		}
		var wg sync.WaitGroup
		spaces := make([]int64, 10)
		for i := range spaces {
			wg.Go(func() {
				s, err := r.Forum.Direct(ctx, r.anna, []int64{r.manager.Person})
				if err != nil {
					t.Error(err)
				}
				spaces[i] = s.ID
			})
		}
		wg.Wait()
		for _, id := range spaces {
			if id != spaces[0] {
				t.Errorf("spaces %v", spaces)
			}
		}
	})
}

func same(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
