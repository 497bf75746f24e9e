//go:build linux

package load

import (
	"errors"
	"fmt"
	"math"
	"time"

	"leerkring/internal/bench/order"
)

// plan is what is sent when.
type plan struct {
	senders []*publisher
	ends    time.Duration // nothing is sent from then on

	// At a fixed rate: message number next is due at began + next × gap.
	gap   time.Duration
	began time.Duration
	next  int

	// In a chain: each sender goes on when it has been answered.
	chain bool
}

const (
	// lead is between an order and the first message.
	lead = 10 * time.Millisecond
	// quiet is how long nothing may come before what has not come is lost, and
	// drainTime how long anything is waited for.
	quiet     = 3 * time.Second
	drainTime = 60 * time.Second
	// atOnce bounds how much is sent before the loop looks at what comes in.
	atOnce = 128
)

// pace sends at a fixed rate, whatever comes back.
func (g *generator) pace(o order.Order) (order.Report, error) {
	if o.Rate <= 0 {
		return order.Report{}, fmt.Errorf("a rate of %v messages a second", o.Rate)
	}
	g.plan = plan{gap: time.Duration(float64(time.Second) / o.Rate)}
	return g.run(o)
}

// chain sends as fast as the answers come.
func (g *generator) chain(o order.Order) (order.Report, error) {
	g.plan = plan{chain: true}
	return g.run(o)
}

func (g *generator) run(o order.Order) (order.Report, error) {
	if err := g.appoint(o.Publishers); err != nil {
		return order.Report{}, err
	}
	g.plan.began = g.now() + lead
	begin := g.plan.began + seconds(o.Warm)
	g.score = score{from: begin, to: forever}
	g.plan.ends = forever
	if g.plan.chain {
		for _, p := range g.plan.senders {
			g.publish(p, g.now())
		}
	}
	g.sendDue()
	if err := g.until(func() bool { return g.reached(begin) }); err != nil {
		return order.Report{}, err
	}
	g.beginFigures()
	end := g.now() + seconds(o.Seconds) // not from begin: this process may have had to wait for its processor
	g.score.to, g.plan.ends = end, end
	if err := g.until(func() bool { return g.reached(end) }); err != nil {
		return order.Report{}, err
	}
	g.stopFigures()
	if err := g.drain(); err != nil {
		return order.Report{}, err
	}
	g.missing()
	return g.endFigures(), nil
}

const forever = time.Duration(math.MaxInt64)

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// appoint makes n connections publishers, one of each room in turn.
func (g *generator) appoint(n int) error {
	all := len(g.conns)
	if n == 0 {
		n = all
	}
	if n > all || all == 0 {
		return errors.New("more publishers than connections")
	}
	if len(g.publishers) == 0 {
		for seat := 0; len(g.publishers) < all; seat++ {
			for _, r := range g.rooms {
				if seat < len(r.conns) {
					c := r.conns[seat]
					c.publisher = g.newPublisher(c, len(g.publishers))
					g.publishers = append(g.publishers, c.publisher)
				}
			}
		}
	}
	g.plan.senders = g.publishers[:n]
	return nil
}

// sendDue sends what is due.
func (g *generator) sendDue() {
	p := &g.plan
	if p.gap == 0 {
		return
	}
	now := g.now()
	for range atOnce {
		due := p.began + time.Duration(p.next)*p.gap
		if due >= p.ends {
			p.gap = 0
			return
		}
		if due > now {
			g.wakeAt(due)
			return
		}
		g.publish(p.senders[p.next%len(p.senders)], due)
		p.next++
	}
	g.wakeAt(now)
}

// goOn lets a chain's sender send its next message.
func (g *generator) goOn(p *publisher, now time.Duration) {
	if g.plan.chain && now < g.plan.ends && p.index < len(g.plan.senders) {
		g.publish(p, now)
	}
}

func (g *generator) reached(at time.Duration) bool {
	if g.now() >= at {
		return true
	}
	g.wakeAt(at)
	return false
}

// drain waits for everything that was sent.
func (g *generator) drain() error {
	deadline := g.now() + drainTime
	stopped := g.now()
	return g.until(func() bool {
		s := &g.score
		now := g.now()
		if s.arrived+s.lost-s.doubled >= s.expected && s.answered() || now >= deadline {
			return true
		}
		until := max(s.lastNews, stopped) + quiet
		if now >= until {
			return true
		}
		g.wakeAt(until)
		return false
	})
}
