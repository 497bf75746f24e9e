package hub

import "sync"

// topicTable finds the topic of a stream. It is split, so that who joins one
// stream does not wait for who publishes in another.
type topicTable struct {
	shards [64]topicShard
}

type topicShard struct {
	mu     sync.Mutex
	topics map[int64]*topic
}

func (t *topicTable) init() {
	for i := range t.shards {
		t.shards[i].topics = map[int64]*topic{}
	}
}

func (t *topicTable) shard(stream int64) *topicShard {
	return &t.shards[uint64(stream)%uint64(len(t.shards))]
}

// find returns the topic, or nil when nobody here listens to the stream.
func (t *topicTable) find(stream int64) *topic {
	s := t.shard(stream)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.topics[stream]
}

// begin returns the topic with a listener announced, made when there is none.
func (h *Hub) beginTopic(stream int64) *topic {
	s := h.topics.shard(stream)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[stream]; t != nil && t.begin() {
		return t
	}
	t := &topic{hub: h, stream: stream, rev: -1, recentFrom: -1, joining: 1}
	s.topics[stream] = t
	h.o.Broker.Subscribe(streamChannel(stream)) // within the lock, like its counterpart below
	return t
}

// endTopic forgets a topic that nobody listens to.
func (h *Hub) endTopic(t *topic) {
	s := h.topics.shard(t.stream)
	s.mu.Lock()
	t.mu.Lock()
	idle := t.isIdle() && !t.closed
	if idle {
		t.closed = true
		delete(s.topics, t.stream)
		h.o.Broker.Unsubscribe(streamChannel(t.stream))
	}
	t.mu.Unlock()
	s.mu.Unlock()
}

// all returns the topics there are.
func (t *topicTable) all() (topics []*topic) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		for _, topic := range s.topics {
			topics = append(topics, topic)
		}
		s.mu.Unlock()
	}
	return topics
}
