package api_test

import (
	"strings"
	"testing"
	"time"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
)

func examplePost() forum.Post {
	at := time.Date(2026, 11, 21, 10, 30, 0, 120_000_000, time.FixedZone("CET", 3600))
	return forum.Post{
		ID: 1093, StreamID: 42, SpaceID: 5, Rev: 18, CreatedRev: 17, ParentID: new(int64(1092)),
		Author: &community.PersonCard{ID: 7, Name: "Fatma Yilmaz", Organisation: "Gemeente Voorbeeldstad"},
		Body:   strings.Repeat("Wie kent een **goede** vraag? ", 10), HTML: "<p>" + strings.Repeat("Wie kent een <strong>goede</strong> vraag? ", 10) + "</p>",
		CreatedAt: at, EditedAt: &at, Score: 3,
		Reactions: []forum.Reaction{{Emoji: "🎉", People: []int64{1, 2}}, {Emoji: "👍", People: []int64{3}}},
	}
}

func TestShapeOfAPost(t *testing.T) {
	p := examplePost()
	p.Body, p.HTML = "<a> & \u2028", "<p>&lt;a&gt; &amp;</p>"
	got, err := api.EncodePost(p)
	const want = `{"id":1093,"stream":42,"space":5,"rev":18,"parent":1092,"author":{"id":7,"name":"Fatma Yilmaz","organisation":"Gemeente Voorbeeldstad"},` +
		`"anonymous":false,"body":"<a> & ` + "\u2028" + `","html":"<p>&lt;a&gt; &amp;</p>","created_at":"2026-11-21T09:30:00.120Z","edited_at":"2026-11-21T09:30:00.120Z",` +
		`"deleted":false,"reactions":{"🎉":2,"👍":1},"score":3,"accepted":false,"attachments":[]}`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	gone, err := api.EncodePost(forum.Post{ID: 1, Deleted: true, CreatedAt: p.CreatedAt})
	if err != nil || !strings.Contains(string(gone), `"parent":null,"author":null,"anonymous":false,"body":"","html":"","created_at":"2026-11-21T09:30:00.120Z","edited_at":null,"deleted":true,"reactions":{}`) {
		t.Errorf("%v %s", err, gone)
	}
	p.Body = "a\xffb"
	if repaired, err := api.EncodePost(p); err != nil || !strings.Contains(string(repaired), "a\ufffdb") {
		t.Errorf("%v %s", err, repaired)
	}
}

func TestShapeOfAStreamInEvents(t *testing.T) {
	got, err := api.EncodeStream(forum.Stream{ID: 42, SpaceID: 5, Kind: forum.Channel, Title: "Koffie", CreatedAt: examplePost().CreatedAt})
	const want = `{"id":42,"space":5,"kind":"channel","title":"Koffie","tags":[],"category":"","pinned":false,"closed":false,"answer":null,"rev":0,"changed_rev":0,` +
		`"posts":0,"participants":0,"author":null,"level":null,"created_at":"2026-11-21T09:30:00.120Z","last_post_at":null,"first_post":null}`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

func BenchmarkEncodePost(b *testing.B) {
	p := examplePost()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := api.EncodePost(p); err != nil {
			b.Fatal(err)
		}
	}
}
