package component

import (
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"leerkring/internal/locale"
)

func draw(t *testing.T, p Post) string {
	t.Helper()
	var b strings.Builder
	if err := p.View().Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func everything() Post {
	return Post{
		ID: 12, Rev: 18, Look: AsAnswer, At: time.Date(2026, 7, 1, 12, 5, 0, 0, time.UTC),
		Author:    &Person{ID: 7, Name: "Marieke de Vries", Organisation: "Gemeente Aalten", Role: "adviseur", Mark: Manager},
		EditedAt:  time.Date(2026, 7, 1, 13, 0, 0, 0, time.UTC),
		HTML:      "<p>Dag</p><table><tbody><tr><td>1</td></tr></tbody></table><pre><code>x</code></pre>",
		ReplyTo:   &ReplyTo{Post: 5, Name: "Karin"},
		Reactions: []Reaction{{Emoji: "👍", By: []int64{7, 12}}},
		Voters:    []int64{3}, Accepted: true,
		Thread: &Thread{Replies: 1, Last: time.Date(2026, 7, 1, 14, 0, 0, 0, time.UTC)},
	}
}

// Every word of a post that a reader of another language must get has a key
// that the dictionary knows, and every key of the dictionary is used.
func TestThePostAndItsDictionaryAgree(t *testing.T) {
	facilitator, coach, gone, anonymous, channel := everything(), everything(), everything(), everything(), everything()
	facilitator.Author = &Person{Name: "K", Mark: Facilitator}
	coach.Author = &Person{Name: "A", Mark: Coach}
	coach.Thread.Replies = 2
	gone.Author, gone.Deleted = nil, true
	anonymous.Author, anonymous.Anonymous = nil, true
	channel.Look = InChannel
	seen := map[string]bool{}
	for _, p := range []Post{everything(), facilitator, coach, gone, anonymous, channel} {
		for _, m := range regexp.MustCompile(`data-t="([^"]+)"`).FindAllStringSubmatch(draw(t, p), -1) {
			seen[m[1]] = true
		}
	}
	english := Dictionary(locale.For("en"))
	for key := range seen {
		if english[key] == "" {
			t.Errorf("data-t=%q is not in the dictionary", key)
		}
	}
	for key, word := range english {
		if !seen[key] {
			t.Errorf("the dictionary has %q, which no post asks for", key)
		}
		if word == "ui."+key {
			t.Errorf("%q has no text", key)
		}
	}
	if Dictionary(locale.For("nl")) != nil {
		t.Error("a Dutch page carries a dictionary of what stands there already")
	}
}

func TestWhatPeopleFillInStaysText(t *testing.T) {
	p := everything()
	evil := `"><script>alert(1)</script><b style="x" onclick='y'>`
	p.Author.Name, p.Author.Organisation, p.Author.Role = evil, evil, evil
	p.ReplyTo.Name, p.Reactions[0].Emoji = evil, evil
	p.Attachments = []Attachment{{Name: evil, URL: "javascript:alert(1)", Size: evil}, {Name: evil, URL: "javascript:alert(1)", Alt: evil, Image: true}}
	html := draw(t, p)
	for _, bad := range []string{"<script", "<b style", "javascript:"} {
		if strings.Contains(html, bad) {
			t.Errorf("%s got into the page:\n%s", bad, html)
		}
	}
}

func TestADeletedPostTellsNothing(t *testing.T) {
	p := everything()
	p.Deleted, p.Attachments = true, []Attachment{{Name: "geheim.pdf", URL: "/bestanden/1"}}
	html := draw(t, p)
	for _, left := range []string{"Dag", "geheim.pdf", "👍", "Nuttig", "hielp", "bewerkt"} {
		if strings.Contains(html, left) {
			t.Errorf("%q is still there", left)
		}
	}
	if !strings.Contains(html, "Dit bericht is verwijderd") || !strings.Contains(html, `id="post-12"`) {
		t.Error("the place is not kept")
	}
}

func TestClockOfAPost(t *testing.T) {
	p := everything()
	if html := draw(t, p); !strings.Contains(html, ">1 juli 2026, 14:05</time>") {
		t.Error("an answer has no date:", html)
	}
	p.Look = InChannel
	if html := draw(t, p); !strings.Contains(html, ">14:05</time>") {
		t.Error("a post in a channel has no clock:", html)
	}
}

func TestWhatIsWideGetsABox(t *testing.T) {
	html := Readable(everything().HTML)
	if strings.Count(html, `tabindex="0"`) != 2 || strings.Count(html, "<div") != strings.Count(html, "</div>") {
		t.Error(html)
	}
	plain := "<p>&lt;table&gt; en &lt;pre&gt;</p>"
	if got := Readable(plain); got != plain {
		t.Error("words became tags:", got)
	}
}

func BenchmarkFiftyPosts(b *testing.B) {
	p := everything()
	b.ReportAllocs()
	for b.Loop() {
		for range 50 {
			if err := p.View().Render(b.Context(), io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	}
}
