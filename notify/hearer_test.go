package notify_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/notify"
)

func mentioning(who community.Actor) string { return fmt.Sprintf("Kijk eens @[%d]", who.Person) }

// heard does the work, and returns who was told what since the last call, by
// name.
func (r *room) heard() map[string]string {
	r.t.Helper()
	r.work()
	heard := map[string]string{}
	r.mu.Lock()
	defer r.mu.Unlock()
	names := map[int64]string{r.manager.Person: "manager", r.anna.Person: "anna", r.bram.Person: "bram",
		r.anais.Person: "anaïs", r.olaf.Person: "olaf"}
	for person, list := range r.told {
		var kinds []string
		for _, n := range list {
			kinds = append(kinds, n.Kind)
		}
		heard[names[person]] = strings.Join(kinds, " ")
	}
	clear(r.told)
	return heard
}

func (r *room) level(who community.Actor, stream forum.Stream, level community.Level) {
	r.t.Helper()
	if _, err := r.Forum.SetLevel(ctx, who, stream.ID, level); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) spaceLevel(who community.Actor, level community.Level) {
	r.t.Helper()
	if err := r.Community.SetLevel(ctx, who, r.space.ID, level); err != nil {
		r.t.Fatal(err)
	}
}

// Who hears what of a post, situation by situation. Each has a stream of its
// own, started by Anna; what happened before act is heard and forgotten.
func TestWhoHears(t *testing.T) {
	type heard = map[string]string
	situations := []struct {
		name   string
		kind   forum.Kind
		before func(r *room, s forum.Stream)
		act    func(r *room, s forum.Stream)
		want   heard
	}{
		{name: "a new discussion: nobody", kind: forum.Discussion, want: heard{},
			act: func(r *room, s forum.Stream) {}},
		{name: "a new discussion that somebody answers before we look: who started it", kind: forum.Discussion, want: heard{"anna": "reply"},
			act: func(r *room, s forum.Stream) {
				r.Post(r.bram, r.Stream(r.anna, r.space, forum.Discussion), "Ik was er snel bij.")
			}},
		{name: "a post in a discussion: who started it", kind: forum.Discussion, want: heard{"anna": "reply"},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, "Bij ons wel.") }},
		{name: "a post in a discussion: who took part", kind: forum.Discussion, want: heard{"bram": "reply", "manager": "reply"},
			before: func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hier."); r.Post(r.manager, s, "Daar.") },
			act:    func(r *room, s forum.Stream) { r.Post(r.anna, s, "Overal.") }},
		{name: "a post in an article: who wrote it", kind: forum.Article, want: heard{"anna": "reply"},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, "Mooi.") }},
		{name: "took part, but chose mentions: silence", kind: forum.Discussion, want: heard{},
			before: func(r *room, s forum.Stream) { r.level(r.anna, s, community.LevelMentions) },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hier.") }},
		{name: "chose all for the stream", kind: forum.Discussion, want: heard{"anna": "reply", "anaïs": "reply"},
			before: func(r *room, s forum.Stream) { r.level(r.anais, s, community.LevelAll) },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hier.") }},
		{name: "chose all for the space", kind: forum.Discussion, want: heard{"anna": "reply", "anaïs": "reply"},
			before: func(r *room, s forum.Stream) { r.spaceLevel(r.anais, community.LevelAll) },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hier.") }},
		{name: "all for the space, mentions for the stream", kind: forum.Discussion, want: heard{"anna": "reply"},
			before: func(r *room, s forum.Stream) {
				r.spaceLevel(r.anais, community.LevelAll)
				r.level(r.anais, s, community.LevelMentions)
			},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hier.") }},
		{name: "a line in a channel: nobody", kind: forum.Channel, want: heard{},
			before: func(r *room, s forum.Stream) { r.Post(r.anna, s, "Goedemorgen"); r.Post(r.anais, s, "Hoi") },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hoi allemaal") }},
		{name: "a line in a channel: who chose all", kind: forum.Channel, want: heard{"anaïs": "reply", "manager": "reply"},
			before: func(r *room, s forum.Stream) {
				r.level(r.anais, s, community.LevelAll)
				r.spaceLevel(r.manager, community.LevelAll)
			},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, "Hoi allemaal") }},
		{name: "a reply in a channel: whom it answers", kind: forum.Channel, want: heard{"anaïs": "reply"},
			act: func(r *room, s forum.Stream) { r.reply(r.bram, r.Post(r.anais, s, "Wie weet dit?"), "Ik.") }},
		{name: "a reply, though one chose mentions", kind: forum.Channel, want: heard{"anaïs": "reply"},
			before: func(r *room, s forum.Stream) { r.level(r.anais, s, community.LevelMentions) },
			act:    func(r *room, s forum.Stream) { r.reply(r.bram, r.Post(r.anais, s, "Wie weet dit?"), "Ik.") }},
		{name: "a reply in a muted channel: silence", kind: forum.Channel, want: heard{},
			before: func(r *room, s forum.Stream) { r.level(r.anais, s, community.LevelMuted) },
			act:    func(r *room, s forum.Stream) { r.reply(r.bram, r.Post(r.anais, s, "Wie weet dit?"), "Ik.") }},
		{name: "a reply to oneself: silence", kind: forum.Channel, want: heard{},
			act: func(r *room, s forum.Stream) { r.reply(r.bram, r.Post(r.bram, s, "Hm."), "Ik weet het al.") }},
		{name: "a mention", kind: forum.Channel, want: heard{"anaïs": "mention"},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.anais)) }},
		{name: "a mention of oneself: silence", kind: forum.Channel, want: heard{},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.bram)) }},
		{name: "a mention of an outsider: silence", kind: forum.Channel, want: heard{},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.olaf)) }},
		{name: "a mention in a muted stream: silence", kind: forum.Discussion, want: heard{"anna": "reply"},
			before: func(r *room, s forum.Stream) { r.level(r.anais, s, community.LevelMuted) },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.anais)) }},
		{name: "a mention in a muted space: silence", kind: forum.Channel, want: heard{},
			before: func(r *room, s forum.Stream) { r.spaceLevel(r.anais, community.LevelMuted) },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.anais)) }},
		{name: "a muted space, but all for the stream", kind: forum.Channel, want: heard{"anaïs": "mention"},
			before: func(r *room, s forum.Stream) {
				r.spaceLevel(r.anais, community.LevelMuted)
				r.level(r.anais, s, community.LevelAll)
			},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.anais)) }},
		{name: "mention and reply: once, as a mention", kind: forum.Discussion, want: heard{"anna": "mention"},
			act: func(r *room, s forum.Stream) { r.reply(r.bram, r.first(s), mentioning(r.anna)) }},
		{name: "an answer to my question", kind: forum.Question, want: heard{"anna": "answer"},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, "Zo doe je dat.") }},
		{name: "an answer below the question itself", kind: forum.Question, want: heard{"anna": "answer"},
			act: func(r *room, s forum.Stream) { r.reply(r.bram, r.first(s), "Zo doe je dat.") }},
		{name: "an answer, though one chose mentions", kind: forum.Question, want: heard{"anna": "answer"},
			before: func(r *room, s forum.Stream) { r.level(r.anna, s, community.LevelMentions) },
			act:    func(r *room, s forum.Stream) { r.Post(r.bram, s, "Zo doe je dat.") }},
		{name: "a remark about an answer: its author, and who asked as a reader", kind: forum.Question,
			want: heard{"anna": "reply", "bram": "reply"},
			act: func(r *room, s forum.Stream) {
				answer := r.Post(r.bram, s, "Zo doe je dat.")
				r.heard()
				r.reply(r.anais, answer, "Dat klopt niet meer.")
			}},
		{name: "mention beats answer", kind: forum.Question, want: heard{"anna": "mention"},
			act: func(r *room, s forum.Stream) { r.Post(r.bram, s, mentioning(r.anna)) }},
		{name: "my answer was chosen", kind: forum.Question, want: heard{"bram": "answer"},
			act: func(r *room, s forum.Stream) { r.accept(r.anna, s, r.answered(r.bram, s)) }},
		{name: "I chose my own answer: silence", kind: forum.Question, want: heard{},
			act: func(r *room, s forum.Stream) { r.accept(r.anna, s, r.answered(r.anna, s)) }},
		{name: "a facilitator chose the asker's answer", kind: forum.Question, want: heard{"anna": "answer"},
			act: func(r *room, s forum.Stream) { r.accept(r.manager, s, r.answered(r.anna, s)) }},
		{name: "chosen, but muted: silence", kind: forum.Question, want: heard{},
			before: func(r *room, s forum.Stream) { r.level(r.bram, s, community.LevelMuted) },
			act:    func(r *room, s forum.Stream) { r.accept(r.anna, s, r.answered(r.bram, s)) }},
		{name: "chosen, and not any more when we look: silence", kind: forum.Question, want: heard{},
			act: func(r *room, s forum.Stream) {
				r.accept(r.anna, s, r.answered(r.bram, s))
				if _, err := r.Forum.Unaccept(ctx, r.anna, s.ID); err != nil {
					r.t.Fatal(err)
				}
			}},
		{name: "an edit that mentions somebody: they alone", kind: forum.Discussion, want: heard{"anaïs": "mention"},
			act: func(r *room, s forum.Stream) {
				post := r.Post(r.bram, s, mentioning(r.manager))
				r.heard()
				r.edit(r.bram, post, mentioning(r.manager)+" en "+mentioning(r.anais))
			}},
		{name: "an edit without a mention: nobody", kind: forum.Discussion, want: heard{},
			act: func(r *room, s forum.Stream) {
				post := r.Post(r.bram, s, "Eerst zo.")
				r.heard()
				r.edit(r.bram, post, "Nu zo.")
			}},
		{name: "deleted before we look: nobody", kind: forum.Discussion, want: heard{},
			act: func(r *room, s forum.Stream) {
				if _, err := r.Forum.Delete(ctx, r.bram, r.Post(r.bram, s, mentioning(r.anais)).ID); err != nil {
					r.t.Fatal(err)
				}
			}},
	}
	eachRoom(t, func(t *testing.T, r *room) {
		everybody := []community.Actor{r.manager, r.anna, r.bram, r.anais}
		for _, s := range situations {
			stream := r.Stream(r.anna, r.space, s.kind)
			if s.before != nil {
				s.before(r, stream)
			}
			if s.name != situations[0].name {
				r.heard()
			}
			s.act(r, stream)
			if diff := cmp.Diff(s.want, r.heard()); diff != "" {
				t.Errorf("%s: heard (-want +got)\n%s", s.name, diff)
			}
			for _, who := range everybody {
				r.spaceLevel(who, community.LevelDefault)
			}
		}
	})
}

func (r *room) answered(who community.Actor, s forum.Stream) forum.Post {
	r.t.Helper()
	post := r.Post(who, s, "Zo doe je dat.")
	r.heard()
	return post
}

func (r *room) accept(who community.Actor, s forum.Stream, post forum.Post) {
	r.t.Helper()
	if _, err := r.Forum.Accept(ctx, who, s.ID, post.ID); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) edit(who community.Actor, post forum.Post, body string) {
	r.t.Helper()
	if _, err := r.Forum.Edit(ctx, who, post.ID, forum.EditInput{Body: body}); err != nil {
		r.t.Fatal(err)
	}
}

// Access is asked when the job runs, not when the post was written.
func TestWhoLostAccessHearsNothing(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		stream := r.Stream(r.anna, r.space, forum.Discussion)
		r.work()
		everyone := mentioning(r.anna) + mentioning(r.bram) + mentioning(r.anais)
		r.Post(r.manager, stream, everyone)
		if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, r.anais.Person); err != nil {
			t.Fatal(err)
		}
		if err := r.Community.Disable(ctx, "bram@voorbeeldstad.example"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"anna": "mention"}, r.heard()); diff != "" {
			t.Error(diff)
		}
		// A member of a space below one that shut them out is no reader either.
		child := r.Space(r.manager, community.Open, r.space.ID)
		r.Join(r.manager, child, r.anna, community.Member)
		below := r.Stream(r.manager, child, forum.Channel)
		r.Post(r.manager, below, mentioning(r.anna))
		if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, r.anna.Person); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{}, r.heard()); diff != "" {
			t.Error(diff)
		}
	})
}

// A job that runs twice tells once.
func TestTellingTwiceTellsOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		stream := r.Stream(r.anna, r.space, forum.Channel)
		post := r.Post(r.bram, stream, mentioning(r.anna))
		payload, err := json.Marshal(forum.Posted{Post: post.ID})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := r.notify.Handlers()[forum.JobPosted](ctx, payload); err != nil {
				t.Fatal(err)
			}
		}
		r.work()
		told := r.toldOf(r.anna)
		if len(told) != 1 || len(r.inbox(r.anna)) != 1 {
			t.Fatalf("told %+v, inbox %+v", told, r.inbox(r.anna))
		}
		if diff := cmp.Diff(r.inbox(r.anna)[0], told[0]); diff != "" {
			t.Errorf("the inbox (-) and what was announced (+) differ:\n%s", diff)
		}
	})
}

// Of very many who are to hear, all do, and nobody twice.
func TestManyHear(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		stream := r.Stream(r.anna, r.space, forum.Discussion)
		const many = 450
		people := r.crowd(many)
		for _, person := range people {
			if err := r.Community.SetLevel(ctx, community.Actor{Person: person, Scopes: community.ScopeWrite}, r.space.ID, community.LevelAll); err != nil {
				t.Fatal(err)
			}
		}
		r.heard() // of the opening post
		r.Post(r.bram, stream, "Voor iedereen.")
		r.work()
		told := maps.Clone(r.told)
		delete(told, r.anna.Person)
		if len(told) != many {
			t.Errorf("%d heard", len(told))
		}
		for person, list := range told {
			if len(list) != 1 || list[0].Kind != notify.KindReply {
				t.Fatalf("person %d heard %+v", person, list)
			}
		}
	})
}
