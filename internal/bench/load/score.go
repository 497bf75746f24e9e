//go:build linux

package load

import (
	"time"

	"golang.org/x/sys/unix"

	"leerkring/internal/bench/order"
)

// score is what is counted for one order.
type score struct {
	sent, refused, expected, arrived int
	lost, doubled                    int
	retries, acknowledged, other     int
	// lastFrame is when anything came last, lastNews when a delivery or an
	// answer did.
	lastFrame, lastNews time.Duration

	// Figures are taken of what is due between from and to.
	from, to         time.Duration
	delivery, answer order.Histogram

	atBegin, atEnd sample
}

// sample is the counters at one moment.
type sample struct {
	at                           time.Duration
	arrived, acknowledged, other int
	cpu                          time.Duration
}

func (s *score) counts(due time.Duration) bool { return due >= s.from && due < s.to }

// beginFigures begins to take figures, and says so.
func (g *generator) beginFigures() {
	g.score.atBegin = g.sample()
	g.tell(order.Begin)
}

// stopFigures says that the time is over; what is on its way still comes.
func (g *generator) stopFigures() {
	g.score.atEnd = g.sample()
	g.tell(order.End)
}

// endFigures stops, and adds up.
func (g *generator) endFigures() order.Report {
	if g.score.atEnd.at == 0 {
		g.stopFigures()
	}
	s := &g.score
	begin, end := s.atBegin, s.atEnd
	phases := map[phase]int{}
	for _, c := range g.conns {
		phases[c.phase]++
	}
	return order.Report{
		Seconds: (end.at - begin.at).Seconds(), Connections: phases[open], Closed: phases[lost], Retries: s.retries, Why: g.why,
		Acknowledged: end.acknowledged - begin.acknowledged, Deliveries: end.arrived - begin.arrived, Other: end.other - begin.other,
		Sent: s.sent, Refused: s.refused, Lost: s.lost, Doubled: s.doubled,
		Delivery: s.delivery.Spread(), Answer: s.answer.Spread(),
		OwnCPU: float64(end.cpu-begin.cpu) / float64(end.at-begin.at),
	}
}

func (g *generator) sample() sample {
	return sample{at: g.now(), arrived: g.score.arrived, acknowledged: g.score.acknowledged, other: g.score.other, cpu: order.OwnCPU()}
}

func (g *generator) tell(mark string) {
	unix.Write(1, order.Line(order.Report{Mark: mark})) // whoever listens is there, or has ended us
}

// heard takes what is no answer: a delivery, or something else.
func (g *generator) heard(c *conn, line []byte, now time.Duration) {
	due, who, seq, ok := readStamp(line)
	if !ok || who >= len(g.publishers) || g.publishers[who].conn.room != c.room {
		g.score.other++
		return
	}
	s := &g.score
	s.arrived++
	s.lastNews = now
	if s.counts(due) {
		s.delivery.Add(now - due)
	}
	switch last := &g.publishers[who].heard[c.seat]; {
	case seq == int(*last)+1:
		*last++
	case seq > int(*last):
		s.lost += seq - int(*last) - 1
		*last = uint32(seq)
	default:
		s.doubled++
	}
}

// answer takes the answer to a command. They come in the order of the commands.
func (g *generator) answer(c *conn, line []byte, now time.Duration) {
	if c.phase == joining {
		g.joined(c, line)
		return
	}
	p := c.publisher
	if p == nil || len(p.waiting) == 0 {
		g.score.other++
		return
	}
	due := p.waiting[0]
	p.waiting = p.waiting[1:]
	s := &g.score
	s.lastNews = now
	if isRefusal(line) {
		s.refused++
		p.refused++
	} else {
		s.acknowledged++
		if s.counts(due) {
			s.answer.Add(now - due)
		}
	}
	g.goOn(p, now)
}

// answered reports whether every message was acknowledged or refused.
func (s *score) answered() bool { return s.acknowledged+s.refused >= s.sent }

// missing counts what has not come, at the end: nobody waits for it any more.
// What was refused is not lost.
func (g *generator) missing() {
	s := &g.score
	for _, p := range g.publishers {
		for seat, last := range p.heard {
			s.lost += p.sent - int(last)
			p.heard[seat] = uint32(p.sent)
		}
		s.lost -= p.refused * len(p.heard)
		p.refused, p.waiting = 0, nil
	}
}
