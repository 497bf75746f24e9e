package notify

import (
	"slices"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/limits"
)

// news is a post that people may have to hear of, as it is now.
type news struct {
	forum.Posted
	StreamID    int64
	SpaceID     int64
	SpaceKind   community.SpaceKind
	Kind        forum.Kind
	Title       string
	HTML        string
	Rev         int64
	CreatedRev  int64
	AuthorID    *int64
	ParentID    *int64
	FirstPostID *int64
	// AskerID is who started the stream, ParentAuthorID who wrote what this
	// answers.
	AskerID        *int64
	ParentAuthorID *int64
	AnswerID       *int64
}

// loadNews reads a post; ErrNoRows when it is deleted.
func loadNews(tx *database.Tx, job forum.Posted) (post news, err error) {
	err = tx.Get(&post, `SELECT p.stream_id, t.space_id, s.kind AS space_kind, t.kind, t.title, p.html, p.rev, p.created_rev, p.author_id,
			p.parent_id, t.first_post_id, t.author_id AS asker_id, pp.author_id AS parent_author_id, t.answer_id
		FROM posts p JOIN streams t ON t.id = p.stream_id JOIN spaces s ON s.id = t.space_id LEFT JOIN posts pp ON pp.id = p.parent_id
		WHERE p.id = ? AND p.deleted_at IS NULL`, job.Post)
	post.Posted = job
	return post, err
}

// hearer is somebody who may have to hear of a post.
type hearer struct {
	ID int64
	// Kind is why they hear of it.
	Kind         string
	Mentioned    bool
	TakesPart    bool
	OwnLevel     community.Level
	SpaceLevel   community.Level
	MailMentions bool
}

// whoHears returns who is to hear of a post: members who may read it now, each
// for their strongest reason, those with the strongest first.
func whoHears(tx *database.Tx, post news) ([]hearer, error) {
	var candidates []hearer
	if err := tx.Select(&candidates, `SELECT m.person_id AS id, n.person_id IS NOT NULL AS mentioned,
			coalesce(sp.posts, 0) > 0 OR m.person_id = ? AS takes_part,
			coalesce(sp.level, '') AS own_level, coalesce(m.level, '') AS space_level, p.mail_mentions
		FROM memberships m JOIN people p ON p.id = m.person_id AND p.disabled_at IS NULL
		LEFT JOIN stream_people sp ON sp.person_id = m.person_id AND sp.stream_id = ?
		LEFT JOIN mentions n ON n.person_id = m.person_id AND n.post_id = ?
		WHERE m.space_id = ? AND `+community.VisibleTo("m.person_id", "m.space_id")+`
			AND (n.person_id IS NOT NULL OR m.person_id IN (?) OR sp.posts > 0 OR sp.level = 'all' OR m.level = 'all')`,
		valueOf(post.AskerID), post.StreamID, post.Post, post.SpaceID, post.named()); err != nil {
		return nil, err
	}
	hearers := candidates[:0]
	for _, h := range candidates {
		if h.Kind = post.reasonFor(h); h.Kind != "" {
			hearers = append(hearers, h)
		}
	}
	slices.SortStableFunc(hearers, func(a, b hearer) int { return strength(b.Kind) - strength(a.Kind) })
	return hearers[:min(len(hearers), limits.Hearers)], nil
}

// named are the people a post concerns by itself, whatever they chose.
func (p news) named() (people []int64) {
	for _, id := range []*int64{p.AskerID, p.ParentAuthorID, p.AuthorID} {
		if id != nil {
			people = append(people, *id)
		}
	}
	return people
}

// reasonFor returns the kind of notification that somebody gets, "" for none.
func (p news) reasonFor(h hearer) string {
	level := forum.EffectiveLevel(h.OwnLevel, h.SpaceLevel, h.TakesPart && !p.opens()) // whoever was quick took part after it
	isAuthor := p.AuthorID != nil && *p.AuthorID == h.ID
	switch {
	case level == community.LevelMuted:
		return ""
	case p.Accepted:
		if isAuthor && p.By != h.ID && valueOf(p.AnswerID) == p.Post {
			return KindAnswer
		}
		return ""
	case isAuthor:
		return ""
	case h.Mentioned:
		return KindMention
	case p.Edited:
		return ""
	case p.isAnswer() && valueOf(p.AskerID) == h.ID:
		return KindAnswer
	case valueOf(p.ParentAuthorID) == h.ID, p.isWanted(h, level):
		return KindReply
	}
	return ""
}

// isAnswer: it answers the question of the stream, not another post.
func (p news) isAnswer() bool {
	return p.Kind == forum.Question && !p.opens() && (p.ParentID == nil || *p.ParentID == valueOf(p.FirstPostID))
}

// opens: it is the post its stream began with.
func (p news) opens() bool { return valueOf(p.FirstPostID) == p.Post }

// isWanted: somebody hears of everything here. In a conversation that is
// whoever takes part and did not say otherwise; in a channel it takes a choice,
// or a chat would flood whoever once said something in it.
func (p news) isWanted(h hearer, level community.Level) bool {
	if p.Kind == forum.Channel {
		level = forum.EffectiveLevel(h.OwnLevel, h.SpaceLevel, false)
	}
	return level == community.LevelAll
}

func strength(kind string) int {
	return slices.Index([]string{KindReply, KindAnswer, KindMention}, kind)
}

func valueOf(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
