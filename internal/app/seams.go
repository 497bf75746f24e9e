package app

import (
	"context"
	"net/http"
	"time"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
	"leerkring/hub"
	"leerkring/internal/clock"
	"leerkring/internal/fault"
	"leerkring/internal/rate"
)

// The hub's seams, filled from the domain.

// gate lets people in and says what they may hear.
type gate struct {
	community *community.Community
	journal   *community.AccessJournal
	clock     *clock.Clock
}

func (g gate) Identify(r *http.Request) (hub.Identity, error) {
	actor, err := g.community.Identify(r)
	if err != nil {
		return hub.Identity{}, err
	}
	return g.identity(actor), community.MayRead(actor)
}

func (g gate) Again(ctx context.Context, who hub.Identity) (hub.Identity, error) {
	actor, err := g.community.Again(ctx, actorOf(who).Credential)
	return g.identity(actor), err
}

func (g gate) Ended(ctx context.Context, who []hub.Identity) ([]bool, error) {
	credentials := make([]community.Credential, len(who))
	for i, w := range who {
		credentials[i] = actorOf(w).Credential
	}
	over, err := g.community.Ended(ctx, credentials)
	if err != nil {
		return nil, err
	}
	ended := make([]bool, len(who))
	for i, c := range credentials {
		ended[i] = over[c]
	}
	return ended, nil
}

func (g gate) MayListen(ctx context.Context, who hub.Identity, stream int64) error {
	_, err := g.community.MayListen(ctx, actorOf(who), stream)
	return err
}

func (g gate) Listeners(ctx context.Context, people, streams []int64) (map[hub.Listening]bool, error) {
	pairs, err := g.community.Listeners(ctx, people, streams)
	if err != nil {
		return nil, err
	}
	may := make(map[hub.Listening]bool, len(pairs))
	for _, p := range pairs {
		may[hub.Listening{Person: p.PersonID, Stream: p.StreamID}] = true
	}
	return may, nil
}

func (g gate) Audience(ctx context.Context, space int64) ([]int64, error) {
	return g.community.Audience(ctx, space)
}

func (g gate) AccessChanges(ctx context.Context) ([]int64, error) { return g.journal.Changed(ctx) }

func (g gate) identity(actor community.Actor) hub.Identity {
	who := hub.Identity{
		Person: actor.Person, Language: actor.Language, ByCookie: actor.Credential.Session != "", Actor: actor,
	}
	if !actor.Until.IsZero() {
		who.Until = time.Now().Add(actor.Until.Sub(g.clock.Now())) // the hub's timers know no other clock
	}
	return who
}

func actorOf(who hub.Identity) community.Actor { return who.Actor.(community.Actor) }

// source is where the streams stand.
type source struct{ forum *forum.Forum }

func (s source) Open(ctx context.Context, who hub.Identity, stream int64, since *int64) (hub.Opening, error) {
	if since == nil {
		rev, err := s.forum.Rev(ctx, actorOf(who), stream)
		return hub.Opening{Rev: rev}, err
	}
	c, err := s.forum.Since(ctx, actorOf(who), stream, *since)
	if err != nil {
		return hub.Opening{}, err
	}
	o := hub.Opening{Rev: c.Rev, Reset: c.Reset}
	for i := range c.Posts {
		o.Changes = append(o.Changes, hub.Change{Stream: stream, Rev: c.Posts[i].Rev, Data: &c.Posts[i]})
	}
	if c.Stream != nil {
		o.Extra = map[string]any{"stream": api.StreamData(*c.Stream)}
	}
	return o, nil
}

func (s source) Since(ctx context.Context, stream, since int64, limit int) ([]hub.Change, error) {
	changes, err := s.forum.ChangesSince(ctx, stream, since, limit)
	out := make([]hub.Change, len(changes))
	for i, c := range changes {
		out[i] = hubChange(c)
	}
	return out, err
}

func (s source) Revs(ctx context.Context, streams []int64) (map[int64]int64, error) {
	return s.forum.Revs(ctx, streams)
}

func hubChange(c forum.Change) hub.Change {
	h := hub.Change{Stream: c.StreamID, Rev: c.Rev, Event: string(c.Event), Data: c.Post}
	if c.Post == nil {
		h.Data = c.Stream
	}
	return h
}

// presenter writes changes down, in the shapes of the API and of the pages.
type presenter struct {
	fragment func(post *forum.Post) (string, error)
}

func (p presenter) JSON(c hub.Change) ([]byte, error) {
	if post, ok := c.Data.(*forum.Post); ok {
		return api.EncodePost(*post)
	}
	return api.EncodeStream(*c.Data.(*forum.Stream))
}

func (p presenter) Fragment(c hub.Change) (string, error) {
	if post, ok := c.Data.(*forum.Post); ok {
		return p.fragment(post)
	}
	return "", nil // a page shows a changed stream by its data
}

func (p presenter) Refusal(err error, who hub.Identity) hub.Refusal {
	code, message, field := api.FaultJSON(err, who.Language)
	return hub.Refusal{Code: code, Message: message, Field: field}
}

// commands are those of the API, held to its pace.
func commands(a *api.API, limiter *rate.Writers) map[string]hub.Command {
	table := map[string]hub.Command{}
	for name, command := range a.Commands() {
		table[name] = func(ctx context.Context, who hub.Identity, frame []byte) (any, error) {
			if api.IsWrite(name) {
				if wait, ok := limiter.Allow(who.Person); !ok {
					return nil, fault.TooFast(wait)
				}
			}
			return command(ctx, actorOf(who), frame)
		}
	}
	return table
}
