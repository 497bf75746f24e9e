// Package order is what the conductor of a measurement and the processes it
// starts say to each other: orders, one JSON object a line, to their standard
// input; reports, one a line, from their standard output.
package order

import "encoding/json"

// Room is one stream and the tokens of those who sit in it.
type Room struct {
	Stream int64    `json:"stream"`
	Tokens []string `json:"tokens"`
}

// Seats is who connects where.
type Seats struct {
	Rooms []Room `json:"rooms"`
}

// Connections is how many seats there are.
func (s Seats) Connections() (n int) {
	for _, r := range s.Rooms {
		n += len(r.Tokens)
	}
	return n
}

// Visits is who visits which pages.
type Visits struct {
	Paths   []string `json:"paths"`
	Cookies []string `json:"cookies"`
}

// What can be ordered.
const (
	// Connect takes all seats: it connects, signs in and subscribes.
	Connect = "connect"
	// Pace sends messages at a fixed rate, whatever comes back (open loop).
	Pace = "pace"
	// Chain lets each publisher send when its last message was acknowledged
	// (closed loop).
	Chain = "chain"
	// Visit lets each visitor ask for a page when the last one is there.
	Visit = "visit"
)

// Order asks for one piece of work.
type Order struct {
	Do string `json:"do"`
	// Rate is in messages a second, over all publishers together. For Pace.
	Rate float64 `json:"rate,omitempty"`
	// Publishers is how many of the connections send; 0 is all of them. They
	// are spread evenly over the rooms.
	Publishers int `json:"publishers,omitempty"`
	// Warm and Seconds are how long to work before figures are taken, and how
	// long they are taken.
	Warm    float64 `json:"warm,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
}

// Marks in a report: it only says that the time in which figures are taken has
// begun or ended.
const (
	Begin = "begin"
	End   = "end"
)

// Report is what came of an order, or a mark on the way.
type Report struct {
	Mark  string `json:"mark,omitzero"`
	Error string `json:"error,omitzero"`

	// Seconds is how long figures were taken; for Connect, how long it took
	// until the last connection had joined.
	Seconds float64 `json:"seconds,omitzero"`
	// Connections are open; Closed is how many the server ended since the
	// start; Retries is how often it asked to come back later.
	Connections int `json:"connections,omitzero"`
	Closed      int `json:"closed,omitzero"`
	Retries     int `json:"retries,omitzero"`
	// Why the first one was closed.
	Why string `json:"why,omitzero"`

	// Acknowledged and Deliveries arrived while figures were taken; Other are
	// the frames beside them: presence, unread counts.
	Acknowledged int `json:"acknowledged,omitzero"`
	Deliveries   int `json:"deliveries,omitzero"`
	Other        int `json:"other,omitzero"`
	// Sent, Refused, Lost and Doubled count everything since the order was
	// given: messages sent and refused, deliveries that never came, and that
	// came twice or after a later one.
	Sent    int `json:"sent,omitzero"`
	Refused int `json:"refused,omitzero"`
	Lost    int `json:"lost,omitzero"`
	Doubled int `json:"doubled,omitzero"`

	// Bytes came in with what was acknowledged.
	Bytes int64 `json:"bytes,omitzero"`

	// Delivery is how long deliveries took from when their message was due,
	// Answer the same for acknowledgements.
	Delivery Spread `json:"delivery,omitzero"`
	Answer   Spread `json:"answer,omitzero"`

	// OwnCPU is the share of one CPU that the reporting process used.
	OwnCPU float64 `json:"own_cpu,omitzero"`
}

// Spread is a distribution of durations, in milliseconds.
type Spread struct {
	Count int     `json:"count,omitzero"`
	P50   float64 `json:"p50,omitzero"`
	P99   float64 `json:"p99,omitzero"`
	Max   float64 `json:"max,omitzero"`
}

// Line writes an order or a report down as one line.
func Line(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers and strings; a rate is finite
	}
	return append(b, '\n')
}
