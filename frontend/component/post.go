package component

import (
	"strings"
	"time"

	"leerkring/internal/locale"
)

// PostLook is how much room a post has: it follows from what its stream is.
type PostLook string

// The looks of a post.
const (
	// InChannel is close together; the day stands above, the post has the clock.
	InChannel PostLook = "channel"
	// InForum has room and the whole date.
	InForum PostLook = "forum"
	// AsAnswer is InForum with what readers thought of it.
	AsAnswer PostLook = "answer"
)

// Post is a contribution. What View draws is the same for every reader and in
// every language, so it is made once: for the page, for the fragment and for
// the live event. What differs is put on by the page's script (and by a page
// without script not at all):
//
//   - data-by on a reaction or a vote holds the ids of who did; the reader's own
//     gets aria-pressed;
//   - data-t on a word is its key in the page's dictionary, for a reader whose
//     language is not the default;
//   - data-time on a time says how it is written, for a reader in another zone
//     or language;
//   - what can be done with the post is behind one link to its page.
//
// Where it stands (grouped with the one before, first unread, a new day) is
// told by the list item around it: see [Place].
type Post struct {
	ID, Rev int64
	Look    PostLook
	// Author is nil for an anonymous post and for somebody who left for good.
	Author    *Person
	Anonymous bool
	At        time.Time
	// EditedAt is zero when the text is as it was first posted.
	EditedAt time.Time
	// HTML is the text as internal/richtext made it: sanitised. Nothing else
	// may be put here.
	HTML    string
	Deleted bool
	// ReplyTo is the post this one answers, when that is not the one above it.
	ReplyTo     *ReplyTo
	Reactions   []Reaction
	Attachments []Attachment
	// Thread tells of the replies under a post of a channel, or is nil.
	Thread *Thread
	// Voters find this answer useful (AsAnswer).
	Voters []int64
	// Accepted: this is the answer the asker was helped by.
	Accepted bool
}

// ReplyTo names a post that is answered.
type ReplyTo struct {
	Post int64
	Name string
}

// Reaction is an emoji and who put it there.
type Reaction struct {
	Emoji string
	By    []int64
}

// Thread is the conversation under a post.
type Thread struct {
	Replies int
	Last    time.Time
	People  People
}

// Attachment is a file that hangs on a post.
type Attachment struct {
	Name, URL string
	// Size in words: "1,2 MB".
	Size string
	// Image is shown in the page; Alt tells what is on it, Width and Height in
	// pixels keep its place.
	Image         bool
	Alt           string
	Width, Height int
}

// neutral writes what is the same for everybody: in the default language, to be
// replaced by the reader's script.
var neutral = locale.For(locale.Default)

// neutralWords are the words of data-t. They are looked up once: fifty posts on
// a page would ask for the same few hundreds of times.
var neutralWords = func() map[string]string {
	words := map[string]string{}
	for _, key := range []string{
		"accepted", "anonymous", "deleted", "edited", "gone", "mark_coach", "mark_facilitator", "mark_manager",
		"more_about", "post_reply", "post_replies", "in_reply_to", "useful",
	} {
		words[key] = neutral.T("ui." + key)
	}
	return words
}()

// Dictionary returns the words of neutral components in a language, by the keys
// of data-t, or nil for the default language, which stands there already.
func Dictionary(w Words) map[string]string {
	if w.Language == locale.Default {
		return nil
	}
	words := make(map[string]string, len(neutralWords))
	for key := range neutralWords {
		words[key] = w.T("ui." + key)
	}
	return words
}

func (p Post) anchor() string { return "post-" + id(p.ID) }

// face is the author's, and a plain one when there is nobody or nothing to see.
func (p Post) face() Avatar {
	if p.Author == nil || p.Deleted {
		return Avatar{}
	}
	return Avatar{Name: p.Author.Name, Photo: p.Author.Photo}
}

// boxed puts what may be wider than a phone in a box of its own that scrolls,
// also by keyboard. The text is sanitised, so these tags are the ones Markdown
// made, and bare.
var boxed = strings.NewReplacer(
	"<table>", `<div class="lk-box-scroll" tabindex="0"><table>`, "</table>", "</table></div>",
	"<pre>", `<pre tabindex="0">`,
)

// Readable returns sanitised HTML as it stands in a page.
func Readable(html string) string {
	if strings.Contains(html, "<table>") || strings.Contains(html, "<pre>") {
		return boxed.Replace(html)
	}
	return html
}

// clock writes the moment of the post: the clock in a channel, else the date.
func (p Post) clock() string {
	at := p.At.In(zone)
	if p.Look == InChannel {
		return neutral.Clock(at)
	}
	return neutral.Date(at) + ", " + neutral.Clock(at)
}

func (p Post) timeStyle() string {
	if p.Look == InChannel {
		return "clock"
	}
	return "date"
}

// hasFoot: a footer is drawn for what readers did with the post.
func (p Post) hasFoot() bool {
	return len(p.Reactions) > 0 || p.Look == AsAnswer || (p.Thread != nil && p.Thread.Replies > 0)
}

func idList(ids []int64) string {
	var b strings.Builder
	for i, n := range ids {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(id(n))
	}
	return b.String()
}
