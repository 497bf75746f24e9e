// Package demo makes the world that `serve --demo` shows: a region, a city, a
// cohort and two networks, with a year of conversation in Dutch.
//
// It owns the texts (the folder texts, one file a subject) and the way in which
// people, days and hours are chosen. It knows no domain room: [Make] gives a
// plain plan, the same one for the same moment, and a loader walks that plan
// through the functions that real people use. All people are invented.
package demo

import (
	"regexp"
	"strings"
	"time"
)

// Plan is everything the demo holds. Fields refer to one another by key
// (people, organisations, spaces, streams) or by index (posts in a stream).
type Plan struct {
	// Now is the moment the plan was made for; nothing in it is later.
	Now           time.Time
	Organisations []Organisation
	People        []Person
	// Spaces stand parents first.
	Spaces []Space
	// Streams stand in order of At, so a link in a text always points to a
	// stream that stands before it.
	Streams []Stream
	Reads   []Read
	Levels  []Level
	// Roles are the people one can sign in as with one click, in the order to
	// show them.
	Roles []Role
}

// Organisation is where people work: a municipality, a programme, guests.
type Organisation struct {
	Key, Name string
	// Place is the name of the town or city, for texts such as "bij ons in …".
	Place string
}

// Person is somebody with an account.
type Person struct {
	Key, Name string
	// Mail is a lower-case address under the reserved domain .example.
	Mail string
	// Organisation is an index in Plan.Organisations.
	Organisation int
	// PlatformRole is member, moderator or admin.
	PlatformRole string
	// Job is the short name of the profession; the texts choose voices by it.
	Job string
	// About is one sentence the person wrote about themselves.
	About string
	// Language is nl or en: the language of the pages, not of the posts.
	Language string
}

// Space says who belongs.
type Space struct {
	Key string
	// Parent is the key of the space it lies in, or empty.
	Parent string
	// Kind is community, cohort, group, table, organisation or direct.
	Kind string
	// Visibility is open, closed or hidden.
	Visibility        string
	Name, Description string
	// By is the key of the person who made it: its first manager, or one of
	// the people of a direct conversation.
	By      string
	At      time.Time
	Members []Membership
}

// Membership ties a person to a space.
type Membership struct {
	Person string
	// Role is member, coach, facilitator or manager.
	Role string
	// Since is never before the At of the space.
	Since time.Time
}

// Stream is one conversation.
type Stream struct {
	Key, Space string
	// Kind is channel, discussion, question or article. All but a channel
	// start with a post that says what it is about.
	Kind, Title string
	// By and At are who started it and when; in all but a channel the same as
	// those of the first post.
	By             string
	At             time.Time
	Tags           []string
	Category       string
	Pinned, Closed bool
	Posts          []Post
	// Accepted is the index of the accepted answer of a question, or -1. The
	// asker accepted it.
	Accepted int
}

// Post is what a person contributed. Posts of a stream have rising times.
type Post struct {
	Author string
	At     time.Time
	// Body is the last text, in Markdown. It may hold people (`@[KEY]`) and
	// streams (`](stream:KEY)`); see [Resolve].
	Body string
	// Parent is the index of the post it replies to, or -1.
	Parent int
	// Edits are the texts it had before, the oldest first.
	Edits []Edit
	// Deleted says that the author took it back; Body is what it was.
	Deleted   bool
	Reactions []Reaction
	// Votes are the keys of the people who voted for an answer.
	Votes []string
}

// Edit is an earlier text of a post and the moment at which the next one took
// its place. So a post is made at its At with Edits[0].Body, and changed at
// Edits[0].At into Edits[1].Body, or into Body when there is no further edit.
type Edit struct {
	At   time.Time
	Body string
}

// Reaction is one person's sign under a post.
type Reaction struct {
	Emoji, Person string
}

// Read says how far a person came in a stream. Who has no Read in a stream has
// read nothing of it.
type Read struct {
	Person, Stream string
	// Upto is the index of the last post that was read.
	Upto int
}

// Level is what a person wants to hear of a stream, where that is not the
// usual: all, mentions or muted.
type Level struct {
	Person, Stream, Level string
}

// Role is one of the people to sign in as.
type Role struct {
	Person string
	// Label is what the button says, About what there is to see for that
	// person. Both are Dutch.
	Label, About string
}

// First returns the text that the post was made with.
func (p Post) First() string {
	if len(p.Edits) > 0 {
		return p.Edits[0].Body
	}
	return p.Body
}

var (
	personRef = regexp.MustCompile(`@\[([a-z0-9-]+)\]`)
	streamRef = regexp.MustCompile(`\]\(stream:([a-z0-9-]+)\)`)
)

// Resolve puts real references in a body: `@[KEY]` becomes `@[` + person(KEY) +
// `]` and `](stream:KEY)` becomes `](` + stream(KEY) + `)`.
func Resolve(body string, person, stream func(key string) string) string {
	if strings.Contains(body, "@[") {
		body = personRef.ReplaceAllStringFunc(body, func(s string) string {
			return "@[" + person(personRef.FindStringSubmatch(s)[1]) + "]"
		})
	}
	if strings.Contains(body, "](stream:") {
		body = streamRef.ReplaceAllStringFunc(body, func(s string) string {
			return "](" + stream(streamRef.FindStringSubmatch(s)[1]) + ")"
		})
	}
	return body
}
