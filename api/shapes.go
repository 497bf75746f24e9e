package api

import (
	"leerkring/community"
	"leerkring/forum"
)

// The shapes of what goes out. Each has its own struct, so that no field of the
// domain leaks by accident. Times are [Moment]s; an absent value is null, an
// empty list is [].

// PersonJSON is what others see beside somebody's words.
type PersonJSON struct {
	ID           int64  `json:"id" doc:"The person's id." example:"7"`
	Name         string `json:"name" example:"Fatma Yilmaz"`
	Organisation string `json:"organisation" doc:"Where they work; empty when they did not say." example:"Gemeente Voorbeeldstad"`
}

// PostJSON is a post, the same for every reader.
type PostJSON struct {
	ID          int64            `json:"id" example:"1093"`
	Stream      int64            `json:"stream" example:"42"`
	Space       int64            `json:"space" example:"5"`
	Rev         int64            `json:"rev" doc:"The stream's rev at the last change of this post." example:"18"`
	Parent      *int64           `json:"parent" doc:"The post it replies to."`
	Author      *PersonJSON      `json:"author" doc:"Null when the author is not kept."`
	Anonymous   bool             `json:"anonymous"`
	Body        string           `json:"body" doc:"The text in Markdown, as it was sent. Empty when deleted." example:"Wie kent een **goede** vraag?"`
	HTML        string           `json:"html" doc:"The text as safe HTML. Empty when deleted." example:"<p>Wie kent een <strong>goede</strong> vraag?</p>"`
	CreatedAt   Moment           `json:"created_at"`
	EditedAt    *Moment          `json:"edited_at"`
	Deleted     bool             `json:"deleted" doc:"A deleted post keeps its id and its place."`
	Reactions   ReactionsJSON    `json:"reactions"`
	Score       int              `json:"score" doc:"How many people voted for it." example:"3"`
	Accepted    bool             `json:"accepted" doc:"It is the accepted answer to the question it stands in."`
	Attachments []AttachmentJSON `json:"attachments"`
}

// AttachmentJSON is a file that hangs on a post.
type AttachmentJSON struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Type string `json:"type" doc:"The media type, found from the content."`
	Size int64  `json:"size" doc:"In bytes."`
	URL  string `json:"url"`
}

// StreamJSON is a stream as it is to the caller; in events, to everyone.
type StreamJSON struct {
	ID           int64       `json:"id" example:"42"`
	Space        int64       `json:"space" example:"5"`
	Kind         string      `json:"kind" enum:"channel,discussion,question,article,table,assignment,log" example:"question"`
	Title        string      `json:"title" example:"Hoe vraag je door zonder te sturen?"`
	Tags         []string    `json:"tags"`
	Category     string      `json:"category"`
	Pinned       bool        `json:"pinned"`
	Closed       bool        `json:"closed" doc:"Only facilitators and managers still post here."`
	Answer       *int64      `json:"answer" doc:"The post accepted as the answer to a question."`
	Rev          int64       `json:"rev" doc:"Counts every change in the stream." example:"18"`
	ChangedRev   int64       `json:"changed_rev" doc:"The rev of the last change of the stream's own fields." example:"3"`
	Posts        int         `json:"posts" doc:"How many posts there are that are not deleted." example:"9"`
	Participants int         `json:"participants" doc:"How many people wrote them." example:"4"`
	Author       *PersonJSON `json:"author" doc:"Who started it; null when that is not kept."`
	Level        *string     `json:"level" enum:"all,mentions,muted" doc:"What the caller hears of it; null in events."`
	CreatedAt    Moment      `json:"created_at"`
	LastPostAt   *Moment     `json:"last_post_at"`
	FirstPost    *int64      `json:"first_post" doc:"The post it opened with."`
}

// SpaceJSON is a space that the caller may read.
type SpaceJSON struct {
	ID          int64   `json:"id" example:"5"`
	Name        string  `json:"name" example:"Toegang tot zorg"`
	Kind        string  `json:"kind" enum:"community,cohort,group,table,organisation,direct" example:"group"`
	Visibility  string  `json:"visibility" enum:"open,closed,hidden" example:"open"`
	Parent      *int64  `json:"parent"`
	Description string  `json:"description"`
	Role        *string `json:"role" enum:"member,coach,facilitator,manager" doc:"The caller's role; null when they are no member."`
	Members     int     `json:"members" example:"18"`
	Unread      int     `json:"unread" doc:"Posts in it that the caller has not seen."`
	Mentions    int     `json:"mentions" doc:"Those of them that mention the caller."`
	CreatedAt   Moment  `json:"created_at"`
}

// SpaceCardJSON is all that outsiders see of a closed space.
type SpaceCardJSON struct {
	ID          int64  `json:"id" example:"6"`
	Name        string `json:"name" example:"Intervisie Noord"`
	Kind        string `json:"kind" enum:"community,cohort,group,table,organisation,direct" example:"group"`
	Visibility  string `json:"visibility" enum:"open,closed,hidden" example:"closed"`
	Description string `json:"description"`
}

// MemberJSON is one person in one space.
type MemberJSON struct {
	Person PersonJSON `json:"person"`
	Role   string     `json:"role" enum:"member,coach,facilitator,manager" example:"member"`
	Since  Moment     `json:"since"`
}

// InvitationJSON lets somebody into a space.
type InvitationJSON struct {
	ID        int64   `json:"id" example:"3"`
	URL       string  `json:"url" format:"uri" doc:"The address to hand over. Its last part is the code."`
	Mail      *string `json:"mail" doc:"The address it is for; null for a link that several people may use."`
	Uses      int     `json:"uses" doc:"How many people may use it in all." example:"1"`
	ExpiresAt Moment  `json:"expires_at"`
}

// RevisionJSON is a text that a post had before.
type RevisionJSON struct {
	Body      string      `json:"body"`
	HTML      string      `json:"html"`
	Author    *PersonJSON `json:"author"`
	CreatedAt Moment      `json:"created_at" doc:"When this text was written."`
}

// HitJSON is a stream in which the words stand.
type HitJSON struct {
	Stream  int64   `json:"stream" example:"42"`
	Post    *int64  `json:"post" doc:"Where the words stand; null for the title of a stream without posts."`
	Title   string  `json:"title" doc:"The stream's title."`
	Snippet string  `json:"snippet" doc:"Escaped text with mark elements around the words." example:"vragen zonder te <mark>sturen</mark>"`
	Score   float64 `json:"score" doc:"Higher is better; it compares the hits of one answer alone."`
}

// MeJSON is the caller.
type MeJSON struct {
	ID           int64       `json:"id" example:"7"`
	Name         string      `json:"name" example:"Fatma Yilmaz"`
	Mail         string      `json:"mail" example:"fatma.yilmaz@voorbeeldstad.example"`
	Organisation string      `json:"organisation"`
	Role         string      `json:"role" enum:"member,moderator,admin" doc:"The role on the platform. It opens no closed or hidden space." example:"member"`
	Language     string      `json:"language" enum:"nl,en" example:"nl"`
	Spaces       []SpaceJSON `json:"spaces" doc:"The spaces the caller is a member of."`
	Unread       int         `json:"unread"`
	Mentions     int         `json:"mentions"`
}

// SettingsJSON is what the caller has chosen for themselves.
type SettingsJSON struct {
	Digest       string `json:"digest" enum:"off,daily,weekly" example:"weekly"`
	Hour         int    `json:"hour" minimum:"0" maximum:"23" doc:"The hour of the digest, in the time zone." example:"8"`
	Weekday      int    `json:"weekday" minimum:"1" maximum:"7" doc:"The day of a weekly digest; 1 is Monday." example:"1"`
	TimeZone     string `json:"time_zone" example:"Europe/Amsterdam"`
	Language     string `json:"language" enum:"nl,en" example:"nl"`
	MailMentions bool   `json:"mail_mentions" doc:"A mail when somebody mentions the caller and it stays unseen."`
	Push         bool   `json:"push"`
}

// CatchUpJSON brings somebody who knows a stream up to some rev to where it is.
type CatchUpJSON struct {
	Rev    int64       `json:"rev" doc:"Where the stream is." example:"18"`
	Reset  bool        `json:"reset,omitzero" doc:"True when too much happened: load the stream anew."`
	Posts  []PostJSON  `json:"posts,omitzero" doc:"Every post whose rev is above the one known, in the order of rev. Absent with reset."`
	Stream *StreamJSON `json:"stream,omitzero" doc:"There when the stream's own fields changed."`
}

// PostPageJSON is a part of a stream.
type PostPageJSON struct {
	Rev   int64      `json:"rev" doc:"The stream's rev just before the posts were read: following from it misses nothing." example:"18"`
	Items []PostJSON `json:"items"`
	Next  *string    `json:"next" doc:"The cursor to go on in the same direction."`
}

// ListJSON is a part of a list.
type ListJSON[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"The cursor of what follows; null at the end."`
}

// PostData returns a post in the words of the protocol, for events and answers.
func PostData(p forum.Post) PostJSON {
	shape := PostJSON{
		ID: p.ID, Stream: p.StreamID, Space: p.SpaceID, Rev: p.Rev, Parent: p.ParentID, Author: personOrNull(p.Author),
		Anonymous: p.Anonymous, Body: p.Body, HTML: p.HTML, CreatedAt: Moment(p.CreatedAt), EditedAt: momentOrNull(p.EditedAt),
		Deleted: p.Deleted, Score: p.Score, Accepted: p.Accepted,
	}
	if len(p.Reactions) > 0 {
		shape.Reactions = make(ReactionsJSON, len(p.Reactions))
		for i, r := range p.Reactions {
			shape.Reactions[i] = ReactionJSON{Emoji: r.Emoji, People: len(r.People)}
		}
	}
	return shape
}

// StreamData returns a stream in the words of the protocol. What it is to one
// person is null when it was loaded for nobody, as in announcements.
func StreamData(s forum.Stream) StreamJSON {
	return StreamJSON{
		ID: s.ID, Space: s.SpaceID, Kind: string(s.Kind), Title: s.Title, Tags: s.Tags, Category: s.Category,
		Pinned: s.Pinned, Closed: s.Closed, Answer: s.AnswerID, Rev: s.Rev, ChangedRev: s.ChangedRev,
		Posts: s.Posts, Participants: s.Participants, Author: personOrNull(s.Author), Level: textOrNull(string(s.Level)),
		CreatedAt: Moment(s.CreatedAt), LastPostAt: momentOrNull(s.LastPostAt), FirstPost: s.FirstPostID,
	}
}

// spaceData returns a space as the caller may see it: whole, or as its card.
func spaceData(s community.Space, unread unreadBySpace) SpaceOrCardJSON {
	if !s.Readable {
		return SpaceOrCardJSON{SpaceCardJSON{ID: s.ID, Name: s.Name, Kind: string(s.Kind), Visibility: string(s.Visibility), Description: s.Description}}
	}
	return SpaceOrCardJSON{wholeSpace(s, unread)}
}

func wholeSpace(s community.Space, unread unreadBySpace) SpaceJSON {
	return SpaceJSON{
		ID: s.ID, Name: s.Name, Kind: string(s.Kind), Visibility: string(s.Visibility), Parent: s.ParentID,
		Description: s.Description, Role: textOrNull(string(s.Role)), Members: s.Members,
		Unread: unread[s.ID].posts, Mentions: unread[s.ID].mentions, CreatedAt: Moment(s.CreatedAt),
	}
}

func personData(p community.PersonCard) PersonJSON {
	return PersonJSON{ID: p.ID, Name: p.Name, Organisation: p.Organisation}
}

func personOrNull(p *community.PersonCard) *PersonJSON {
	if p == nil {
		return nil
	}
	shape := personData(*p)
	return &shape
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// listOf makes the shape of a list. shape is applied to each item.
func listOf[From, To any](items []From, next string, shape func(From) To) ListJSON[To] {
	list := ListJSON[To]{Items: make([]To, len(items)), Next: textOrNull(next)}
	for i, item := range items {
		list.Items[i] = shape(item)
	}
	return list
}
