package hub

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// memoryPresence is where the nodes of one process note who is where: one node
// in the product, several in tests.
type memoryPresence struct {
	mu    sync.Mutex
	rooms map[int64]map[Present]time.Time // since when
	nodes map[uuid.UUID]time.Time         // until when each lives
}

// NewMemoryPresence returns an empty place, for all nodes of a process.
func NewMemoryPresence() Presence {
	return &memoryPresence{rooms: map[int64]map[Present]time.Time{}, nodes: map[uuid.UUID]time.Time{}}
}

func (m *memoryPresence) Note(_ context.Context, node uuid.UUID, steps []PresenceStep) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range steps {
		room, who := m.rooms[s.Stream], Present{node, s.Person}
		switch {
		case s.Left:
			delete(room, who)
			if len(room) == 0 {
				delete(m.rooms, s.Stream)
			}
		case room == nil:
			m.rooms[s.Stream] = map[Present]time.Time{who: time.Now()}
		case room[who].IsZero():
			room[who] = time.Now()
		}
	}
	return nil
}

func (m *memoryPresence) Look(_ context.Context, streams []int64) (map[int64][]Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make(map[int64][]Found, len(streams))
	for _, stream := range streams {
		for who, since := range m.rooms[stream] {
			found[stream] = append(found[stream], Found{who, time.Since(since)})
		}
	}
	return found, nil
}

func (m *memoryPresence) Beat(_ context.Context, node uuid.UUID, lapse time.Duration) (alive []uuid.UUID, forgotten bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for n, until := range m.nodes {
		if until.Before(now) {
			delete(m.nodes, n)
		}
	}
	_, known := m.nodes[node]
	m.nodes[node] = now.Add(lapse)
	for n := range m.nodes {
		alive = append(alive, n)
	}
	return alive, !known, nil
}
