package testkit

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is how many there are in a cluster.
const slots = 16384

// RedisCluster starts three masters that share the slots, and returns them.
func RedisCluster(t testing.TB) []*RedisServer {
	t.Helper()
	ctx := context.Background()
	var masters []*RedisServer
	var clients []*redis.Client
	for range 3 {
		s := NewRedisServer(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")
		c := redis.NewClient(&redis.Options{Addr: s.Address()})
		t.Cleanup(func() { c.Close() })
		masters, clients = append(masters, s), append(clients, c)
	}
	for i, c := range clients {
		if err := c.ClusterAddSlotsRange(ctx, i*slots/3, (i+1)*slots/3-1).Err(); err != nil {
			t.Fatal(err)
		}
		host, port, _ := net.SplitHostPort(masters[(i+1)%3].Address())
		if err := c.ClusterMeet(ctx, host, port).Err(); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for _, c := range clients { // until each knows of all
		for {
			info, err := c.ClusterInfo(ctx).Result()
			if err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_slots_ok:16384") &&
				strings.Contains(info, "cluster_known_nodes:3") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the cluster does not form: %v\n%s", err, info)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return masters
}
