package hub

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// redisLane is one connection that listens, and one queue of messages to go out.
type redisLane struct {
	client redis.UniversalClient
	verbs  redisVerbs
	prefix string
	log    *slog.Logger

	outgoing chan redisMessage
	// probe is a channel of our own: what we send there must come back, or the
	// connection is open and dead. It takes no place in the queue.
	probe    string
	probeDue chan struct{}
	// heard is when something last came back, in nanoseconds since began.
	heard atomic.Int64
	began time.Time

	mu     sync.Mutex
	wanted map[string]bool
	moved  map[string]bool // channels that began or ceased to be wanted
	wake   chan struct{}
}

type redisMessage struct {
	channel string
	payload []byte
	at      time.Time
}

const (
	// outgoingMax is how many messages wait for Redis before they are dropped,
	// and outgoingTime for how long they are worth sending.
	outgoingMax  = 4096
	outgoingTime = 2 * time.Second
	// pipelineMax is how many are sent in one go.
	pipelineMax = 512
	// sendTime is how long Redis may take to take them.
	sendTime = 2 * time.Second
	// probeEvery is how often the probe is sent, probePatience how long it may
	// stay away.
	probeEvery    = 3 * time.Second
	probePatience = 9 * time.Second
	redisPause    = 500 * time.Millisecond
)

func newRedisLane(client redis.UniversalClient, verbs redisVerbs, prefix string, log *slog.Logger) *redisLane {
	return &redisLane{
		client: client, verbs: verbs, prefix: prefix, log: log,
		outgoing: make(chan redisMessage, outgoingMax),
		probe:    "probe:" + uuid.NewString(), probeDue: make(chan struct{}, 1), began: time.Now(),
		wanted: map[string]bool{}, moved: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

func (l *redisLane) publish(channel string, payload []byte) {
	select {
	case l.outgoing <- redisMessage{channel, payload, time.Now()}:
	default: // Redis is away or behind; the others find it in the database
	}
}

func (l *redisLane) want(channel string, wanted bool) {
	l.mu.Lock()
	if wanted {
		l.wanted[channel] = true
	} else {
		delete(l.wanted, channel)
	}
	l.moved[channel] = true
	l.mu.Unlock()
	stir(l.wake)
}

func stir(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// send empties the queue, as much at a time as there is.
func (l *redisLane) send(ctx context.Context) {
	failing := false
	for {
		pipe := l.client.Pipeline()
		select {
		case <-ctx.Done():
			return
		case <-l.probeDue:
			l.verbs.publish(pipe, ctx, l.prefix+l.probe, "")
		case m := <-l.outgoing:
			l.add(ctx, pipe, m)
		}
		for pipe.Len() < pipelineMax && len(l.outgoing) > 0 {
			l.add(ctx, pipe, <-l.outgoing)
		}
		if pipe.Len() == 0 {
			continue
		}
		err := l.exec(ctx, pipe)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if !failing {
				l.log.Warn("messages cannot be handed to Redis; the other nodes find them in the database", "error", err)
			}
			sleep(ctx, redisPause)
		}
		failing = err != nil
	}
}

// add puts a message in the pipeline, unless it has waited too long to be news.
func (l *redisLane) add(ctx context.Context, pipe redis.Pipeliner, m redisMessage) {
	if time.Since(m.at) < outgoingTime {
		l.verbs.publish(pipe, ctx, l.prefix+m.channel, m.payload)
	}
}

func (l *redisLane) exec(ctx context.Context, pipe redis.Pipeliner) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	_, err := pipe.Exec(ctx)
	return err
}

// listen hears what the others say until ctx ends, on one connection after
// another.
func (l *redisLane) listen(ctx context.Context, heard func(string, []byte), resumed func(string)) {
	failing := false
	for ctx.Err() == nil {
		began := time.Now()
		err := l.hear(ctx, heard, resumed)
		if ctx.Err() != nil {
			return
		}
		if !failing || time.Since(began) > probePatience {
			l.log.Warn("the connection to Redis was lost; will try again", "error", err)
		}
		failing = true
		l.verbs.lost(ctx)
		sleep(ctx, redisPause)
	}
}

// hear hears one connection to its end.
func (l *redisLane) hear(ctx context.Context, heard func(string, []byte), resumed func(string)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pubsub := l.verbs.open(ctx)
	defer pubsub.Close()
	asked := l.everything()
	l.back()
	if err := l.verbs.subscribe(pubsub, ctx, l.named(asked)...); err != nil {
		return err
	}
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel(nil)
	work.Go(func() {
		cancel(l.look(ctx, pubsub, asked))
		pubsub.Close() // ends Receive below
	})
	for {
		message, err := pubsub.Receive(ctx)
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		l.back()
		switch m := message.(type) {
		case *redis.Message:
			if channel := strings.TrimPrefix(m.Channel, l.prefix); channel != l.probe {
				heard(channel, []byte(m.Payload))
			}
		case *redis.Subscription:
			channel := strings.TrimPrefix(m.Channel, l.prefix)
			switch m.Kind {
			case "subscribe", "ssubscribe": // from here on we hear; what was said before is in the database
				if channel != l.probe {
					resumed(channel)
				}
			case "sunsubscribe":
				if l.wants(channel) { // nobody asked: the slot has moved to another master
					return errMoved
				}
			}
		}
	}
}

var errMoved = errors.New("the channels have moved to another master")

// everything is what a new connection subscribes to.
func (l *redisLane) everything() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.moved)
	asked := map[string]bool{l.probe: true}
	for channel := range l.wanted {
		asked[channel] = true
	}
	return asked
}

func (l *redisLane) wants(channel string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted[channel]
}

// named are channels as Redis knows them.
func (l *redisLane) named(channels map[string]bool) []string {
	names := make([]string, 0, len(channels))
	for channel := range channels {
		names = append(names, l.prefix+channel)
	}
	return names
}

// look subscribes and unsubscribes as the node wants, and probes the connection
// by sending itself something. It returns why the connection is of no use any
// more.
func (l *redisLane) look(ctx context.Context, pubsub *redis.PubSub, asked map[string]bool) error {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
			if err := l.follow(ctx, pubsub, asked); err != nil {
				return err
			}
		case <-ticker.C:
			if l.silence() > probePatience {
				return errSilent
			}
			stir(l.probeDue)
		}
	}
}

// follow subscribes to what has come to be wanted since, and unsubscribes from
// what no longer is.
func (l *redisLane) follow(ctx context.Context, pubsub *redis.PubSub, asked map[string]bool) error {
	on, off := map[string]bool{}, map[string]bool{}
	l.mu.Lock()
	for channel := range l.moved {
		switch wanted := l.wanted[channel]; {
		case wanted && !asked[channel]:
			on[channel], asked[channel] = true, true
		case !wanted && asked[channel]:
			off[channel] = true
			delete(asked, channel)
		}
	}
	clear(l.moved)
	l.mu.Unlock()
	if len(off) > 0 {
		if err := l.verbs.unsubscribe(pubsub, ctx, l.named(off)...); err != nil {
			return err
		}
	}
	if len(on) > 0 {
		return l.verbs.subscribe(pubsub, ctx, l.named(on)...)
	}
	return nil
}

// back notes that something came; silence is how long ago that was.
func (l *redisLane) back() { l.heard.Store(int64(time.Since(l.began))) }
func (l *redisLane) silence() time.Duration {
	return time.Since(l.began) - time.Duration(l.heard.Load())
}
