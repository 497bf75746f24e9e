package forum_test

import (
	"slices"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
)

// start starts a stream with a title of its own.
func (r room) start(t *testing.T, author community.Actor, in forum.NewStream) forum.Stream {
	t.Helper()
	if in.Kind != forum.Channel && in.Body == "" {
		in.Body = "Waar het over gaat."
	}
	s, err := r.Forum.Start(ctx, author, r.space.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Minute)
	return s
}

func titles(streams []forum.Stream) (list []string) {
	for _, s := range streams {
		list = append(list, s.Title)
	}
	return list
}

func TestGlimpsesTellWhoSpokeLastAndWhoTakesPart(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		quiet := r.start(t, r.anna, forum.NewStream{Kind: forum.Channel, Title: "Stil"})
		r.Post(r.anna, r.channel, "Een")
		r.Post(r.bram, r.channel, "Twee, met **nadruk**")
		r.Post(r.bram, r.channel, "Drie")
		last := r.Post(r.anna, r.channel, "Vier")
		ids := []int64{r.channel.ID, quiet.ID}
		glimpses, err := r.Forum.Glimpses(ctx, r.bram, ids)
		if err != nil {
			t.Fatal(err)
		}
		g := glimpses[r.channel.ID]
		if g.By == nil || g.By.Name != "Anna" || g.By.Organisation == "" || g.Excerpt != "Vier" {
			t.Errorf("the newest is told as %+v, %q", g.By, g.Excerpt)
		}
		if len(g.People) != 2 || g.People[0].Name != "Anna" || g.People[1].Name != "Bram" {
			t.Errorf("taking part: %+v", g.People)
		}
		if g := glimpses[quiet.ID]; g.By != nil || g.Excerpt != "" || len(g.People) != 0 {
			t.Errorf("of a stream without posts: %+v", g)
		}
		if _, err := r.Forum.Delete(ctx, r.anna, last.ID); err != nil {
			t.Fatal(err)
		}
		if glimpses, err = r.Forum.Glimpses(ctx, r.bram, ids); err != nil || glimpses[r.channel.ID].Excerpt != "Drie" {
			t.Errorf("after the newest was deleted: %+v, %v", glimpses[r.channel.ID], err)
		}
		if glimpses, err = r.Forum.Glimpses(ctx, r.outsider, ids); err != nil || len(glimpses) != 0 {
			t.Errorf("an outsider is told %+v, %v", glimpses, err)
		}
	})
}

func TestStreamsByIDLeavesOutWhatOneMayNotRead(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		r.Clock.Advance(time.Hour)
		talk := r.start(t, r.anna, forum.NewStream{Kind: forum.Discussion, Title: "Nieuwer"})
		streams, err := r.Forum.StreamsByID(ctx, r.bram, []int64{r.channel.ID, talk.ID, 999})
		if err != nil || len(streams) != 2 || streams[0].ID != talk.ID || streams[0].Unread != 1 {
			t.Errorf("got %+v, %v", titles(streams), err)
		}
		streams, err = r.Forum.StreamsByID(ctx, r.outsider, []int64{r.channel.ID, talk.ID})
		if err != nil || len(streams) != 0 {
			t.Errorf("an outsider gets %v, %v", titles(streams), err)
		}
		if streams, err = r.Forum.StreamsByID(ctx, r.bram, nil); err != nil || streams != nil {
			t.Errorf("of nothing: %v, %v", streams, err)
		}
	})
}

func TestStreamsPinnedAndOthers(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		pinned := r.start(t, r.anna, forum.NewStream{Kind: forum.Discussion, Title: "Afspraken", Tags: []string{"regels", "wmo"}})
		r.start(t, r.anna, forum.NewStream{Kind: forum.Discussion, Title: "Losse vraag", Tags: []string{"wmo"}})
		if _, err := r.Forum.ChangeStream(ctx, r.manager, pinned.ID, forum.StreamChange{Pinned: new(true)}); err != nil {
			t.Fatal(err)
		}
		for yes, want := range map[bool]string{true: "Afspraken", false: "Losse vraag"} {
			list, _, err := r.Forum.Streams(ctx, r.bram, r.space.ID, forum.StreamQuery{Kind: forum.Discussion, Pinned: &yes}, community.Page{Limit: 10})
			if err != nil || len(list) != 1 || list[0].Title != want {
				t.Errorf("pinned %v: %v, %v", yes, titles(list), err)
			}
		}
		tags, err := r.Forum.Tags(ctx, r.bram, r.space.ID, forum.Discussion, 10)
		if err != nil || !slices.Equal(tags, []string{"wmo", "regels"}) {
			t.Errorf("tags %v, %v", tags, err)
		}
		if tags, err = r.Forum.Tags(ctx, r.bram, r.space.ID, forum.Question, 10); err != nil || len(tags) != 0 {
			t.Errorf("tags of no question: %v, %v", tags, err)
		}
		if _, err = r.Forum.Tags(ctx, r.outsider, r.space.ID, forum.Discussion, 10); kindOf(err).Code() != "not_found" {
			t.Errorf("an outsider's tags: %v", err)
		}
	})
}

func TestQuestionsOneCanAnswer(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		ask := func(who community.Actor, title string) forum.Stream {
			return r.start(t, who, forum.NewStream{Kind: forum.Question, Title: title})
		}
		ask(r.bram, "Van mij")
		ask(r.anna, "Open")
		answered, tried, closed := ask(r.anna, "Beantwoord"), ask(r.anna, "Al op gereageerd"), ask(r.anna, "Gesloten")
		answer := r.Post(r.manager, answered, "Zo doe je dat.")
		r.Post(r.bram, tried, "Misschien zo?")
		if _, err := r.Forum.Accept(ctx, r.anna, answered.ID, answer.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Forum.ChangeStream(ctx, r.anna, closed.ID, forum.StreamChange{Closed: new(true)}); err != nil {
			t.Fatal(err)
		}
		for which, want := range map[forum.Which][]string{
			forum.AllQuestions:      {"Al op gereageerd", "Beantwoord", "Gesloten", "Open", "Van mij"},
			forum.OpenQuestions:     {"Al op gereageerd", "Open", "Van mij"},
			forum.QuestionsForMe:    {"Open"},
			forum.MyQuestions:       {"Van mij"},
			forum.AnsweredQuestions: {"Beantwoord"},
		} {
			list, _, err := r.Forum.Questions(ctx, r.bram, which, community.Page{Limit: 10})
			got := titles(list)
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: %v, %v; want %v", which, got, err, want)
			}
		}
		if list, _, err := r.Forum.Questions(ctx, r.outsider, forum.AllQuestions, community.Page{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("an outsider gets %v, %v", titles(list), err)
		}
	})
}

func TestUnreadTellsTheKindAndLastActivityTheMoment(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		r.Clock.Advance(48 * time.Hour)
		at := r.Clock.Now()
		r.Post(r.anna, r.channel, "Hoi")
		unread, err := r.Forum.Unread(ctx, r.bram)
		if err != nil || len(unread) != 1 || unread[0].Kind != forum.Channel || unread[0].SpaceID != r.space.ID {
			t.Errorf("unread %+v, %v", unread, err)
		}
		last, err := r.Forum.LastActivity(ctx, r.bram)
		if err != nil || len(last) != 1 || !last[r.space.ID].Equal(at) {
			t.Errorf("last activity %v, %v; want %v", last, err, at)
		}
		if last, err = r.Forum.LastActivity(ctx, r.outsider); err != nil || len(last) != 0 {
			t.Errorf("of an outsider: %v, %v", last, err)
		}
	})
}
