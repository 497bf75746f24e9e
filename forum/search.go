package forum

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"leerkring/community"
	"leerkring/internal/cursor"
	"leerkring/internal/database"
	"leerkring/internal/dutch"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// SearchQuery asks what somebody said about something.
type SearchQuery struct {
	// Q are the words; all of them must be there, the last may be half typed.
	Q string
	// Space, Kind and Author narrow it; zero is any. From and To bound the
	// moment of the post, To not included.
	Space  int64
	Kind   Kind
	Author int64
	From   time.Time
	To     time.Time
}

// Hit is a stream in which the words stand, by its best post.
type Hit struct {
	Stream Stream
	// Post is where the words stand; 0 for the title of a stream without posts.
	Post int64
	// Snippet is escaped text with <mark> around the words.
	Snippet string
	// Score is higher for a better hit; it compares hits of one answer alone.
	Score float64
}

// candidates is how many documents are looked at to make one answer.
const candidates = 200

// Search finds streams by what is said in them, the best first, among what
// actor may read. What nothing fits gives nothing.
func (f *Forum) Search(ctx context.Context, actor community.Actor, query SearchQuery, page community.Page) (hits []Hit, next string, err error) {
	words := dutch.Words(query.Q)
	if len(words) == 0 {
		return nil, "", fault.InvalidField("q", "required")
	}
	if utf8.RuneCountInString(query.Q) > limits.Query {
		return nil, "", fault.InvalidField("q", "too_long", "Max", limits.Query)
	}
	start := 0
	if page.Cursor != "" {
		key, err := cursor.Decode(page.Cursor, 1)
		if err != nil {
			return nil, "", err
		}
		start = int(max(0, key[0]))
	}
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if query.Space != 0 {
			if _, err := community.Enter(tx, actor, community.Read, query.Space); err != nil {
				return err
			}
		}
		found, err := findDocuments(tx, actor, query, allOf(tx, words))
		if err != nil {
			return err
		}
		best := bestPerStream(found)
		if start >= len(best) {
			return nil
		}
		best = best[start:]
		if len(best) > page.Limit {
			best = best[:page.Limit]
			next = cursor.Encode(int64(start + page.Limit))
		}
		hits, err = complete(tx, actor, best, words)
		return err
	})
	return hits, next, err
}

// Similar finds up to limit streams in a space that may already say what a new
// question asks: those that share words with it.
func (f *Forum) Similar(ctx context.Context, actor community.Actor, spaceID int64, q string, limit int) (hits []Hit, err error) {
	words := dutch.Words(q)
	err = f.db.Read(ctx, func(tx *database.Tx) error {
		if _, err := community.Enter(tx, actor, community.Read, spaceID); err != nil {
			return err
		}
		words = telling(words)
		if len(words) == 0 {
			return nil
		}
		found, err := findDocuments(tx, actor, SearchQuery{Space: spaceID}, anyOf(tx, words))
		if err != nil {
			return err
		}
		best := bestPerStream(found)
		hits, err = complete(tx, actor, best[:min(limit, len(best))], words)
		return err
	})
	return hits, err
}

// telling keeps the words that say what a sentence is about: the longer ones.
func telling(words []string) []string {
	var kept []string
	for _, w := range words {
		if utf8.RuneCountInString(w) > 3 && !slices.Contains(kept, w) && len(kept) < 12 {
			kept = append(kept, w)
		}
	}
	return kept
}

// document is a post, or a stream's title, that fits.
type document struct {
	Doc      int64
	StreamID int64
	Score    float64
}

// findDocuments asks the index for the best documents, among the spaces actor
// may read: the filter is part of the query, so counts and order tell nothing
// of the rest.
func findDocuments(tx *database.Tx, actor community.Actor, query SearchQuery, match string) (found []document, err error) {
	visible, person := community.Visible(actor, "t.space_id")
	conditions, args := []string{visible}, []any{person}
	add := func(condition string, arg any) {
		conditions, args = append(conditions, condition), append(args, arg)
	}
	if query.Space != 0 {
		add(`t.space_id = ?`, query.Space)
	}
	if query.Kind != "" {
		add(`t.kind = ?`, query.Kind)
	}
	if query.Author != 0 {
		add(`p.author_id = ?`, query.Author)
	}
	if !query.From.IsZero() {
		add(`p.created_at >= ?`, query.From)
	}
	if !query.To.IsZero() {
		add(`p.created_at < ?`, query.To)
	}
	err = tx.Select(&found, searchText(tx, strings.Join(conditions, " AND ")), append(append([]any{match}, args...), candidates)...)
	return found, err
}

// bestPerStream keeps each stream's best document, the best first. A title
// counts twice.
func bestPerStream(found []document) []document {
	best := map[int64]document{}
	for _, d := range found {
		if d.Doc < 0 {
			d.Score *= 2
		}
		if b, ok := best[d.StreamID]; !ok || d.Score > b.Score {
			best[d.StreamID] = d
		}
	}
	list := make([]document, 0, len(best))
	for _, d := range best {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b document) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return int(b.StreamID - a.StreamID)
	})
	return list
}

// complete loads the streams and cuts the snippets.
func complete(tx *database.Tx, actor community.Actor, found []document, words []string) ([]Hit, error) {
	streamIDs := make([]int64, len(found))
	for i, d := range found {
		streamIDs[i] = d.StreamID
	}
	streams, err := loadStreams(tx, actor, `t.id IN (?)`, ``, streamIDs)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]Stream, len(streams))
	for _, s := range streams {
		byID[s.ID] = s
	}
	hits := make([]Hit, 0, len(found))
	for _, d := range found {
		hit := Hit{Stream: byID[d.StreamID], Post: d.Doc, Score: d.Score}
		if d.Doc < 0 {
			hit.Post = valueOf(hit.Stream.FirstPostID)
		}
		var html string
		if hit.Post != 0 {
			if err := tx.Get(&html, `SELECT html FROM posts WHERE id = ?`, hit.Post); err != nil {
				return nil, err
			}
		}
		hit.Snippet = snippet(richtext.Plain(html), words)
		hits = append(hits, hit)
	}
	return hits, nil
}

// titleDoc is the document of a stream's title.
func titleDoc(stream int64) int64 { return -stream }

func titleWords(s Stream) string {
	return s.Title + " " + s.Category + " " + strings.Join(s.Tags, " ")
}
