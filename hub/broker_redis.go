package hub

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisBroker carries messages over Redis pub/sub. Nobody who publishes or
// subscribes waits for Redis: messages go into a bounded queue that is emptied
// in pipelines, and when Redis is away they are dropped, since the database has
// everything that matters.
//
// With one Redis there is one lane. A cluster has several, each with its
// channels in one slot, so that the masters share the work (sharded pub/sub,
// Redis 7) and one that is away holds up nothing but its own lanes.
type redisBroker struct{ lanes []*redisLane }

// clusterLanes is how many connections a node has with a cluster: enough to
// spread over its masters.
const clusterLanes = 16

// NewRedisBroker returns a broker over Redis. Channels get the prefix.
func NewRedisBroker(client redis.UniversalClient, prefix string, log *slog.Logger) Broker {
	cluster, sharded := client.(*redis.ClusterClient)
	if !sharded {
		verbs := redisVerbs{
			open:        func(ctx context.Context) *redis.PubSub { return client.Subscribe(ctx) },
			subscribe:   (*redis.PubSub).Subscribe,
			unsubscribe: (*redis.PubSub).Unsubscribe,
			publish:     redis.Pipeliner.Publish,
			lost:        func(context.Context) {},
		}
		b := &redisBroker{[]*redisLane{newRedisLane(client, verbs, prefix, log)}}
		b.Subscribe(controlChannel)
		return b
	}
	verbs := redisVerbs{
		open:        func(ctx context.Context) *redis.PubSub { return cluster.SSubscribe(ctx) },
		subscribe:   (*redis.PubSub).SSubscribe,
		unsubscribe: (*redis.PubSub).SUnsubscribe,
		publish:     redis.Pipeliner.SPublish,
		lost:        cluster.ReloadState, // the slot may have another master now
	}
	b := &redisBroker{}
	for i := range clusterLanes {
		b.lanes = append(b.lanes, newRedisLane(cluster, verbs, fmt.Sprintf("%s{%d}", prefix, i), log))
	}
	b.Subscribe(controlChannel)
	return b
}

func (b *redisBroker) Remote() bool { return true }

func (b *redisBroker) lane(channel string) *redisLane {
	if len(b.lanes) == 1 {
		return b.lanes[0]
	}
	h := fnv.New32a()
	h.Write([]byte(channel))
	return b.lanes[h.Sum32()%uint32(len(b.lanes))]
}

func (b *redisBroker) Publish(channel string, message []byte) {
	b.lane(channel).publish(channel, message)
}
func (b *redisBroker) Subscribe(channel string)   { b.lane(channel).want(channel, true) }
func (b *redisBroker) Unsubscribe(channel string) { b.lane(channel).want(channel, false) }

func (b *redisBroker) Run(ctx context.Context, heard func(string, []byte), resumed func(string)) {
	var work sync.WaitGroup
	for _, l := range b.lanes {
		work.Go(func() { l.send(ctx) })
		work.Go(func() { l.listen(ctx, heard, resumed) })
	}
	work.Wait()
}

// redisVerbs are the commands of plain or of sharded pub/sub.
type redisVerbs struct {
	open                   func(context.Context) *redis.PubSub
	subscribe, unsubscribe func(*redis.PubSub, context.Context, ...string) error
	publish                func(redis.Pipeliner, context.Context, string, any) *redis.IntCmd
	lost                   func(context.Context)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

var errSilent = errors.New("it is open and says nothing")
