package api_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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
	got, _ := api.EncodePost(p)
	const want = `{"id":1093,"stream":42,"space":5,"rev":18,"parent":1092,"author":{"id":7,"name":"Fatma Yilmaz","organisation":"Gemeente Voorbeeldstad"},` +
		`"anonymous":false,"body":"<a> & ` + "\u2028" + `","html":"<p>&lt;a&gt; &amp;</p>","created_at":"2026-11-21T09:30:00.120Z","edited_at":"2026-11-21T09:30:00.120Z",` +
		`"deleted":false,"reactions":{"🎉":2,"👍":1},"score":3,"accepted":false,"attachments":[]}`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	gone, _ := api.EncodePost(forum.Post{ID: 1, Deleted: true, CreatedAt: p.CreatedAt})
	if !strings.Contains(string(gone), `"parent":null,"author":null,"anonymous":false,"body":"","html":"","created_at":"2026-11-21T09:30:00.120Z","edited_at":null,"deleted":true,"reactions":{}`) {
		t.Errorf("%s", gone)
	}
	p.Body = "a\xffb"
	if repaired, _ := api.EncodePost(p); !strings.Contains(string(repaired), "a\ufffdb") {
		t.Errorf("%s", repaired)
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

// The JSON put together by hand is what the library makes of the struct.
func TestPostsByHandAndByLibrary(t *testing.T) {
	type plain api.PostJSON // without its own way of being written
	moment := rapid.Custom(func(t *rapid.T) api.Moment {
		return api.Moment(time.UnixMilli(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "ms")))
	})
	id := rapid.Int64Range(0, 1<<53-1)
	text := rapid.String()
	rapid.Check(t, func(t *rapid.T) {
		p := api.PostJSON{
			ID: id.Draw(t, "id"), Stream: id.Draw(t, "stream"), Space: id.Draw(t, "space"), Rev: id.Draw(t, "rev"),
			Parent: rapid.Ptr(id, true).Draw(t, "parent"), Anonymous: rapid.Bool().Draw(t, "anonymous"),
			Body: text.Draw(t, "body") + rapid.SampledFrom([]string{"", "\x00\x1f\"\\/<>&\u2028\u007f", "\xff\xc0", "😀"}).Draw(t, "odd"), HTML: text.Draw(t, "html"),
			CreatedAt: moment.Draw(t, "created_at"), EditedAt: rapid.Ptr(moment, true).Draw(t, "edited_at"),
			Deleted: rapid.Bool().Draw(t, "deleted"), Score: rapid.Int().Draw(t, "score"), Accepted: rapid.Bool().Draw(t, "accepted"),
			Author: rapid.Ptr(rapid.Custom(func(t *rapid.T) api.PersonJSON {
				return api.PersonJSON{ID: id.Draw(t, "id"), Name: text.Draw(t, "name"), Organisation: text.Draw(t, "organisation")}
			}), true).Draw(t, "author"),
			Attachments: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) api.AttachmentJSON {
				return api.AttachmentJSON{ID: id.Draw(t, "id"), Name: text.Draw(t, "name"), Type: "image/png", Size: id.Draw(t, "size"), URL: text.Draw(t, "url")}
			}), 0, 3).Draw(t, "attachments"),
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "reactions") {
			p.Reactions = append(p.Reactions, api.ReactionJSON{Emoji: string(rune('a' + i)), People: i + 1})
		}
		byHand, err := api.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		byLibrary, err := api.Encode(plain(p))
		if err != nil {
			t.Fatal(err)
		}
		if string(byHand) != string(byLibrary) {
			t.Fatalf("by hand\n%s\nby the library\n%s", byHand, byLibrary)
		}
	})
}

func TestMomentsHaveThreeDecimals(t *testing.T) {
	for _, moment := range []time.Time{{}, time.UnixMilli(0), time.Date(2026, 1, 2, 3, 4, 5, 6_999_999, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC), time.Date(2026, 3, 29, 2, 30, 0, 0, time.FixedZone("", -7*3600))} {
		got, err := api.Encode(api.Moment(moment))
		if want := `"` + moment.UTC().Format("2006-01-02T15:04:05.000Z") + `"`; err != nil || string(got) != want {
			t.Errorf("%s, want %s (%v)", got, want, err)
		}
	}
}

func BenchmarkEncodePost(b *testing.B) {
	p := examplePost()
	b.ReportAllocs()
	for b.Loop() {
		api.EncodePost(p)
	}
}
