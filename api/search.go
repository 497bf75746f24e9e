package api

import (
	"leerkring/forum"
)

// similarShown is how many streams are offered while somebody types.
const similarShown = 5

func (a *API) search(c *call) (any, error) {
	q := c.query()
	query := forum.SearchQuery{
		Q: q.text("q"), Space: q.id("space"), Kind: forum.Kind(q.choice("kind", streamKinds...)), Author: q.id("author"),
		From: q.moment("from", false), To: q.moment("to", true),
	}
	page := q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	hits, next, err := a.forum.Search(c.ctx(), c.actor, query, page)
	return listOf(hits, next, hitData), err
}

func (a *API) similarStreams(c *call) (any, error) {
	q := c.query()
	space, words := q.id("space"), q.text("q")
	if q.values.Get("space") == "" {
		q.wrong("space", "required")
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	hits, err := a.forum.Similar(c.ctx(), c.actor, space, words, similarShown)
	return listOf(hits, "", hitData), err
}

func hitData(h forum.Hit) HitJSON {
	shape := HitJSON{Stream: h.Stream.ID, Title: h.Stream.Title, Snippet: h.Snippet, Score: h.Score}
	if h.Post != 0 {
		shape.Post = &h.Post
	}
	return shape
}
