package notify

import (
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
)

// newPosts is what a digest may tell of: what is unread and in no earlier one.
// It takes the person.
var newPosts = forum.UnreadPosts + ` AND m.person_id = ? AND p.created_rev > coalesce(sp.digested_rev, 0)`

// isToReader: it mentions the reader, answers what they wrote, or stands under
// a question of theirs.
const isToReader = `(n.post_id IS NOT NULL OR (t.kind = 'question' AND t.author_id = m.person_id)
	OR EXISTS (SELECT 1 FROM posts pp WHERE pp.id = p.parent_id AND pp.author_id = m.person_id))`

// unreadStream is a stream with new posts.
type unreadStream struct {
	ID          int64
	SpaceID     int64
	SpaceKind   community.SpaceKind
	Kind        forum.Kind
	Title       string
	AuthorID    *int64
	IsOpen      bool
	FirstPostID int64
	PostCount   int
	TakesPart   bool
	// Posts is how many are new, ToMe how many of them are to the reader.
	Posts      int
	ToMe       int
	LastRev    int64
	LastPostID int64
	// LastOtherID is the newest that is neither the first post nor to the reader.
	LastOtherID int64
	LastAt      database.Time
	// Opens: the first post is among them; OpensToMe: and it is to the reader.
	Opens     bool
	OpensToMe bool
}

func (s unreadStream) isOpenQuestionFor(reader int64) bool {
	return s.Kind == forum.Question && s.IsOpen && s.Opens && !s.OpensToMe && s.SpaceKind != community.KindDirect &&
		valueOf(s.AuthorID) != reader
}

// left is how many posts are not told of by themselves. A chat is a number: when
// there is anything left in it, all count.
func (s unreadStream) left(isAsked bool) int {
	left := s.Posts - s.ToMe
	if isAsked {
		left--
	}
	if s.Kind == forum.Channel && left > 0 {
		return s.Posts
	}
	return left
}

// newsByStream returns the streams with new posts: first those the reader takes
// part in, then those with the most.
func newsByStream(tx *database.Tx, person int64) (streams []unreadStream, err error) {
	err = tx.Select(&streams, `SELECT d.*, s.kind AS space_kind FROM (
			SELECT t.id, t.space_id, t.kind, t.title, t.author_id, t.answer_id IS NULL AND NOT t.closed AS is_open,
				coalesce(t.first_post_id, 0) AS first_post_id, t.post_count, max(coalesce(sp.posts, 0)) > 0 AS takes_part,
				count(*) AS posts, sum(CASE WHEN `+isToReader+` THEN 1 ELSE 0 END) AS to_me,
				max(p.created_rev) AS last_rev, max(p.id) AS last_post_id, max(p.created_at) AS last_at,
				max(CASE WHEN p.id = t.first_post_id OR `+isToReader+` THEN 0 ELSE p.id END) AS last_other_id,
				max(CASE WHEN p.id = t.first_post_id THEN 1 ELSE 0 END) = 1 AS opens,
				max(CASE WHEN p.id = t.first_post_id AND `+isToReader+` THEN 1 ELSE 0 END) = 1 AS opens_to_me
			FROM `+newPosts+` GROUP BY t.id) d
		JOIN spaces s ON s.id = d.space_id
		ORDER BY d.takes_part DESC, d.posts DESC, d.id DESC`, person)
	return streams, err
}

// postsToReader returns the newest posts to the reader, conversations between
// people left out.
func postsToReader(tx *database.Tx, person int64, limit int) (posts []toReader, err error) {
	var rows []struct {
		StreamID  int64
		SpaceID   int64
		PostID    int64
		AuthorID  *int64
		Title     string
		Space     string
		SpaceKind community.SpaceKind
		From      string
		HTML      string
		At        time.Time
		Mentioned bool
		IsAnswer  bool
	}
	if err := tx.Select(&rows, `SELECT u.*, s.name AS space, s.kind AS space_kind, coalesce(a.name, '') AS "from" FROM (
			SELECT t.id AS stream_id, t.space_id, t.title, p.id AS post_id, p.html, p.created_at AS at, p.author_id,
				n.post_id IS NOT NULL AS mentioned, t.kind = 'question' AND t.author_id = m.person_id
					AND (p.parent_id IS NULL OR p.parent_id = t.first_post_id) AS is_answer
			FROM `+newPosts+` AND `+isToReader+`) u
		JOIN spaces s ON s.id = u.space_id AND s.kind <> 'direct'
		LEFT JOIN people a ON a.id = u.author_id
		ORDER BY u.post_id DESC LIMIT ?`, person, limit); err != nil {
		return nil, err
	}
	for _, r := range rows {
		kind := KindReply
		switch {
		case r.Mentioned:
			kind = KindMention
		case r.IsAnswer:
			kind = KindAnswer
		}
		posts = append(posts, toReader{Kind: kind, From: r.From, StreamID: r.StreamID, PostID: r.PostID, Title: r.Title,
			Space: r.Space, SpaceKind: r.SpaceKind, HTML: r.HTML, At: r.At, Posts: 1})
	}
	return posts, nil
}

// digestPost is who wrote a post and what.
type digestPost struct {
	ID        int64
	From      string
	HTML      string
	CreatedAt time.Time
}

// loadDigestPosts reads posts that are known to be the reader's to read.
func loadDigestPosts(tx *database.Tx, ids []int64) (map[int64]digestPost, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []digestPost
	if err := tx.Select(&rows, `SELECT p.id, coalesce(a.name, '') AS "from", p.html, p.created_at FROM posts p
		LEFT JOIN people a ON a.id = p.author_id WHERE p.id IN (?)`, ids); err != nil {
		return nil, err
	}
	posts := make(map[int64]digestPost, len(rows))
	for _, r := range rows {
		posts[r.ID] = r
	}
	return posts, nil
}

// newsAuthors returns who wrote the new posts of each stream that are not told
// of by themselves (those to the reader; the first post of the streams asked),
// who wrote most first. Somebody whose name is not kept is "".
func newsAuthors(tx *database.Tx, person int64, streams, asked []int64) (map[int64][]string, error) {
	if len(streams) == 0 {
		return nil, nil
	}
	var rows []struct {
		StreamID int64
		Name     string
	}
	if err := tx.Select(&rows, `SELECT u.stream_id, coalesce(a.name, '') AS name FROM (
			SELECT t.id AS stream_id, p.author_id, count(*) AS posts FROM `+newPosts+`
				AND t.id IN (?) AND NOT `+isToReader+` AND NOT coalesce(t.id IN (?) AND p.id = t.first_post_id, false) GROUP BY t.id, p.author_id) u
		LEFT JOIN people a ON a.id = u.author_id ORDER BY u.stream_id, u.posts DESC, u.author_id`, person, streams, asked); err != nil {
		return nil, err
	}
	names := map[int64][]string{}
	for _, r := range rows {
		names[r.StreamID] = append(names[r.StreamID], r.Name)
	}
	return names, nil
}

// newsHighlights returns, of each channel, the new posts that got most reactions
// and mention most people; none that got nothing, nor those to the reader.
func newsHighlights(tx *database.Tx, person int64, channels []int64) (map[int64][]highlight, error) {
	if len(channels) == 0 {
		return nil, nil
	}
	var rows []highlight
	if err := tx.Select(&rows, `SELECT r.stream_id, r.post_id, r.html, coalesce(a.name, '') AS "from" FROM (
			SELECT w.*, row_number() OVER (PARTITION BY w.stream_id ORDER BY w.marks DESC, w.post_id DESC) AS place FROM (
				SELECT t.id AS stream_id, p.id AS post_id, p.html, p.author_id,
					(SELECT count(*) FROM reactions x WHERE x.post_id = p.id) + (SELECT count(*) FROM mentions x WHERE x.post_id = p.id) AS marks
				FROM `+newPosts+` AND t.id IN (?) AND NOT `+isToReader+`) w
			WHERE w.marks > 0) r
		LEFT JOIN people a ON a.id = r.author_id
		WHERE r.place <= ? ORDER BY r.stream_id, r.post_id`, person, channels, digestHighlights); err != nil {
		return nil, err
	}
	byChannel := map[int64][]highlight{}
	for _, r := range rows {
		byChannel[r.StreamID] = append(byChannel[r.StreamID], r)
	}
	return byChannel, nil
}

// saveDigested writes down how far a digest told, stream by stream.
func saveDigested(tx *database.Tx, person int64, covered map[int64]int64) error {
	for stream, rev := range covered {
		if _, err := tx.Exec(`INSERT INTO stream_people (person_id, stream_id, digested_rev) SELECT ?, id, ? FROM streams WHERE id = ?
			ON CONFLICT (person_id, stream_id) DO UPDATE SET digested_rev = excluded.digested_rev
			WHERE stream_people.digested_rev < excluded.digested_rev`, person, rev, stream); err != nil {
			return err
		}
	}
	return nil
}
