package api

import (
	"context"

	"github.com/go-json-experiment/json"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
)

// Command does what a socket asks for: it reads the whole frame strictly and
// calls the function that the HTTP operation calls. ok becomes the answer.
type Command func(ctx context.Context, actor community.Actor, frame []byte) (ok any, err error)

// Commands are the socket commands of the domain, by name.
func (a *API) Commands() map[string]Command {
	return map[string]Command{
		"post":    a.commandPost,
		"edit":    a.commandEdit,
		"delete":  a.commandDelete,
		"react":   a.commandReact,
		"unreact": a.commandUnreact,
		"seen":    a.commandSeen,
	}
}

// IsWrite reports whether a command counts as a write for the rate of a person.
// Saying how far one has read does not: in a busy channel that would leave no
// room to answer.
func IsWrite(command string) bool {
	switch command {
	case "post", "edit", "delete", "react", "unreact":
		return true
	}
	return false
}

// head is what every frame has.
type head struct {
	ID  *int64 `json:"id"`
	Cmd string `json:"cmd"`
}

// postOK is the answer to what changed a post.
type postOK struct {
	Post PostJSON `json:"post"`
}

func (a *API) commandPost(ctx context.Context, actor community.Actor, frame []byte) (any, error) {
	var in struct {
		head
		Stream      *int64  `json:"stream" validate:"required"`
		Body        string  `json:"body"`
		Nonce       string  `json:"nonce" validate:"required,uuid_rfc4122"`
		Parent      *int64  `json:"parent"`
		Anonymous   bool    `json:"anonymous"`
		Attachments []int64 `json:"attachments"`
	}
	if err := readFrame(frame, &in, func(about target) error {
		return a.forum.May(ctx, actor, community.Write, about.Stream)
	}); err != nil {
		return nil, err
	}
	return postDone(a.forum.Post(ctx, actor, forum.PostInput{
		Stream: *in.Stream, Body: in.Body, Nonce: canonical(in.Nonce), Parent: idOrNone(in.Parent),
		Anonymous: in.Anonymous, Attachments: in.Attachments,
	}))
}

func (a *API) commandEdit(ctx context.Context, actor community.Actor, frame []byte) (any, error) {
	var in struct {
		head
		Post *int64 `json:"post" validate:"required"`
		Body string `json:"body"`
		Rev  *int64 `json:"rev"`
	}
	if err := readFrame(frame, &in, func(about target) error { return a.forum.MayEdit(ctx, actor, about.Post) }); err != nil {
		return nil, err
	}
	return postDone(a.forum.Edit(ctx, actor, *in.Post, forum.EditInput{Body: in.Body, Rev: in.Rev}))
}

func (a *API) commandDelete(ctx context.Context, actor community.Actor, frame []byte) (any, error) {
	var in struct {
		head
		Post *int64 `json:"post" validate:"required"`
	}
	if err := readFrame(frame, &in, nil); err != nil {
		return nil, err
	}
	return postDone(a.forum.Delete(ctx, actor, *in.Post))
}

// reactFrame is both react and unreact.
type reactFrame struct {
	head
	Post  *int64 `json:"post" validate:"required"`
	Emoji string `json:"emoji" validate:"required"`
}

func (a *API) commandReact(ctx context.Context, actor community.Actor, frame []byte) (any, error) {
	var in reactFrame
	if err := readFrame(frame, &in, a.mayReact(ctx, actor)); err != nil {
		return nil, err
	}
	return postDone(a.forum.React(ctx, actor, *in.Post, in.Emoji))
}

func (a *API) commandUnreact(ctx context.Context, actor community.Actor, frame []byte) (any, error) {
	var in reactFrame
	if err := readFrame(frame, &in, a.mayReact(ctx, actor)); err != nil {
		return nil, err
	}
	return postDone(a.forum.Unreact(ctx, actor, *in.Post, in.Emoji))
}

func (a *API) mayReact(ctx context.Context, actor community.Actor) func(target) error {
	return func(about target) error { return a.forum.MayWithPost(ctx, actor, community.Write, about.Post) }
}

func (a *API) commandSeen(ctx context.Context, actor community.Actor, frame []byte) (any, error) {
	var in struct {
		head
		Stream *int64 `json:"stream" validate:"required"`
		Rev    *int64 `json:"rev" validate:"required,min=0"`
	}
	if err := readFrame(frame, &in, func(about target) error {
		return a.forum.May(ctx, actor, community.Follow, about.Stream)
	}); err != nil {
		return nil, err
	}
	return struct{}{}, a.forum.Seen(ctx, actor, *in.Stream, *in.Rev)
}

func postDone(p forum.Post, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return postOK{Post: PostData(p)}, nil
}

// target is what a frame is about.
type target struct {
	Stream int64 `json:"stream"`
	Post   int64 `json:"post"`
}

// readFrame reads a frame strictly. Of one with a value that does not fit,
// somebody hears that only when they may at all: may is asked first, when the
// frame says what it is about.
func readFrame(frame []byte, in any, may func(target) error) error {
	unfit := readJSON(frame, in)
	if unfit == nil || may == nil || !fault.Is(unfit, fault.Invalid) {
		return unfit
	}
	var about target
	if json.Unmarshal(frame, &about) != nil || about == (target{}) {
		return unfit
	}
	if err := may(about); err != nil {
		return err
	}
	return unfit
}
