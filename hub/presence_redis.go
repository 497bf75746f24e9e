package hub

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// redisPresence keeps, per stream, a sorted set of "person node" with the moment
// at which it lapses. Moments are Redis's own, so the nodes' clocks do not
// matter.
type redisPresence struct {
	client redis.UniversalClient
	prefix string
	node   string
}

// presenceLapse is how long somebody stays present whose node says nothing more.
const presenceLapse = 75 * time.Second

// NewRedisPresence returns the presence of a node, kept in Redis.
func NewRedisPresence(client redis.UniversalClient, prefix string) Presence {
	return &redisPresence{client: client, prefix: prefix, node: uuid.NewString()}
}

func (p *redisPresence) key(stream int64) string {
	return p.prefix + "presence:" + strconv.FormatInt(stream, 10)
}

func (p *redisPresence) member(person int64) string {
	return strconv.FormatInt(person, 10) + " " + p.node
}

// Each script first drops what has lapsed. KEYS[1] is the set.

// enterScript: ARGV are the lapse in ms, and the members. Of each it answers
// whether the person was nowhere before.
var enterScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local there = {}
if #ARGV == 2 then
  for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do there[string.match(m, '^%d+')] = true end
end
local first = 0
for i = 2, #ARGV do
  if not there[string.match(ARGV[i], '^%d+')] then first = 1 end
  redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return first`)

// leaveScript: ARGV is the member. It answers whether the person is nowhere now.
var leaveScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
local person = string.match(ARGV[1], '^%d+')
for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.match(m, '^%d+') == person then return 0 end
end
return 1`)

// peopleScript answers who is there.
var peopleScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')`)

func (p *redisPresence) Enter(ctx context.Context, stream, person int64) (first bool, err error) {
	n, err := enterScript.Run(ctx, p.client, []string{p.key(stream)}, presenceLapse.Milliseconds(), p.member(person)).Int()
	return n == 1, err
}

func (p *redisPresence) Leave(ctx context.Context, stream, person int64) (last bool, err error) {
	n, err := leaveScript.Run(ctx, p.client, []string{p.key(stream)}, p.member(person)).Int()
	return n == 1, err
}

// renewChunk is how many people one call renews.
const renewChunk = 500

func (p *redisPresence) Renew(ctx context.Context, here map[int64][]int64) error {
	for stream, people := range here {
		for len(people) > 0 {
			n := min(len(people), renewChunk)
			args := []any{presenceLapse.Milliseconds()}
			for _, person := range people[:n] {
				args = append(args, p.member(person))
			}
			if err := enterScript.Run(ctx, p.client, []string{p.key(stream)}, args...).Err(); err != nil {
				return err
			}
			people = people[n:]
		}
	}
	return nil
}

func (p *redisPresence) People(ctx context.Context, stream int64) (people []int64, err error) {
	members, err := peopleScript.Run(ctx, p.client, []string{p.key(stream)}).StringSlice()
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		id, _, _ := strings.Cut(m, " ")
		if person, err := strconv.ParseInt(id, 10, 64); err == nil {
			people = append(people, person)
		}
	}
	return people, nil
}
