package hub

import (
	"context"
	"sync"
)

// MemoryPresence is where the nodes of one process say who is where: one node in
// the product, several in tests.
type MemoryPresence struct {
	mu    sync.Mutex
	rooms map[int64]map[int64]map[*memoryPresence]bool // by stream, by person
}

// NewMemoryPresence returns an empty place.
func NewMemoryPresence() *MemoryPresence {
	return &MemoryPresence{rooms: map[int64]map[int64]map[*memoryPresence]bool{}}
}

// Node returns the presence of one node.
func (m *MemoryPresence) Node() Presence { return &memoryPresence{m} }

type memoryPresence struct{ all *MemoryPresence }

func (p *memoryPresence) Enter(_ context.Context, stream, person int64) (first bool, err error) {
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	room := p.all.rooms[stream]
	if room == nil {
		room = map[int64]map[*memoryPresence]bool{}
		p.all.rooms[stream] = room
	}
	nodes := room[person]
	if nodes == nil {
		room[person] = map[*memoryPresence]bool{p: true}
		return true, nil
	}
	nodes[p] = true
	return false, nil
}

func (p *memoryPresence) Leave(_ context.Context, stream, person int64) (last bool, err error) {
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	room := p.all.rooms[stream]
	if !room[person][p] {
		return false, nil
	}
	delete(room[person], p)
	if len(room[person]) > 0 {
		return false, nil
	}
	delete(room, person)
	if len(room) == 0 {
		delete(p.all.rooms, stream)
	}
	return true, nil
}

// Renew has nothing to do: a process remembers.
func (p *memoryPresence) Renew(context.Context, map[int64][]int64) error { return nil }

func (p *memoryPresence) People(_ context.Context, stream int64) ([]int64, error) {
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	var people []int64
	for person := range p.all.rooms[stream] {
		people = append(people, person)
	}
	return people, nil
}
