package api

import (
	"leerkring/community"
	"leerkring/forum"
)

// streamKinds are the protocol's kinds; not all can be started yet.
var streamKinds = []string{"channel", "discussion", "question", "article", "table", "assignment", "log"}

func (a *API) listStreams(c *call) (any, error) {
	q := c.query()
	query := forum.StreamQuery{Kind: forum.Kind(q.choice("kind", streamKinds...))}
	page := q.page()
	if err := q.err(); err != nil {
		return nil, err
	}
	streams, next, err := a.forum.Streams(c.ctx(), c.actor, c.id, query, page)
	return listOf(streams, next, StreamData), err
}

// NewStreamJSON is what a stream is started from.
type NewStreamJSON struct {
	Kind     forum.Kind `json:"kind" enum:"channel,discussion,question,article"`
	Title    string     `json:"title" minLength:"1" maxLength:"200"`
	Body     string     `json:"body" required:"false" maxLength:"20000" doc:"Markdown. It becomes the first post; all kinds but a channel need it."`
	Tags     []string   `json:"tags" required:"false" maxItems:"10"`
	Category string     `json:"category" required:"false" maxLength:"200"`
}

func (a *API) createStream(c *call) (any, error) {
	var in NewStreamJSON
	nonce, err := c.nonce()
	if err != nil {
		return nil, err
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	stream, err := a.forum.Start(c.ctx(), c.actor, c.id, forum.NewStream{
		Kind: in.Kind, Title: in.Title, Body: in.Body, Tags: in.Tags, Category: in.Category, Nonce: nonce,
	})
	if err != nil {
		return nil, err
	}
	c.created("/streams/{}", stream.ID)
	return StreamData(stream), nil
}

func (a *API) getStream(c *call) (any, error) {
	return streamAnswer(a.forum.Stream(c.ctx(), c.actor, c.id))
}

// StreamChangeJSON is what of a stream is to be different.
type StreamChangeJSON struct {
	Title    *string   `json:"title" required:"false" minLength:"1" maxLength:"200"`
	Tags     *[]string `json:"tags" required:"false" maxItems:"10"`
	Category *string   `json:"category" required:"false" maxLength:"200"`
	Pinned   *bool     `json:"pinned" required:"false"`
	Closed   *bool     `json:"closed" required:"false"`
}

func (a *API) changeStream(c *call) (any, error) {
	var in StreamChangeJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return streamAnswer(a.forum.ChangeStream(c.ctx(), c.actor, c.id, forum.StreamChange(in)))
}

// AnswerJSON names the post that answers a question.
type AnswerJSON struct {
	Post *int64 `json:"post" validate:"required" minimum:"1"`
}

func (a *API) acceptAnswer(c *call) (any, error) {
	var in AnswerJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return streamAnswer(a.forum.Accept(c.ctx(), c.actor, c.id, *in.Post))
}

func (a *API) reopenQuestion(c *call) (any, error) {
	_, err := a.forum.Unaccept(c.ctx(), c.actor, c.id)
	return nil, err
}

// SeenJSON says how far somebody has read.
type SeenJSON struct {
	Rev *int64 `json:"rev" validate:"required,min=0" minimum:"0"`
}

func (a *API) markSeen(c *call) (any, error) {
	var in SeenJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if err := a.forum.Seen(c.ctx(), c.actor, c.id, *in.Rev); err != nil {
		return nil, err
	}
	return streamAnswer(a.forum.Stream(c.ctx(), c.actor, c.id))
}

// LevelJSON is what somebody wants to hear of a stream.
type LevelJSON struct {
	Level community.Level `json:"level" validate:"required" enum:"all,mentions,muted"`
}

func (a *API) setLevel(c *call) (any, error) {
	var in LevelJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return streamAnswer(a.forum.SetLevel(c.ctx(), c.actor, c.id, in.Level))
}

func streamAnswer(s forum.Stream, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return StreamData(s), nil
}
