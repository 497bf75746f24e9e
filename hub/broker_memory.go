package hub

import (
	"context"
	"sync"
)

// MemoryBus joins the nodes of one process: one in the product, several in
// tests.
type MemoryBus struct {
	mu    sync.RWMutex
	nodes []*memoryBroker
}

// NewMemoryBus returns a bus without nodes.
func NewMemoryBus() *MemoryBus { return &MemoryBus{} }

// Node returns the broker of one more node.
func (b *MemoryBus) Node() Broker {
	n := &memoryBroker{bus: b, channels: map[string]bool{controlChannel: true}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes = append(b.nodes, n)
	return n
}

type memoryBroker struct {
	bus *MemoryBus

	mu       sync.RWMutex
	channels map[string]bool
	heard    func(channel string, message []byte) // nil until it runs
}

func (b *memoryBroker) Remote() bool {
	b.bus.mu.RLock()
	defer b.bus.mu.RUnlock()
	return len(b.bus.nodes) > 1
}

func (b *memoryBroker) Publish(channel string, message []byte) {
	b.bus.mu.RLock()
	nodes := b.bus.nodes
	b.bus.mu.RUnlock()
	for _, n := range nodes {
		if n == b {
			continue
		}
		n.mu.RLock()
		heard, wants := n.heard, n.channels[channel]
		n.mu.RUnlock()
		if heard != nil && wants {
			heard(channel, message)
		}
	}
}

func (b *memoryBroker) Subscribe(channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.channels[channel] = true
}

func (b *memoryBroker) Unsubscribe(channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.channels, channel)
}

func (b *memoryBroker) Run(ctx context.Context, heard func(string, []byte), resumed func(string)) {
	b.mu.Lock()
	b.heard = heard
	b.mu.Unlock()
	resumed("")
	<-ctx.Done()
	b.mu.Lock()
	b.heard = nil
	b.mu.Unlock()
}
