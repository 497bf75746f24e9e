package hub

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"leerkring/internal/fault"
	"leerkring/internal/strictjson"
)

// commandTime is how long one command may take.
const commandTime = 30 * time.Second

// own are the commands that need to know the connection itself.
var own = map[string]func(*connection, context.Context, int64, []byte) error{
	"subscribe":   (*connection).subscribe,
	"unsubscribe": (*connection).unsubscribe,
	"typing":      (*connection).typing,
	"presence":    (*connection).presence,
	"ping":        (*connection).ping,
}

// do reads one command, does it and answers.
func (c *connection) do(message []byte) {
	c.hub.stats.commands.Add(1)
	e, err := readEnvelope(message)
	if err != nil || e.ID == nil {
		c.refuse(e.ID, badRequest(err))
		return
	}
	ctx, cancel := context.WithTimeout(c.hub.life, commandTime)
	defer cancel()
	if err := c.run(ctx, e, message); err != nil {
		c.refuse(e.ID, err)
	}
}

// run does a command. A panic in it is one refusal, not the end of the program.
func (c *connection) run(ctx context.Context, e envelope, message []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.hub.o.Log.Error("a command panicked", "command", e.Cmd, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fault.Down(fmt.Errorf("panic in %s", e.Cmd))
		}
	}()
	if command, ok := own[e.Cmd]; ok {
		return command(c, ctx, *e.ID, message)
	}
	command, ok := c.hub.o.Commands[e.Cmd]
	if !ok {
		return fault.New(fault.UnknownCommand, "fault.unknown_command", "Command", shortened(e.Cmd))
	}
	result, err := command(ctx, c.identity(), message)
	if err != nil {
		return err
	}
	return c.answer(*e.ID, result)
}

func (c *connection) answer(id int64, ok any) error {
	f, err := answerOK(id, ok)
	if err == nil {
		c.send(f)
	}
	return err
}

func (c *connection) refuse(id *int64, err error) {
	if _, expected := fault.From(err); !expected {
		c.hub.o.Log.Error("a command failed", "error", err)
	}
	c.send(answerRefusal(id, c.hub.o.Presenter.Refusal(err, c.identity())))
}

// badRequest is the fault for what is no command at all.
func badRequest(err error) error {
	what := "id"
	if err != nil {
		what = strictjson.Describe(err)
	}
	return fault.New(fault.BadRequest, "fault.bad_request", "What", what)
}

// read reads a whole command strictly.
func read[T any](message []byte) (T, error) {
	var command struct {
		ID   int64  `json:"id"`
		Cmd  string `json:"cmd"`
		Body T      `json:",embed"`
	}
	err := strictjson.Unmarshal(message, &command)
	if err != nil {
		err = strictjson.Fault(err)
	}
	return command.Body, err
}

type onStream struct {
	Stream *int64 `json:"stream"`
}

func (s onStream) id() (int64, error) {
	if s.Stream == nil {
		return 0, fault.InvalidField("stream", "required")
	}
	return *s.Stream, nil
}

func (c *connection) ping(_ context.Context, id int64, message []byte) error {
	if _, err := read[struct{}](message); err != nil {
		return err
	}
	return c.answer(id, struct{}{})
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// CommandNames lists what a hub with these commands of the domain takes.
func CommandNames(domain map[string]Command) (names []string) {
	for name := range own {
		names = append(names, name)
	}
	for name := range domain {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
