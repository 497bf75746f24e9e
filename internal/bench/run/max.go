//go:build linux

package main

import (
	"context"

	"leerkring/internal/bench/order"
)

// The search for the highest rate at which deliveries still come in time.
const (
	inTime      = 250.0 // ms, p99
	firstRate   = 300.0 // messages a second: 30,000 deliveries
	faster      = 1.5
	refinements = 3
	// farBehind: when less than this part of what was sent came while figures
	// were taken, the rate is too high, however fast that part was.
	farBehind = 0.95
)

// measureMax raises the rate in 10 rooms of 100 until deliveries are late, and
// then narrows down where that begins.
func measureMax(ctx context.Context, r *rig, f form, s system) ([]figure, error) {
	on, err := r.open(ctx, s, "load", "max")
	if err != nil {
		return nil, err
	}
	defer on.close()
	if _, _, err := on.do(order.Order{Do: order.Connect}); err != nil {
		return nil, err
	}
	search := search{rate: firstRate}
	best := figure{name: deliveriesPerTime, system: s.name} // 0: even the lowest rate is too high
	for search.goesOn() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		report, used, err := on.do(order.Order{Do: order.Pace, Rate: search.rate, Warm: f.step / 3, Seconds: f.step})
		if err != nil {
			return nil, err
		}
		ok := wasInTime(report, search.rate*f.step)
		r.say("    %s: %.0f messages/s: p99 %.0f ms%s", s.name, search.rate, report.Delivery.P99, verdict(ok))
		if ok {
			best = figure{deliveriesPerTime, s.name, float64(report.Deliveries) / report.Seconds, report, used.other}
		}
		search.next(ok)
		if report.Closed > 0 {
			break // it is not the same load any more
		}
	}
	return []figure{best}, nil
}

func wasInTime(report order.Report, sent float64) bool {
	return report.Delivery.Count > 0 && report.Delivery.P99 < inTime && report.Lost == 0 && report.Closed == 0 && report.Refused == 0 &&
		float64(report.Acknowledged) >= farBehind*sent
}

func verdict(ok bool) string {
	if ok {
		return ""
	}
	return ", too late"
}

// search finds a border: it goes up in large steps, and then halves what is
// between the last good and the first bad rate.
type search struct {
	good, bad, rate float64
	refined         int
}

func (s *search) goesOn() bool { return s.refined < refinements }

func (s *search) next(ok bool) {
	if ok {
		s.good = s.rate
	} else {
		s.bad = s.rate
	}
	switch {
	case s.bad == 0:
		s.rate *= faster
	case s.good == 0:
		s.rate /= faster
		s.refined++
	default:
		s.rate = (s.good + s.bad) / 2
		s.refined++
	}
}
