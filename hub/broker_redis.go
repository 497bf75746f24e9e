package hub

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// redisBroker carries messages over Redis pub/sub. Nobody who publishes or
// subscribes waits for Redis: messages go into a bounded queue that is emptied
// in pipelines, and when Redis is away they are dropped, since the database has
// everything that matters.
type redisBroker struct {
	client redis.UniversalClient
	prefix string
	log    *slog.Logger
	// probeChannel is ours alone: what we send there must come back, or the
	// connection is open and dead.
	probeChannel string

	outgoing chan redisMessage

	mu     sync.Mutex
	wanted map[string]bool
	steps  []redisStep
	wake   chan struct{}
}

type redisMessage struct {
	channel string
	payload []byte
}

type redisStep struct {
	channel   string
	subscribe bool
}

const (
	// outgoingMax is how many messages wait for Redis before they are dropped.
	outgoingMax = 4096
	// pipelineMax is how many are sent in one go.
	pipelineMax = 512
	// probeEvery is how often the probe is sent, probePatience how long it may
	// stay away.
	probeEvery    = 3 * time.Second
	probePatience = 10 * time.Second
	redisPause    = 500 * time.Millisecond
)

// NewRedisBroker returns a broker over Redis. Channels get the prefix.
func NewRedisBroker(client redis.UniversalClient, prefix string, log *slog.Logger) Broker {
	return &redisBroker{
		client: client, prefix: prefix, log: log,
		probeChannel: prefix + "probe:" + uuid.NewString(),
		outgoing:     make(chan redisMessage, outgoingMax),
		wanted:       map[string]bool{controlChannel: true},
		wake:         make(chan struct{}, 1),
	}
}

func (b *redisBroker) Remote() bool { return true }

func (b *redisBroker) Publish(channel string, message []byte) {
	select {
	case b.outgoing <- redisMessage{b.prefix + channel, message}:
	default: // Redis is away or behind; the others find it in the database
	}
}

func (b *redisBroker) Subscribe(channel string)   { b.step(channel, true) }
func (b *redisBroker) Unsubscribe(channel string) { b.step(channel, false) }

func (b *redisBroker) step(channel string, subscribe bool) {
	b.mu.Lock()
	if subscribe {
		b.wanted[channel] = true
	} else {
		delete(b.wanted, channel)
	}
	b.steps = append(b.steps, redisStep{channel, subscribe})
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *redisBroker) Run(ctx context.Context, heard func(string, []byte), resumed func(string)) {
	var wg sync.WaitGroup
	wg.Go(func() { b.send(ctx) })
	for ctx.Err() == nil {
		err := b.listen(ctx, heard, resumed)
		if ctx.Err() == nil {
			b.log.Warn("the connection to Redis was lost; will try again", "error", err)
			sleep(ctx, redisPause)
		}
	}
	wg.Wait()
}

// send empties the queue, as much at a time as there is.
func (b *redisBroker) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-b.outgoing:
			pipe := b.client.Pipeline()
			pipe.Publish(ctx, m.channel, m.payload)
			for pipe.Len() < pipelineMax && len(b.outgoing) > 0 {
				m = <-b.outgoing
				pipe.Publish(ctx, m.channel, m.payload)
			}
			if _, err := pipe.Exec(ctx); err != nil && ctx.Err() == nil {
				b.log.Warn("messages could not be handed to Redis", "error", err)
				sleep(ctx, redisPause)
			}
		}
	}
}

// listen hears one connection to its end.
func (b *redisBroker) listen(ctx context.Context, heard func(string, []byte), resumed func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pubsub := b.client.Subscribe(ctx)
	defer pubsub.Close()
	if err := pubsub.Subscribe(ctx, b.everythingWanted()...); err != nil {
		return err
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	probe := newProbe()
	wg.Go(func() {
		b.look(ctx, pubsub, probe)
		pubsub.Close() // ends Receive below
	})
	for {
		message, err := pubsub.Receive(ctx)
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *redis.Message:
			if m.Channel == b.probeChannel {
				probe.back()
				continue
			}
			heard(strings.TrimPrefix(m.Channel, b.prefix), []byte(m.Payload))
		case *redis.Subscription:
			// From here on we hear; what was said before is in the database.
			if m.Kind == "subscribe" {
				probe.back()
				resumed(strings.TrimPrefix(m.Channel, b.prefix))
			}
		}
	}
}

// everythingWanted starts a connection's subscriptions from scratch.
func (b *redisBroker) everythingWanted() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps = nil
	channels := []string{b.probeChannel}
	for channel := range b.wanted {
		channels = append(channels, b.prefix+channel)
	}
	return channels
}

// look subscribes and unsubscribes as the node wants, and probes the
// connection by sending itself something.
func (b *redisBroker) look(ctx context.Context, pubsub *redis.PubSub, probe *probe) {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
			if err := b.follow(ctx, pubsub); err != nil {
				return
			}
		case <-ticker.C:
			if probe.age() > probePatience {
				b.log.Warn("Redis is silent", "seconds", int(probe.age().Seconds()))
				return
			}
			select {
			case b.outgoing <- redisMessage{b.probeChannel, nil}:
			default:
			}
		}
	}
}

// follow does the steps that wait, each run of equal ones in one go.
func (b *redisBroker) follow(ctx context.Context, pubsub *redis.PubSub) error {
	b.mu.Lock()
	steps := b.steps
	b.steps = nil
	b.mu.Unlock()
	for len(steps) > 0 {
		kind, channels := steps[0].subscribe, []string(nil)
		for len(steps) > 0 && steps[0].subscribe == kind {
			channels = append(channels, b.prefix+steps[0].channel)
			steps = steps[1:]
		}
		do := pubsub.Unsubscribe
		if kind {
			do = pubsub.Subscribe
		}
		if err := do(ctx, channels...); err != nil {
			return err
		}
	}
	return nil
}

// probe remembers when something last came back.
type probe struct {
	mu   sync.Mutex
	last time.Time
}

func newProbe() *probe { return &probe{last: time.Now()} }

func (p *probe) back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
}

func (p *probe) age() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
