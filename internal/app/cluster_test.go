package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"leerkring/forum"
	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// Two nodes over a Redis cluster: what happens in any stream goes over the
// master whose slot it is in, a master that dies takes nothing with it, and when
// slots move, so do the channels.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	masters := testkit.RedisCluster(t)
	var addresses []string
	for _, m := range masters {
		addresses = append(addresses, "redis://"+m.Address())
	}
	settings := []string{
		"LEERKRING_DATABASE=" + testkit.PostgreSQLAddress(t), "LEERKRING_REDIS=" + strings.Join(addresses, ","), "LEERKRING_REDIS_PREFIX=proef:",
	}
	// Comparing with the database would hide what the cluster does not carry.
	pace := hub.Pace{Compare: time.Hour, Access: time.Hour, Hold: time.Hour, Refresh: 500 * time.Millisecond, Lapse: 3 * time.Second}
	first, last := startNodeAt(t, pace, settings...), startNodeAt(t, pace, settings...)

	r := makeRoom(t, first)
	anna, bram := first.connect(r.anna), last.connect(r.bram)
	streams := []int64{r.stream.ID}
	for range 40 { // enough for every master to have some
		made, err := first.Forum.Start(ctx, r.manager.Actor, r.space.ID, forum.NewStream{Kind: forum.Channel, Title: "Nog een"})
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, made.ID)
	}
	for _, stream := range streams {
		anna.OK(map[string]any{"cmd": "subscribe", "stream": stream}, nil)
		bram.OK(map[string]any{"cmd": "subscribe", "stream": stream}, nil)
	}
	for _, stream := range streams {
		carried(t, first, r, stream, bram)
		carried(t, last, r, stream, anna)
	}
	anna.Present(streams[7], r.anna.Person, r.bram.Person)
	bram.Present(streams[7], r.anna.Person, r.bram.Person)
	shared(t, masters, len(streams))

	// The control channel goes over one of them, too.
	if err := first.Community.RemoveMember(ctx, r.manager.Actor, r.space.ID, r.bram.Person); err != nil {
		t.Fatal(err)
	}
	bram.Wait("revoked", nil)
	if _, err := first.Community.PutMember(ctx, r.manager.Actor, r.space.ID, r.bram.Person, ""); err != nil {
		t.Fatal(err)
	}
	for _, stream := range streams {
		bram.OK(map[string]any{"cmd": "subscribe", "stream": stream}, nil)
	}

	// One master dies and comes back: meanwhile the others carry on, and after
	// it nothing is missing.
	masters[1].Stop()
	for _, stream := range streams {
		if _, err := first.Forum.Post(ctx, r.manager.Actor, forum.PostInput{Stream: stream, Body: "zonder de tweede"}); err != nil {
			t.Fatal(err)
		}
	}
	masters[1].Start()
	for _, stream := range streams {
		carried(t, first, r, stream, bram)
	}
	move(t, masters, 16)
	for _, stream := range streams {
		carried(t, last, r, stream, anna)
		carried(t, first, r, stream, bram)
	}
	if log := first.log.String() + last.log.String(); strings.Contains(log, "CROSSSLOT") || !strings.Contains(log, "moved to another master") {
		t.Errorf("the slots did not move, or were taken together:\n%s", log)
	}
}

// carried posts on one node until a listener on the other has it: a subscription
// may have to be made anew first.
func carried(t *testing.T, n *node, r room, stream int64, listener *hubtest.Client) {
	t.Helper()
	deadline := time.Now().Add(2 * hubtest.Patience)
	for time.Now().Before(deadline) {
		post, err := n.Forum.Post(ctx, r.manager.Actor, forum.PostInput{Stream: stream, Body: "over het cluster"})
		if err != nil {
			t.Fatal(err)
		}
		if listener.WaitFor(500*time.Millisecond, func(m hubtest.Message) bool { return m.Stream == stream && m.Rev == post.Rev }) {
			return
		}
	}
	t.Fatalf("stream %d is not carried\n%s", stream, n.log)
}

// shared makes sure that every master has channels of both nodes.
func shared(t *testing.T, masters []*testkit.RedisServer, streams int) {
	t.Helper()
	total := 0
	for i, m := range masters {
		client := redis.NewClient(&redis.Options{Addr: m.Address()})
		channels, err := client.PubSubShardChannels(ctx, "proef:*stream:*").Result()
		client.Close()
		if err != nil || len(channels) < 3 {
			t.Errorf("master %d has channels %v, %v", i, channels, err)
		}
		total += len(channels)
	}
	if total != streams {
		t.Errorf("the masters have %d channels for %d streams", total, streams)
	}
}

// move gives the slots of all lanes to the first master.
func move(t *testing.T, masters []*testkit.RedisServer, lanes int) {
	t.Helper()
	var clients []*redis.Client
	var ids []string
	for _, m := range masters {
		c := redis.NewClient(&redis.Options{Addr: m.Address()})
		defer c.Close()
		id, err := c.Do(ctx, "CLUSTER", "MYID").Text()
		if err != nil {
			t.Fatal(err)
		}
		clients, ids = append(clients, c), append(ids, id)
	}
	for lane := range lanes {
		slot, err := clients[0].ClusterKeySlot(ctx, fmt.Sprintf("{%d}", lane)).Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range clients {
			if err := c.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", ids[0]).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The first must be known to be newer, or the others take the slots back.
	if err := clients[0].Do(context.Background(), "CLUSTER", "BUMPEPOCH").Err(); err != nil {
		t.Fatal(err)
	}
}
