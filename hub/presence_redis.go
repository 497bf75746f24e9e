package hub

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// redisPresence keeps, per stream, a sorted set of "node person" by when they
// came, and in one more until when each node lives. What a beat costs does not
// grow with the people. Moments are Redis's own, so the nodes' clocks do not
// matter.
type redisPresence struct {
	client redis.UniversalClient
	prefix string
}

// presenceKept is how long a set stays that nobody touches: nodes note what is
// theirs anew more often than that.
const presenceKept = time.Hour

// NewRedisPresence returns the place in Redis where all nodes with this prefix
// note who is where.
func NewRedisPresence(client redis.UniversalClient, prefix string) Presence {
	return &redisPresence{client, prefix}
}

func (p *redisPresence) key(stream int64) string {
	return p.prefix + "here:" + strconv.FormatInt(stream, 10)
}

func (p *redisPresence) Note(ctx context.Context, node uuid.UUID, steps []PresenceStep) error {
	pipe := p.client.Pipeline()
	for len(steps) > 0 {
		first, members := steps[0], []any(nil)
		for len(steps) > 0 && steps[0].Stream == first.Stream && steps[0].Left == first.Left {
			members = append(members, node.String()+" "+strconv.FormatInt(steps[0].Person, 10))
			steps = steps[1:]
		}
		if first.Left {
			pipe.ZRem(ctx, p.key(first.Stream), members...)
			continue
		}
		pipe.Eval(ctx, enterScript, []string{p.key(first.Stream)}, append([]any{presenceKept.Milliseconds()}, members...)...)
	}
	_, err := pipe.Exec(ctx)
	return err
}

func (p *redisPresence) Look(ctx context.Context, streams []int64) (map[int64][]Found, error) {
	pipe := p.client.Pipeline()
	answers := make([]*redis.Cmd, len(streams))
	for i, stream := range streams {
		answers[i] = pipe.Eval(ctx, lookScript, []string{p.key(stream)})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	found := make(map[int64][]Found, len(streams))
	for i, stream := range streams {
		words, err := answers[i].StringSlice()
		if err != nil {
			return nil, err
		}
		for pair := range slices.Chunk(words, 2) {
			if f, ok := readFound(pair[0], pair[1]); ok {
				found[stream] = append(found[stream], f)
			}
		}
	}
	return found, nil
}

// readFound reads a member of the set, and how long it has been there, in ms.
func readFound(member, ago string) (f Found, ok bool) {
	id, person, _ := strings.Cut(member, " ")
	node, err := uuid.Parse(id)
	number, err2 := strconv.ParseInt(person, 10, 64)
	ms, err3 := strconv.ParseInt(ago, 10, 64)
	return Found{Present{node, number}, time.Duration(ms) * time.Millisecond}, err == nil && err2 == nil && err3 == nil
}

// enterScript: KEYS[1] is the set of a stream, ARGV how long it is kept, in ms,
// and the members. Who is there already keeps the moment at which they came.
const enterScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], 'NX', now, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0`

// lookScript answers the members of KEYS[1], each with how long ago it came.
const lookScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #found, 2 do found[i] = string.format('%d', now - found[i]) end
return found`

// beatScript: KEYS[1] is the sorted set; ARGV are the node and the lapse in ms.
// It answers whether the node was there, and who is.
var beatScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)
local was = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 'there' or 'new'
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
local alive = redis.call('ZRANGE', KEYS[1], 0, -1)
table.insert(alive, 1, was)
return alive`)

func (p *redisPresence) Beat(ctx context.Context, node uuid.UUID, lapse time.Duration) (alive []uuid.UUID, forgotten bool, err error) {
	answer, err := beatScript.Run(ctx, p.client, []string{p.prefix + "nodes"}, node.String(), lapse.Milliseconds()).StringSlice()
	if err != nil {
		return nil, false, err
	}
	for _, id := range answer[1:] {
		if n, err := uuid.Parse(id); err == nil {
			alive = append(alive, n)
		}
	}
	return alive, answer[0] == "new", nil
}
