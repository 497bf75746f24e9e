package testkit

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
)

var prefixes atomic.Int64

// Redis returns a client of the server that REDIS_URL names, and a prefix that
// nobody else uses. The keys under it are deleted after the test.
func Redis(t testing.TB) (client redis.UniversalClient, prefix string) {
	t.Helper()
	address := RedisAddress(t)
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	prefix = fmt.Sprintf("leerkring-test:%d:%d:", os.Getpid(), prefixes.Add(1))
	t.Cleanup(func() {
		ctx := context.Background()
		keys := c.Scan(ctx, 0, prefix+"*", 1000).Iterator()
		for keys.Next(ctx) {
			c.Del(ctx, keys.Val())
		}
		c.Close()
	})
	return c, prefix
}

// RedisAddress returns the address of the test's Redis server.
func RedisAddress(t testing.TB) string {
	t.Helper()
	address := os.Getenv("REDIS_URL")
	if address == "" {
		missing(t, "Redis (REDIS_URL is not set); `make test` starts one")
	}
	return address
}
