package forum

import (
	"slices"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
)

// postColumns reads a Post as p in stream t.
const postColumns = `p.id, p.stream_id, t.space_id, t.kind, p.rev, p.created_rev, p.parent_id, p.anonymous, p.body, p.html,
	p.created_at, p.edited_at, p.deleted_at, p.score, coalesce(t.answer_id, 0) = p.id AS accepted,
	p.author_id, coalesce(a.name, '') AS author_name, coalesce(ao.name, '') AS author_organisation,
	coalesce(am.role, '') AS author_role, coalesce(pa.name, '') AS parent_author`

const postTables = `posts p JOIN streams t ON t.id = p.stream_id
	LEFT JOIN people a ON a.id = p.author_id LEFT JOIN organisations ao ON ao.id = a.organisation_id
	LEFT JOIN memberships am ON am.space_id = t.space_id AND am.person_id = p.author_id
	LEFT JOIN posts pp ON pp.id = p.parent_id LEFT JOIN people pa ON pa.id = pp.author_id`

type postRecord struct {
	ID                 int64
	StreamID           int64
	SpaceID            int64
	Kind               Kind
	Rev                int64
	CreatedRev         int64
	ParentID           *int64
	Anonymous          bool
	Body               string
	HTML               string
	CreatedAt          time.Time
	EditedAt           *time.Time
	DeletedAt          *time.Time
	Score              int
	Accepted           bool
	AuthorID           *int64
	AuthorName         string
	AuthorOrganisation string
	AuthorRole         community.Role
	ParentAuthor       string
}

func (r postRecord) post() Post {
	p := Post{
		ID: r.ID, StreamID: r.StreamID, SpaceID: r.SpaceID, Kind: r.Kind, Rev: r.Rev, CreatedRev: r.CreatedRev,
		ParentID: r.ParentID, ParentAuthor: r.ParentAuthor,
		Anonymous: r.Anonymous, Body: r.Body, HTML: r.HTML, CreatedAt: r.CreatedAt, EditedAt: r.EditedAt,
		Deleted: r.DeletedAt != nil, Score: r.Score, Accepted: r.Accepted,
	}
	if r.AuthorID != nil {
		p.Author = &community.PersonCard{ID: *r.AuthorID, Name: r.AuthorName, Organisation: r.AuthorOrganisation}
		p.AuthorRole = r.AuthorRole
	}
	return p
}

// loadPost reads one post; the caller has entered its space.
func loadPost(tx *database.Tx, id int64) (Post, error) {
	posts, err := loadPosts(tx, `p.id = ?`, ``, id)
	if err != nil {
		return Post{}, err
	}
	if len(posts) == 0 {
		return Post{}, database.ErrNoRows
	}
	return posts[0], nil
}

// loadPosts reads the posts that fit a condition, with their reactions and
// votes.
func loadPosts(tx *database.Tx, condition, order string, args ...any) ([]Post, error) {
	var records []postRecord
	if err := tx.Select(&records, `SELECT `+postColumns+` FROM `+postTables+` WHERE `+condition+` `+order, args...); err != nil {
		return nil, err
	}
	posts := make([]Post, len(records))
	ids := make([]int64, len(records))
	at := make(map[int64]int, len(records))
	for i, r := range records {
		posts[i], ids[i], at[r.ID] = r.post(), r.ID, i
	}
	if len(ids) == 0 {
		return posts, nil
	}
	if err := loadVoters(tx, posts, ids, at); err != nil {
		return nil, err
	}
	var reactions []struct {
		PostID   int64
		Emoji    string
		PersonID int64
	}
	if err := tx.Select(&reactions, `SELECT post_id, emoji, person_id FROM reactions WHERE post_id IN (?)
		ORDER BY post_id, created_at, person_id`, ids); err != nil {
		return nil, err
	}
	for _, r := range reactions {
		p := &posts[at[r.PostID]]
		p.Reactions = addReaction(p.Reactions, r.Emoji, r.PersonID)
	}
	return posts, nil
}

// loadVoters reads who voted, if anybody did.
func loadVoters(tx *database.Tx, posts []Post, ids []int64, at map[int64]int) error {
	if !slices.ContainsFunc(posts, func(p Post) bool { return p.Score > 0 }) {
		return nil
	}
	var votes []struct{ PostID, PersonID int64 }
	if err := tx.Select(&votes, `SELECT post_id, person_id FROM votes WHERE post_id IN (?) ORDER BY post_id, person_id`, ids); err != nil {
		return err
	}
	for _, v := range votes {
		p := &posts[at[v.PostID]]
		p.Voters = append(p.Voters, v.PersonID)
	}
	return nil
}

// addReaction keeps the emoji in the order in which they first came.
func addReaction(reactions []Reaction, emoji string, person int64) []Reaction {
	for i := range reactions {
		if reactions[i].Emoji == emoji {
			reactions[i].People = append(reactions[i].People, person)
			return reactions
		}
	}
	return append(reactions, Reaction{Emoji: emoji, People: []int64{person}})
}
