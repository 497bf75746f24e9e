package notify

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"leerkring/community"
	"leerkring/forum"
)

// LiveUnread keeps the counts on open pages right: when something is posted it
// counts anew, for those members who have a connection to this node, and tells
// each whose count is another one. It counts a stream once for all that was
// posted in it meanwhile, and takes a small share of a processor at most: in a
// busy moment counts come later, not slower posts.
type LiveUnread struct {
	o LiveUnreadOptions

	mu   sync.Mutex
	here map[int64]int64 // stream → space, changed on this node
	away map[int64]int64 // the same, told by other nodes
	seen []seen
	told map[seen]counts
	wake chan struct{}
}

// LiveUnreadOptions is what a LiveUnread is made from. All is needed.
type LiveUnreadOptions struct {
	Forum     *forum.Forum
	Community *community.Community
	Log       *slog.Logger
	// Connected returns which of these people have a connection to this node.
	Connected func(people []int64) []int64
	// Tell sends a count to a person's connections on this node, TellAll to
	// those on all nodes.
	Tell    func(person int64, u forum.StreamUnread)
	TellAll func(person int64, u forum.StreamUnread)
	// Share passes on to the other nodes what changed here; they call Heard.
	Share func(payload []byte)
}

// NewLiveUnread returns a LiveUnread; [LiveUnread.Run] makes it work.
func NewLiveUnread(o LiveUnreadOptions) *LiveUnread {
	return &LiveUnread{
		o: o, here: map[int64]int64{}, away: map[int64]int64{}, told: map[seen]counts{}, wake: make(chan struct{}, 1),
	}
}

type seen struct{ person, stream int64 }

type counts struct{ unread, mentions int }

const (
	// unreadPause is the shortest time between two counts.
	unreadPause = 50 * time.Millisecond
	// unreadShare: after counting for some time, rest this many times as long.
	unreadShare = 20
	// toldMax bounds what is remembered of what was told.
	toldMax = 100_000
)

// Changed says that something was posted or deleted on this node.
func (l *LiveUnread) Changed(stream, space int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.here[stream] = space
	l.look()
}

// Heard takes what another node shared.
func (l *LiveUnread) Heard(payload []byte) {
	var changed map[int64]int64
	if err := json.Unmarshal(payload, &changed); err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream, space := range changed {
		l.away[stream] = space
	}
	l.look()
}

// Seen says that a person read a stream, or hears it differently: all their
// devices get the new count, at once.
func (l *LiveUnread) Seen(person, stream int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, seen{person, stream})
	l.look()
}

func (l *LiveUnread) look() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run counts and tells until ctx ends.
func (l *LiveUnread) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		began := time.Now()
		l.turn(ctx)
		rest := max(unreadPause, unreadShare*time.Since(began))
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}

// turn counts everything that changed since the last turn.
func (l *LiveUnread) turn(ctx context.Context) {
	l.mu.Lock()
	here, away, read := l.here, l.away, l.seen
	l.here, l.away, l.seen = map[int64]int64{}, map[int64]int64{}, nil
	l.mu.Unlock()
	if len(here) > 0 {
		if payload, err := json.Marshal(here); err == nil {
			l.o.Share(payload)
		}
	}
	for _, s := range read {
		l.tellReader(ctx, s)
	}
	for stream, space := range here {
		away[stream] = space
	}
	for stream, space := range away {
		l.tellMembers(ctx, stream, space)
	}
}

func (l *LiveUnread) tellReader(ctx context.Context, s seen) {
	found, err := l.o.Forum.UnreadOf(ctx, s.stream, []int64{s.person})
	if err != nil {
		l.trouble(ctx, err)
		return
	}
	u := forum.StreamUnread{StreamID: s.stream, PersonID: s.person}
	if len(found) > 0 {
		u = found[0]
	}
	l.remember(s, counts{u.Unread, u.Mentions})
	l.o.TellAll(s.person, u)
}

func (l *LiveUnread) tellMembers(ctx context.Context, stream, space int64) {
	members, err := l.o.Community.Audience(ctx, space)
	if err != nil {
		l.trouble(ctx, err)
		return
	}
	people := l.o.Connected(members)
	if len(people) == 0 {
		return
	}
	found, err := l.o.Forum.UnreadOf(ctx, stream, people)
	if err != nil {
		l.trouble(ctx, err)
		return
	}
	unread := make(map[int64]forum.StreamUnread, len(found))
	for _, u := range found {
		unread[u.PersonID] = u
	}
	for _, person := range people {
		u := unread[person]
		u.StreamID, u.SpaceID, u.PersonID = stream, space, person
		if l.remember(seen{person, stream}, counts{u.Unread, u.Mentions}) {
			l.o.Tell(person, u)
		}
	}
}

// remember notes what is told, and reports whether it is news. That there is
// nothing is no news to somebody who was told of nothing.
func (l *LiveUnread) remember(s seen, now counts) (news bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	news = l.told[s] != now
	if now == (counts{}) {
		delete(l.told, s)
		return news
	}
	if len(l.told) >= toldMax {
		clear(l.told)
	}
	l.told[s] = now
	return news
}

func (l *LiveUnread) trouble(ctx context.Context, err error) {
	if ctx.Err() == nil {
		l.o.Log.Warn("unread counts cannot be read", "error", err)
	}
}
