package hub

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// redisPresence keeps, per stream, a set of "node person", and in one sorted set
// until when each node lives. What a beat costs does not grow with the people.
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
			pipe.SRem(ctx, p.key(first.Stream), members...)
			continue
		}
		pipe.SAdd(ctx, p.key(first.Stream), members...)
		pipe.Expire(ctx, p.key(first.Stream), presenceKept)
	}
	_, err := pipe.Exec(ctx)
	return err
}

func (p *redisPresence) Look(ctx context.Context, streams []int64) (map[int64][]Present, error) {
	pipe := p.client.Pipeline()
	members := make([]*redis.StringSliceCmd, len(streams))
	for i, stream := range streams {
		members[i] = pipe.SMembers(ctx, p.key(stream))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	found := make(map[int64][]Present, len(streams))
	for i, stream := range streams {
		for _, m := range members[i].Val() {
			id, person, _ := strings.Cut(m, " ")
			node, err := uuid.Parse(id)
			number, err2 := strconv.ParseInt(person, 10, 64)
			if err == nil && err2 == nil {
				found[stream] = append(found[stream], Present{node, number})
			}
		}
	}
	return found, nil
}

// beatScript: KEYS[1] is the sorted set; ARGV are the node and the lapse in ms.
// Moments are Redis's own, so the nodes' clocks do not matter. It answers whether
// the node was there, and who is.
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
