package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"leerkring/hub"
	"leerkring/hub/hubtest"
	"leerkring/internal/testkit"
)

// lazy is a socket that reads only when it is told to, and has little room.
func lazy(t *testing.T, address string, person int64) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"leerkring.v1"}, NetDial: func(network, address string) (net.Conn, error) {
		c, err := net.Dial(network, address)
		if err == nil {
			c.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return c, err
	}}
	ws, _, err := dialer.Dial("ws"+strings.TrimPrefix(address, "http"), as(person))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	ws.SetReadDeadline(time.Now().Add(2 * hubtest.Patience))
	return ws
}

func say(ws *websocket.Conn, message string) { ws.WriteMessage(websocket.TextMessage, []byte(message)) }

// readToEnd reads everything, which must be whole messages, and returns how the
// connection ended.
func readToEnd(t *testing.T, ws *websocket.Conn) (messages []hubtest.Message, code int) {
	t.Helper()
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				return messages, closed.Code
			}
			t.Errorf("the connection ended with %v", err)
			return messages, -1
		}
		var m hubtest.Message
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatalf("half a message: %.80s", frame)
		}
		messages = append(messages, m)
	}
}

// An answer that is longer than the queue reaches who reads slowly, whole.
func TestLongAnswerToASlowReader(t *testing.T) {
	s := newStore()
	o := options(s)
	o.QueueBytes = 4096
	n := start(t, o)
	for range 40 {
		s.add(1, strings.Repeat("lang verhaal ", 800))
	}
	ws := lazy(t, n.address, 1)
	say(ws, `{"id":1,"cmd":"subscribe","stream":1,"since":0}`)
	say(ws, `{"id":2,"cmd":"ping"}`)
	time.Sleep(50 * time.Millisecond) // it does not read yet
	var answer hubtest.Message
	if err := ws.ReadJSON(&answer); err != nil || answer.OK == nil || len(answer.OK) < 400_000 {
		t.Fatalf("%d bytes, %v", len(answer.OK), err)
	}
	if err := ws.ReadJSON(&answer); err != nil || *answer.ID != 2 {
		t.Fatalf("%+v, %v", answer, err)
	}
}

// Whoever never reads and goes on asking is let go.
func TestAsksAndNeverReads(t *testing.T) {
	s := newStore()
	o := options(s)
	o.QueueBytes, o.Unlimited = 64<<10, true
	n := start(t, o)
	for range 40 {
		s.add(1, strings.Repeat("lang verhaal ", 800))
	}
	ws := lazy(t, n.address, 1)
	for n.Stats().Slow == 0 {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"cmd":"subscribe","stream":1,"since":0}`)); err != nil {
			break
		}
	}
	// It has said so much that nobody read that the reason may not reach it.
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			break
		}
	}
	if n.Stats().Slow != 1 {
		t.Errorf("it was not let go: %+v", n.Stats())
	}
}

// What was queued before a revocation is not read after it: a connection that is
// behind is sent away.
func TestQueuedBeforeARevocation(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	ws := lazy(t, n.address, 1)
	say(ws, `{"id":1,"cmd":"subscribe","stream":1}`)
	fast := hubtest.Dial(t, n.address, as(2))
	fast.OK(subscribe(1), nil)
	fast.Present(1, 1, 2)
	text := strings.Repeat("geheim verhaal ", 2000)
	const lines = 30 // more than the kernel takes, less than the queue
	for range lines * 4 {
		n.Publish(s.add(1, text[:len(text)/4]))
	}
	s.bar(1, 1)
	n.Recheck(1)
	fast.OK(command{"cmd": "ping"}, nil)
	time.Sleep(1500 * time.Millisecond) // it reads only now
	messages, code := readToEnd(t, ws)
	if code != 1001 {
		t.Errorf("closed with %d", code)
	}
	if len(messages) >= lines*4 {
		t.Errorf("it read all %d", len(messages))
	}
}

// Access that ends while somebody is let in ends for them too.
func TestAccessEndsAtTheDoor(t *testing.T) {
	s := newStore()
	var n *node
	s.identifying = func(person int64) {
		if person != 1 {
			return
		}
		s.mu.Lock()
		s.ended[1] = true
		s.mu.Unlock()
		n.Recheck(1)
		deadline := time.Now().Add(100 * time.Millisecond) // it is long done when they come in
		for time.Now().Before(deadline) {
			runtime.Gosched()
		}
	}
	n = start(t, options(s))
	if code := hubtest.Dial(t, n.address, as(1)).Closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}

// What lets somebody in ends by itself: the hub asks at that moment.
func TestSessionEndsByItself(t *testing.T) {
	s := newStore()
	o := options(s)
	o.Gate = ending{s, time.Now().Add(300 * time.Millisecond)}
	c := hubtest.Dial(t, start(t, o).address, as(1))
	if code := c.Closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}

type ending struct {
	*store
	at time.Time
}

func (e ending) Identify(r *http.Request) (hub.Identity, error) {
	who, err := e.store.Identify(r)
	who.Until = e.at
	return who, err
}

func (e ending) Again(ctx context.Context, who hub.Identity) (hub.Identity, error) {
	if time.Now().After(e.at) {
		e.mu.Lock()
		e.ended[who.Person] = true
		e.mu.Unlock()
	}
	return e.store.Again(ctx, who)
}

// A Gate that takes too long has not answered.
func TestGateThatHangs(t *testing.T) {
	s := newStore()
	o := options(s)
	o.Gate = hanging{s}
	n := start(t, o)
	c := hubtest.Dial(t, n.address, as(1))
	c.OK(subscribe(1), nil)
	n.Recheck(1)
	if code := c.Closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
}

type hanging struct{ *store }

func (h hanging) Again(ctx context.Context, who hub.Identity) (hub.Identity, error) {
	<-ctx.Done()
	return who, ctx.Err()
}

// While nobody can say whose access changed, nothing that other nodes say is
// passed on; what happens here is, and the rest comes afterwards.
func TestJournalThatCannotBeRead(t *testing.T) {
	s := newStore()
	bus := hub.NewMemoryBus()
	one, two := options(s), options(s)
	one.Broker, two.Broker = bus.Node(), bus.Node()
	var broken atomic.Bool
	two.Gate = unreadable{s, &broken}
	two.Pace.Hold = 100 * time.Millisecond
	first, second := start(t, one), start(t, two)
	c := hubtest.Dial(t, second.address, as(1))
	c.OK(subscribe(1), nil)
	broken.Store(true)
	time.Sleep(200 * time.Millisecond)
	first.Publish(s.add(1, "van elders"))
	first.ToPerson(1, 0, command{"event": "notification.created", "data": command{}})
	c.OK(command{"cmd": "ping"}, nil)
	if revs := c.Revs(1); len(revs) > 0 {
		t.Errorf("heard %v", revs)
	}
	broken.Store(false)
	c.Wait("post.created", nil)
	for _, m := range c.Heard() {
		if m.Event == "notification.created" {
			t.Error("heard what could not be checked")
		}
	}
}

type unreadable struct {
	*store
	broken *atomic.Bool
}

func (u unreadable) AccessChanges(ctx context.Context) ([]int64, error) {
	if u.broken.Load() {
		return nil, errors.New("out of reach")
	}
	return u.store.AccessChanges(ctx)
}

// A personal event of another node about a stream reaches only who may hear that
// stream when it arrives.
func TestPersonalEventsFromElsewhere(t *testing.T) {
	s := newStore()
	bus := hub.NewMemoryBus()
	one, two := options(s), options(s)
	one.Broker, two.Broker = bus.Node(), bus.Node()
	first, second := start(t, one), start(t, two)
	c := hubtest.Dial(t, second.address, as(1))
	c.OK(command{"cmd": "ping"}, nil)
	s.bar(7, 1)
	first.ToPerson(1, 7, command{"event": "notification.created", "data": "geheim"})
	first.ToPerson(1, 8, command{"event": "notification.created", "data": "voor jou"})
	if m := c.Wait("notification.created", nil); strings.Contains(m.Line, "geheim") {
		t.Error("heard what is secret")
	}
}

// However many come at once, the database is asked by a few at a time.
func TestFewAtATime(t *testing.T) {
	s := newStore()
	var doors, readers peak
	s.identifying = func(int64) { doors.within(2 * time.Millisecond) }
	s.opening = func() { readers.within(2 * time.Millisecond) }
	n := start(t, options(s))
	var wg sync.WaitGroup
	for i := range 150 {
		wg.Go(func() {
			c, _, err := hubtest.TryDial(t, n.address, as(int64(i)))
			if err != nil {
				t.Error(err)
				return
			}
			c.OK(command{"cmd": "subscribe", "stream": i % 7, "since": 0}, nil)
		})
	}
	wg.Wait()
	some := max(2, runtime.GOMAXPROCS(0))
	if doors.most > 4*some || readers.most > 2*some || doors.most < 2 {
		t.Errorf("at the same time %d came in and %d were answered", doors.most, readers.most)
	}
}

// peak counts how many do something at the same time.
type peak struct {
	mu        sync.Mutex
	now, most int
}

func (p *peak) within(d time.Duration) {
	p.mu.Lock()
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	time.Sleep(d)
	p.mu.Lock()
	p.now--
	p.mu.Unlock()
}

// A node that goes down lets commands finish: what was asked is answered, and
// then the connection is sent away.
func TestDrainLetsCommandsFinish(t *testing.T) {
	o := options(newStore())
	begun, finish := make(chan struct{}), make(chan struct{})
	o.Commands = map[string]hub.Command{"slow": func(context.Context, hub.Identity, []byte) (any, error) {
		close(begun)
		<-finish
		return command{"done": true}, nil
	}}
	n := start(t, o)
	c := hubtest.Dial(t, n.address, as(1))
	id := c.Send(command{"cmd": "slow"})
	after := c.Send(command{"cmd": "ping"})
	<-begun
	drained := make(chan struct{})
	go func() { defer close(drained); n.Drain(context.Background()) }()
	for { // until it has begun to go down
		c, response, err := hubtest.TryDial(t, n.address, as(2))
		if err == nil {
			c.Hang()
		} else if response != nil && response.StatusCode == 503 {
			break
		}
	}
	close(finish)
	if code := c.Closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	<-drained
	answered := false
	for _, m := range c.Heard() {
		if m.ID != nil && *m.ID == id {
			answered = m.OK != nil
		}
		if m.ID != nil && *m.ID == after {
			t.Error("a command was done after the node began to go down")
		}
	}
	if !answered {
		t.Error("a command was begun and not answered")
	}
}

// Somebody who wants to hear everything gets as much as there is room for, and
// costs no more than that.
func TestSubscribesToEverything(t *testing.T) {
	s := newStore()
	o := options(s)
	o.Unlimited = true
	broker := &countingBroker{Broker: o.Broker}
	o.Broker = broker
	n := start(t, o)
	c := hubtest.DialRaw(t, n.address, as(1))
	wanted := 20_000
	if testkit.Soaking() {
		wanted = 100_000
	}
	go func() {
		var all bytes.Buffer
		for i := range wanted {
			all.Write(text(fmt.Sprintf(`{"id":%d,"cmd":"subscribe","stream":%d}`, i, i+1)))
		}
		c.Say(all.Bytes())
	}()
	taken, refused := 0, 0
	for taken+refused < wanted {
		h, err := c.Read()
		switch {
		case err != nil:
			t.Fatal(err)
		case bytes.Contains(h.Payload, []byte(`"too_large"`)):
			refused++
		case bytes.Contains(h.Payload, []byte(`"rev":`)):
			taken++
		}
	}
	if taken != 500 || refused != wanted-500 || n.Stats().Subscriptions != 500 {
		t.Errorf("%d were taken, %d refused; %+v", taken, refused, n.Stats())
	}
	if most := broker.most.Load(); most > 501 {
		t.Errorf("the broker was asked for %d channels", most)
	}
	limited := options(s)
	fast := hubtest.Dial(t, start(t, limited).address, as(1))
	for i := range 1000 {
		fast.Send(subscribe(int64(i + 1)))
	}
	if code := fast.Closed(); code != 4429 {
		t.Errorf("closed with %d", code)
	}
}

// countingBroker counts the channels that are subscribed to.
type countingBroker struct {
	hub.Broker
	now, most atomic.Int64
}

func (b *countingBroker) Subscribe(channel string) {
	b.most.Store(max(b.most.Load(), b.now.Add(1)))
	b.Broker.Subscribe(channel)
}

func (b *countingBroker) Unsubscribe(channel string) {
	b.now.Add(-1)
	b.Broker.Unsubscribe(channel)
}
