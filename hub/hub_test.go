package hub_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"leerkring/hub"
	"leerkring/hub/hubtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type command = map[string]any

func subscribe(stream int64) command { return command{"cmd": "subscribe", "stream": stream} }

// Handshake: who, then where from, then what is spoken.
func TestHandshake(t *testing.T) {
	o := options(newStore())
	o.PublicURL = "https://leren.voorbeeldstad.example"
	n := start(t, o)
	host := strings.TrimPrefix(n.address, "http://")
	for name, c := range map[string]struct {
		header http.Header
		status int
	}{
		"nobody":                    {http.Header{}, 401},
		"nobody, foreign page":      {http.Header{"Origin": {"https://elders.example"}}, 401},
		"foreign page":              {http.Header{"X-Person": {"1"}, "Origin": {"https://elders.example"}}, 403},
		"foreign page, no protocol": {http.Header{"X-Person": {"1"}, "Origin": {"https://elders.example"}, "X-None": {"1"}}, 403},
		"another port":              {http.Header{"X-Person": {"1"}, "Origin": {"http://127.0.0.1:1"}}, 403},
		"null origin":               {http.Header{"X-Person": {"1"}, "Origin": {"null"}}, 403},
		"cookie without origin":     {http.Header{"X-Person": {"1"}, "X-Cookie": {"1"}}, 403},
		"cookie, own page":          {http.Header{"X-Person": {"1"}, "X-Cookie": {"1"}, "Origin": {"http://" + host}}, 101},
		"cookie, public address":    {http.Header{"X-Person": {"1"}, "X-Cookie": {"1"}, "Origin": {"https://leren.voorbeeldstad.example"}}, 101},
		"token without origin":      {http.Header{"X-Person": {"1"}}, 101},
		"capitals in the host":      {http.Header{"X-Person": {"1"}, "Host": {"Leren.Voorbeeldstad.example"}, "Origin": {"https://leren.voorbeeldstad.example"}}, 101},
		"port that goes unsaid":     {http.Header{"X-Person": {"1"}, "Host": {"elders.example:443"}, "Origin": {"https://elders.example"}}, 101},
		"unsaid port of the other":  {http.Header{"X-Person": {"1"}, "Host": {"elders.example:443"}, "Origin": {"http://elders.example"}}, 403},
	} {
		_, response, err := hubtest.TryDial(t, n.address, c.header)
		if response == nil {
			t.Errorf("%s: %v", name, err)
		} else if response.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, response.StatusCode, c.status)
		}
	}
	for _, protocols := range [][]string{nil, {"other"}} {
		dialer := websocket.Dialer{Subprotocols: protocols}
		_, response, err := dialer.Dial("ws"+strings.TrimPrefix(n.address, "http"), as(1))
		if err == nil || response == nil || response.StatusCode != 400 {
			t.Errorf("protocols %v: %v", protocols, response)
		}
	}
	response, err := http.Post(n.address, "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 405 || response.Header.Get("Allow") != "GET" {
		t.Errorf("POST: status %d, Allow %q", response.StatusCode, response.Header.Get("Allow"))
	}
}

func TestEveryListenerHearsEverythingInOrder(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	const listeners, lines, stream = 20, 200, 7
	var clients []*hubtest.Client
	for i := range listeners {
		c := hubtest.Dial(t, n.address+map[bool]string{true: "?format=html", false: ""}[i%3 == 0], as(int64(i+1)))
		c.OK(subscribe(stream), nil)
		clients = append(clients, c)
	}
	var wg sync.WaitGroup
	changes := make(chan hub.Change, lines)
	for range lines {
		changes <- s.add(stream, "regel")
	}
	close(changes)
	for range 8 { // eight publishers, so the order is anything
		wg.Go(func() {
			for c := range changes {
				n.Publish(c)
				if c.Rev%10 == 0 {
					n.Publish(c) // twice
				}
			}
		})
	}
	wg.Wait()
	for i, c := range clients {
		c.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == lines })
		if revs := c.Revs(stream); !equal(revs, upTo(lines)) {
			t.Fatalf("listener %d heard %v", i, revs)
		}
		for _, m := range c.Heard() {
			if m.Rev > 0 && m.ID == nil && (m.Fragment != "") != (i%3 == 0) {
				t.Fatalf("listener %d: fragment %q", i, m.Fragment)
			}
		}
	}
}

// What was never published is fetched before anything newer.
func TestMissingNumberIsFetched(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	c := hubtest.Dial(t, n.address, as(1))
	c.OK(subscribe(1), nil)
	for i := 1; i <= 50; i++ {
		change := s.add(1, "regel")
		if i%7 == 0 || i == 50 {
			n.Publish(change)
		}
	}
	c.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == 50 })
	if revs := c.Revs(1); !equal(revs, upTo(50)) {
		t.Errorf("heard %v", revs)
	}
}

// Nothing more is published at all: the comparison finds it.
func TestComparisonFindsWhatWasLost(t *testing.T) {
	s := newStore()
	o := options(s)
	o.Pace.Compare = 20 * time.Millisecond
	n := start(t, o)
	c := hubtest.Dial(t, n.address, as(1))
	c.OK(subscribe(1), nil)
	s.add(1, "stil")
	c.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == 1 })
}

// Between the answer to subscribe and the first event nothing falls, and no
// event comes before the answer, however busy the stream is.
func TestSubscribingIntoABusyStream(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	const stream = 3
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					n.Publish(s.add(stream, "regel"))
					time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
				}
			}
		})
	}
	for trial := range 60 {
		c := hubtest.Dial(t, n.address, as(1))
		var answer struct {
			Rev   int64
			Posts []line
		}
		in := subscribe(stream)
		if trial%2 == 0 {
			in["since"] = 0
		}
		id := c.Send(in)
		c.Wait("post.created", nil)
		c.Wait("post.created", nil)
		answered := false
		last := int64(-1)
		for _, m := range c.Heard() {
			if m.ID != nil && *m.ID == id {
				answered = true
				if err := unmarshal(m.OK, &answer); err != nil {
					t.Fatal(err)
				}
				last = answer.Rev
				if trial%2 == 0 && (len(answer.Posts) == 0 || answer.Posts[len(answer.Posts)-1].Rev != answer.Rev) && answer.Rev > 0 {
					t.Fatalf("posts do not reach %d", answer.Rev)
				}
				continue
			}
			if !answered {
				t.Fatalf("an event before the answer: %+v", m)
			}
			if m.Rev != last+1 {
				t.Fatalf("rev %d after %d", m.Rev, last)
			}
			last = m.Rev
		}
		c.Hang()
	}
	close(stop)
	wg.Wait()
}

func TestResubscribingDoublesNothing(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	c := hubtest.Dial(t, n.address, as(1))
	for range 3 {
		n.Publish(s.add(1, "regel"))
	}
	c.OK(subscribe(1), nil)
	n.Publish(s.add(1, "regel"))
	c.Wait("post.created", nil)
	var answer struct {
		Rev   int64
		Posts []line
	}
	c.OK(subscribe(1), &answer)
	if answer.Rev != 4 {
		t.Errorf("answered %+v", answer)
	}
	c.OK(command{"cmd": "subscribe", "stream": 1, "since": 2}, &answer)
	if answer.Rev != 4 || len(answer.Posts) != 2 {
		t.Errorf("answered %+v", answer)
	}
	n.Publish(s.add(1, "regel"))
	c.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == 5 })
	c.OK(command{"cmd": "unsubscribe", "stream": 1}, nil)
	n.Publish(s.add(1, "regel"))
	c.OK(command{"cmd": "ping"}, nil)
	if revs := c.Revs(1); !equal(revs, []int64{4, 5}) {
		t.Errorf("heard %v", revs)
	}
	var reset struct {
		Rev   int64
		Reset bool
	}
	c.OK(command{"cmd": "subscribe", "stream": 1, "since": 99}, &reset)
	if !reset.Reset || reset.Rev != 6 {
		t.Errorf("answered %+v", reset)
	}
}

func TestWhatIsNoCommand(t *testing.T) {
	n := start(t, options(newStore()))
	c := hubtest.Dial(t, n.address, as(1))
	for _, frame := range []string{
		``, `null`, `[]`, `"x"`, `{`, `{}`, `{"cmd":"ping"}`, `{"id":"1","cmd":"ping"}`, `{"id":1.5,"cmd":"ping"}`,
		`{"id":null,"cmd":"ping"}`, `{"id":9223372036854775808,"cmd":"ping"}`, `{"id":1,"id":2,"cmd":"ping"}`,
		`{"id":1,"cmd":"ping"} {}`, `{"id":1,"cmd":"ping","x":"\ud800"}`, strings.Repeat(`[`, 3000),
	} {
		before := len(c.Heard())
		c.Raw(websocket.TextMessage, []byte(frame))
		c.OK(command{"cmd": "ping"}, nil)
		answer := c.Heard()[before]
		if answer.Error == nil || answer.Error.Code != "bad_request" {
			t.Errorf("%s: %+v", frame, answer)
		}
	}
	for frame, code := range map[string]string{
		`{"id":70,"cmd":"ping","extra":1}`:                    "bad_request",
		`{"id":71,"cmd":"nope"}`:                              "unknown_command",
		`{"id":72}`:                                           "unknown_command",
		`{"id":73,"cmd":"subscribe"}`:                         "invalid",
		`{"id":74,"cmd":"subscribe","stream":"1"}`:            "invalid",
		`{"id":75,"cmd":"subscribe","stream":1,"since":null}`: "invalid",
		`{"id":76,"cmd":"subscribe","stream":2000000}`:        "not_found",
		`{"id":77,"cmd":"presence","stream":2000000}`:         "not_found",
		`{"id":78,"cmd":"typing","stream":2000000}`:           "not_found",
		`{"id":79,"cmd":"ping","a":{"b":` + strings.Repeat(`[`, 2000) + strings.Repeat(`]`, 2000) + `}}`: "bad_request",
	} {
		before := len(c.Heard())
		c.Raw(websocket.TextMessage, []byte(frame))
		c.OK(command{"cmd": "ping"}, nil)
		answer := c.Heard()[before]
		if answer.Error == nil || answer.Error.Code != code || answer.ID == nil {
			t.Errorf("%s: %+v", frame, answer)
		}
	}
}

func TestFramesThatEndTheConnection(t *testing.T) {
	n := start(t, options(newStore()))
	for name, c := range map[string]struct {
		kind    int
		payload string
		code    int
	}{
		"binary":    {websocket.BinaryMessage, `{"id":1,"cmd":"ping"}`, 1003},
		"bad UTF-8": {websocket.TextMessage, "{\"id\":1,\"cmd\":\"\xff\"}", 1007},
		"too large": {websocket.TextMessage, `{"id":1,"cmd":"` + strings.Repeat("x", 256<<10) + `"}`, 1009},
	} {
		client := hubtest.Dial(t, n.address, as(1))
		client.Raw(c.kind, []byte(c.payload))
		if code := client.Closed(); code != c.code {
			t.Errorf("%s: closed with %d, want %d", name, code, c.code)
		}
	}
	// One byte less than too large is read.
	client := hubtest.Dial(t, n.address, as(1))
	pad := 256<<10 - len(`{"id":1,"cmd":""}`)
	client.Raw(websocket.TextMessage, []byte(`{"id":9,"cmd":"`+strings.Repeat("x", pad)+`"}`))
	client.OK(command{"cmd": "ping"}, nil)
}

func TestTooManyCommands(t *testing.T) {
	o := options(newStore())
	n := start(t, o)
	c := hubtest.Dial(t, n.address, as(1))
	for range 140 {
		c.Send(command{"cmd": "ping"})
	}
	if code := c.Closed(); code != 4429 {
		t.Errorf("closed with %d", code)
	}
	o.Unlimited = true
	c = hubtest.Dial(t, start(t, o).address, as(1))
	for range 300 {
		c.Send(command{"cmd": "ping"})
	}
	c.OK(command{"cmd": "ping"}, nil)
}

func TestTooManySubscriptions(t *testing.T) {
	o := options(newStore())
	o.Unlimited = true
	n := start(t, o)
	c := hubtest.Dial(t, n.address, as(1))
	for i := range 500 {
		c.OK(subscribe(int64(i+1)), nil)
	}
	if e := c.Refused(subscribe(501)); e.Code != "too_large" {
		t.Errorf("%+v", e)
	}
	if e := c.Refused(subscribe(2_000_000)); e.Code != "not_found" { // what is not there is not there
		t.Errorf("%+v", e)
	}
	c.OK(subscribe(500), nil)
	c.OK(command{"cmd": "unsubscribe", "stream": 3}, nil)
	c.OK(subscribe(501), nil)
}

func TestRevoked(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	c, other := hubtest.Dial(t, n.address, as(1)), hubtest.Dial(t, n.address, as(2))
	for _, client := range []*hubtest.Client{c, other} {
		client.OK(subscribe(1), nil)
		client.OK(subscribe(2), nil)
	}
	n.Publish(s.add(1, "voor"))
	c.Wait("post.created", nil)
	s.bar(1, 1)
	n.Recheck(1)
	c.Wait("revoked", func(m hubtest.Message) bool { return m.Stream == 1 })
	n.Publish(s.add(1, "geheim"))
	n.Publish(s.add(2, "gewoon"))
	c.Wait("post.created", func(m hubtest.Message) bool { return m.Stream == 2 })
	other.Wait("post.created", func(m hubtest.Message) bool { return m.Stream == 1 && m.Rev == 2 })
	for _, m := range c.Heard() {
		if strings.Contains(string(m.Data), "geheim") {
			t.Fatal("heard what is secret")
		}
	}
	if e := c.Refused(subscribe(1)); e.Code != "not_found" {
		t.Errorf("%+v", e)
	}
}

func TestEndedAndUnknowable(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	c, other := hubtest.Dial(t, n.address, as(1)), hubtest.Dial(t, n.address, as(2))
	c.OK(subscribe(1), nil)
	other.OK(subscribe(1), nil)
	s.mu.Lock()
	s.ended[1] = true
	s.changed = append(s.changed, 1) // nobody tells; it is found
	s.mu.Unlock()
	if code := c.Closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
	s.mu.Lock()
	s.broken = true
	s.mu.Unlock()
	n.Recheck(0)
	if code := other.Closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
}

func TestPresenceAndTyping(t *testing.T) {
	s := newStore()
	n := start(t, options(s))
	anna, bram := hubtest.Dial(t, n.address, as(1)), hubtest.Dial(t, n.address, as(2))
	anna.OK(subscribe(1), nil)
	bram.OK(subscribe(1), nil)
	anna.Wait("joined", func(m hubtest.Message) bool { return personOf(m) == 2 })
	var there struct{ People []int64 }
	anna.OK(command{"cmd": "presence", "stream": 1}, &there)
	if !equal(there.People, []int64{1, 2}) {
		t.Errorf("present are %v", there.People)
	}
	for range 3 {
		bram.OK(command{"cmd": "typing", "stream": 1}, nil)
	}
	anna.Wait("typing", func(m hubtest.Message) bool { return personOf(m) == 2 })
	// A second connection and a change of page are no news.
	second := hubtest.Dial(t, n.address, as(2))
	second.OK(subscribe(1), nil)
	bram.Hang()
	second.OK(command{"cmd": "unsubscribe", "stream": 1}, nil)
	second.OK(subscribe(1), nil)
	second.OK(command{"cmd": "unsubscribe", "stream": 1}, nil)
	anna.Wait("left", func(m hubtest.Message) bool { return personOf(m) == 2 })
	counts := map[string]int{}
	for _, m := range anna.Heard() {
		counts[m.Event]++
		if m.Event != "" && personOf(m) == 1 {
			t.Errorf("Anna hears of herself: %+v", m)
		}
	}
	if counts["joined"] != 1 || counts["left"] != 1 || counts["typing"] != 1 {
		t.Errorf("Anna heard %v", counts)
	}
}

func TestPersonalEvents(t *testing.T) {
	n := start(t, options(newStore()))
	first, second, other := hubtest.Dial(t, n.address, as(1)), hubtest.Dial(t, n.address, as(1)), hubtest.Dial(t, n.address, as(3))
	for _, c := range []*hubtest.Client{first, second, other} {
		c.OK(command{"cmd": "ping"}, nil) // now it is known to be there
	}
	n.ToPerson(1, 0, command{"event": "notification.created", "data": command{"id": 5}})
	first.Wait("notification.created", nil)
	second.Wait("notification.created", nil)
	n.ToSpace(9, command{"event": "stream.created", "data": command{"id": 6}})
	first.Wait("stream.created", nil)
	other.OK(command{"cmd": "ping"}, nil)
	for _, m := range other.Heard() {
		if m.Event != "" {
			t.Errorf("another person heard %+v", m)
		}
	}
}

// One that never reads is let go; the others notice nothing.
func TestSlowReader(t *testing.T) {
	s := newStore()
	o := options(s)
	o.QueueBytes = 64 << 10
	n := start(t, o)
	fast := hubtest.Dial(t, n.address, as(1))
	fast.OK(subscribe(1), nil)

	var socket net.Conn
	dialer := websocket.Dialer{Subprotocols: []string{"leerkring.v1"}, NetDial: func(network, address string) (net.Conn, error) {
		c, err := net.Dial(network, address)
		if err == nil {
			c.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		socket = c
		return c, err
	}}
	slow, _, err := dialer.Dial("ws"+strings.TrimPrefix(n.address, "http"), as(2))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	slow.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"cmd":"subscribe","stream":1}`))
	fast.Wait("joined", nil)

	text := strings.Repeat("lang verhaal ", 800)
	count := 0
	for n.Stats().Slow == 0 && count < 5000 {
		n.Publish(s.add(1, text))
		count++
		fast.Wait("post.created", func(m hubtest.Message) bool { return m.Rev == int64(count) })
	}
	if n.Stats().Slow != 1 {
		t.Fatal("the slow one was not let go")
	}
	if revs := fast.Revs(1); !equal(revs, upTo(count)) {
		t.Errorf("the fast one heard %d of %d", len(revs), count)
	}
	// When it reads again it finds whole frames and a reason.
	_ = socket
	for {
		if _, _, err := slow.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, 4408) {
				t.Errorf("the slow one found %v", err)
			}
			return
		}
	}
}

func TestSilentConnectionIsCut(t *testing.T) {
	o := options(newStore())
	o.Pace.Ping = 50 * time.Millisecond
	n := start(t, o)
	dialer := websocket.Dialer{Subprotocols: []string{"leerkring.v1"}}
	ws, _, err := dialer.Dial("ws"+strings.TrimPrefix(n.address, "http"), as(1))
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	ws.SetPingHandler(func(string) error { return nil }) // never answers
	ws.SetReadDeadline(time.Now().Add(hubtest.Patience))
	if _, _, err := ws.ReadMessage(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("%v", err)
	}
	answers := hubtest.Dial(t, n.address, as(2)) // its library answers pings
	time.Sleep(300 * time.Millisecond)
	answers.OK(command{"cmd": "ping"}, nil)
}

func TestDrain(t *testing.T) {
	n := start(t, options(newStore()))
	var clients []*hubtest.Client
	for i := range 20 {
		clients = append(clients, hubtest.Dial(t, n.address, as(int64(i))))
	}
	ctx, cancel := context.WithTimeout(context.Background(), hubtest.Patience)
	defer cancel()
	n.Drain(ctx)
	for _, c := range clients {
		if code := c.Closed(); code != 1001 {
			t.Errorf("closed with %d", code)
		}
	}
	if _, response, err := hubtest.TryDial(t, n.address, as(1)); err == nil || response.StatusCode != 503 {
		t.Errorf("a newcomer got %v", err)
	}
}

func TestTooManyConnectionsOfOnePerson(t *testing.T) {
	n := start(t, options(newStore()))
	for range 50 {
		hubtest.Dial(t, n.address, as(1))
	}
	if _, response, err := hubtest.TryDial(t, n.address, as(1)); err == nil || response.StatusCode != 429 {
		t.Errorf("the 51st got %v", err)
	}
	hubtest.Dial(t, n.address, as(2))
}

// A panic in a command is one refusal.
func TestPanicInACommand(t *testing.T) {
	o := options(newStore())
	o.Commands = map[string]hub.Command{"boom": func(context.Context, hub.Identity, []byte) (any, error) { panic("on purpose") }}
	c := hubtest.Dial(t, start(t, o).address, as(1))
	if e := c.Refused(command{"cmd": "boom"}); e.Code != "unavailable" {
		t.Errorf("%+v", e)
	}
	c.OK(command{"cmd": "ping"}, nil)
}

// Answers come in the order of the commands.
func TestAnswersInOrder(t *testing.T) {
	o := options(newStore())
	o.Unlimited = true
	o.Commands = map[string]hub.Command{"slow": func(context.Context, hub.Identity, []byte) (any, error) {
		time.Sleep(time.Millisecond)
		return command{}, nil
	}}
	c := hubtest.Dial(t, start(t, o).address, as(1))
	var want []int64
	for i := range 40 {
		want = append(want, c.Send(command{"cmd": []string{"slow", "ping"}[i%2]}))
	}
	c.OK(command{"cmd": "ping"}, nil)
	var got []int64
	for _, m := range c.Heard()[:40] {
		got = append(got, *m.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("answered %v", got)
	}
}

func personOf(m hubtest.Message) int64 {
	var data struct{ Person int64 }
	if err := unmarshal(m.Data, &data); err != nil {
		return -1
	}
	return data.Person
}
