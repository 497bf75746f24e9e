package hub

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// When ten thousand come back at once, each of them asks the database who they
// are and what they missed. The hub lets a few in at a time, so that pages,
// which ask the same database, never stand behind more than those few; the
// others wait, or are asked to come back.

// places are taken and given back; who finds none waits.
type places struct {
	free    chan struct{}
	waiting *atomic.Int64
	queue   int64 // how many may wait; -1 for any number
}

func newPlaces(n, queue int) places {
	return places{make(chan struct{}, n), new(atomic.Int64), int64(queue)}
}

const (
	// doorsQueue is how many newcomers may wait at the door, and doorsTime how long.
	doorsQueue = 2000
	doorsTime  = 10 * time.Second
)

// doorsOpen is how many are let in at a time.
func doorsOpen() int { return 4 * max(2, runtime.GOMAXPROCS(0)) }

// readersMax is how many subscriptions are answered at a time.
func readersMax() int { return 2 * max(2, runtime.GOMAXPROCS(0)) }

// take waits for a place and reports whether there was one before ctx ended and
// without too many waiting.
func (p places) take(ctx context.Context) bool {
	select {
	case p.free <- struct{}{}:
		return true
	default:
	}
	if n := p.waiting.Add(1); p.queue >= 0 && n > p.queue {
		p.waiting.Add(-1)
		return false
	}
	defer p.waiting.Add(-1)
	select {
	case p.free <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p places) giveBack() { <-p.free }
