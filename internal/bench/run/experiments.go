//go:build linux

package main

import (
	"context"
	"time"

	"leerkring/internal/bench/order"
)

// form is how long a measurement takes.
type form struct {
	rounds        int
	atMost        time.Duration // for all rounds: none begins that would end later; 0 is no bound
	warm, seconds float64
	step          float64 // of the search for the highest rate
	rest          time.Duration
	// scale divides the rooms, or the members where there are few rooms, and
	// the load; 1 but in tests.
	scale int
	// profiles is a folder for profiles of the product; "" for none.
	profiles string
}

// The forms: short for a look, full for the record.
var forms = map[string]form{
	"short": {rounds: 3, atMost: 330 * time.Second, warm: 0.5, seconds: 2, step: 1, rest: 2 * time.Second, scale: 1},
	"full":  {rounds: 5, warm: 3, seconds: 15, step: 5, rest: 30 * time.Second, scale: 1},
}

// experiment is one way to use a server, and the systems that are compared in it.
type experiment struct {
	layout  layout
	systems []system
	measure func(ctx context.Context, r *rig, f form, s system) ([]figure, error)
}

// figure is one number, with what belongs to it. Where there are no latencies
// the report is empty.
type figure struct {
	name   string // with its unit
	system string
	value  float64
	report order.Report
	other  float64 // see usage
}

// experiments lists all experiments.
func experiments(scale int) []experiment {
	return []experiment{
		{layout{"idle", 100 / scale, 100, 0}, []system{baseline, product}, measureIdle},
		{layout{"room", 10, 100 / scale, 0}, []system{baseline, product, productNode, productPG}, measureRoom},
		{layout{"big", 5, 1000 / scale, 0}, []system{baseline, product}, measureBig},
		{layout{"pair", 500 / scale, 2, 0}, []system{baseline, product}, measurePair},
		{layout{"max", 10, 100 / scale, 0}, []system{baseline, product}, measureMax},
		{layout{"persist", 10, 10, 0}, []system{baseline, product, storeSQLite, productPG, storePG}, measurePersist},
		{layout{"page", 1, 16, 100 / scale}, []system{baseline, product}, measurePage},
	}
}

// The figures, by name.
const (
	memoryPerConnection = "KiB of memory per connection"
	cpuPerConnection    = "CPU µs per connect + join"
	connectionsPerTime  = "connects + joins/s"
	cpuAtRest           = "CPU ms/s at rest"
	cpuPerMillion       = "CPU s per million deliveries"
	cpuPerMessage       = "CPU µs per message"
	deliveriesPerTime   = "deliveries/s with p99 < 250 ms"
	messagesPerTime     = "messages/s"
	pagesPerTime        = "pages/s"
	cpuPerPage          = "CPU µs per page"
	sizeOfPage          = "KiB a page"
)

// measureIdle lets everybody come in and then do nothing.
func measureIdle(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	on, err := r.open(ctx, s, "load", "idle")
	if err != nil {
		return nil, err
	}
	defer on.close()
	before, err := residentOf(on.up.process.pid())
	if err != nil {
		return nil, err
	}
	report, used, err := on.do(order.Order{Do: order.Connect})
	if err != nil {
		return nil, err
	}
	began, err := on.look()
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, f.rest); err != nil {
		return nil, err
	}
	ended, err := on.look()
	if err != nil {
		return nil, err
	}
	after, err := residentOf(on.up.process.pid())
	if err != nil {
		return nil, err
	}
	atRest := began.until(ended)
	n := float64(report.Connections)
	return []figure{
		{memoryPerConnection, s.name, float64(after-before) / 1024 / n, order.Report{}, used.other},
		{cpuPerConnection, s.name, microseconds(used.server) / n, report, used.other},
		{connectionsPerTime, s.name, n / report.Seconds, order.Report{}, used.other},
		{cpuAtRest, s.name, microseconds(atRest.server) / 1000 / f.rest.Seconds(), order.Report{}, atRest.other},
	}, nil
}

// measureRoom sends 20,000 deliveries a second to 10 rooms of 100.
func measureRoom(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	return r.deliver(ctx, f, s, "room", 200)
}

// measureBig does the same to 5 rooms of 1,000.
func measureBig(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	return r.deliver(ctx, f, s, "big", 20)
}

func (r *rig) deliver(ctx context.Context, f form, s system, layout string, rate float64) ([]figure, error) {
	report, used, err := r.pace(ctx, s, layout, order.Order{Rate: rate, Warm: f.warm, Seconds: f.seconds})
	if err != nil {
		return nil, err
	}
	return []figure{{cpuPerMillion, s.name, microseconds(used.server) / float64(report.Deliveries), report, used.other}}, nil
}

// measurePair sends 2,000 messages a second between two and two.
func measurePair(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	report, used, err := r.pace(ctx, s, "pair", order.Order{Rate: 2000 / float64(f.scale), Warm: f.warm, Seconds: f.seconds})
	if err != nil {
		return nil, err
	}
	return []figure{{cpuPerMessage, s.name, microseconds(used.server) / float64(report.Acknowledged), report, used.other}}, nil
}

// pace lets everybody come in, and sends at a fixed rate.
func (r *rig) pace(ctx context.Context, s system, layout string, o order.Order) (order.Report, usage, error) {
	on, err := r.open(ctx, s, "load", layout)
	if err != nil {
		return order.Report{}, usage{}, err
	}
	defer on.close()
	if _, _, err := on.do(order.Order{Do: order.Connect}); err != nil {
		return order.Report{}, usage{}, err
	}
	o.Do = order.Pace
	return on.measure(o)
}

// measurePersist lets 32 publishers write as fast as they are acknowledged.
func measurePersist(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	report, used, err := r.persist(ctx, f, s)
	if err != nil {
		return nil, err
	}
	n := float64(report.Acknowledged)
	return []figure{
		{messagesPerTime, s.name, n / report.Seconds, report, used.other},
		{cpuPerMessage, s.name, microseconds(used.server) / n, order.Report{}, used.other},
	}, nil
}

func (r *rig) persist(ctx context.Context, f form, s system) (order.Report, usage, error) {
	wanted := order.Order{Do: order.Chain, Publishers: 32, Warm: f.warm, Seconds: f.seconds}
	if s.start == nil {
		on, err := r.openStore(ctx, s)
		if err != nil {
			return order.Report{}, usage{}, err
		}
		defer on.close()
		return on.measure(wanted)
	}
	on, err := r.open(ctx, s, "load", "persist")
	if err != nil {
		return order.Report{}, usage{}, err
	}
	defer on.close()
	if _, _, err := on.do(order.Order{Do: order.Connect}); err != nil {
		return order.Report{}, usage{}, err
	}
	return on.measure(wanted)
}

// measurePage lets 16 people ask for topics of 50 posts, any of them, each as
// soon as the last one is there.
func measurePage(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	on, err := r.open(ctx, s, "visit", "page")
	if err != nil {
		return nil, err
	}
	defer on.close()
	report, used, err := on.measure(order.Order{Do: order.Visit, Warm: f.warm, Seconds: f.seconds})
	if err != nil {
		return nil, err
	}
	n := float64(report.Acknowledged)
	return []figure{
		{pagesPerTime, s.name, n / report.Seconds, report, used.other},
		{cpuPerPage, s.name, microseconds(used.server) / n, order.Report{}, used.other},
		{sizeOfPage, s.name, float64(report.Bytes) / n / 1024, order.Report{}, used.other},
	}, nil
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// wait waits, unless the context ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
