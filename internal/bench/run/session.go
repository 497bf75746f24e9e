//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"leerkring/internal/bench/order"
)

// session is a server that is up, and whoever drives it: the generator, with
// its seats, or, for the store alone, the store's own process.
type session struct {
	up     *running
	driver *process
	// beside is what the driver uses that is not the server's.
	beside func() (time.Duration, error)
}

// usage is what was used while figures were taken.
type usage struct {
	server time.Duration
	// other is what neither server nor generator used, as a share of one
	// processor: other work on this machine.
	other float64
}

// open starts a system, and a generator for it with the seats of a layout.
func (r *rig) open(ctx context.Context, s system, generator, layout string) (*session, error) {
	up, err := s.start(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.name, err)
	}
	g, err := start(ctx, r.generator, []string{oneProcessor}, nil, r.self, generator,
		"-address", up.address, "-seats", r.seats[s.store+"-"+layout])
	if err != nil {
		up.stop()
		return nil, err
	}
	return &session{up, g, func() (time.Duration, error) { return cpuOf(g.pid()) }}, nil
}

// openStore starts the store alone: SQLite, or PostgreSQL.
func (r *rig) openStore(ctx context.Context, s system) (*session, error) {
	folder, err := r.newFolder()
	if err != nil {
		return nil, err
	}
	where, beside, clean := []string{"-path", folder + "/rows.db"}, nothing, func() { os.RemoveAll(folder) }
	if s.store == "postgres" {
		name, err := r.postgres.make(ctx, "")
		if err != nil {
			return nil, err
		}
		where, beside = []string{"-address", r.postgres.database(name)}, r.postgres.cpu
		clean = func() { r.postgres.drop(name) }
	}
	p, err := start(ctx, r.servers, []string{oneProcessor}, nil, r.self, append([]string{"store"}, where...)...)
	if err != nil {
		clean()
		return nil, err
	}
	up := &running{process: p, stop: clean, cpu: func() (time.Duration, error) {
		return sum(beside, func() (time.Duration, error) { return cpuOf(p.pid()) })
	}}
	return &session{up: up, driver: p, beside: nothing}, nil
}

func nothing() (time.Duration, error) { return 0, nil }

// close ends the driver first: it drops its connections without waiting.
func (s *session) close() {
	s.driver.stop(0)
	s.up.stop()
}

// do gives an order and returns what came of it, and what was used from the one
// mark to the other.
func (s *session) do(o order.Order) (order.Report, usage, error) {
	if _, err := s.driver.stdin.Write(order.Line(o)); err != nil {
		return order.Report{}, usage{}, s.driver.failed("it takes no orders: " + err.Error())
	}
	var begin, end moment
	for {
		line, err := s.driver.out.ReadBytes('\n')
		if err != nil {
			return order.Report{}, usage{}, s.driver.failed("it ended without a report")
		}
		var report order.Report
		if err := json.Unmarshal(line, &report); err != nil {
			return report, usage{}, err
		}
		switch report.Mark {
		case order.Begin:
			s.up.profile(syscall.SIGUSR1)
			begin, err = s.look()
		case order.End:
			end, err = s.look()
			s.up.profile(syscall.SIGUSR2)
		default:
			if report.Error != "" {
				return report, usage{}, errors.New(report.Error)
			}
			return report, begin.until(end), nil
		}
		if err != nil {
			return report, usage{}, s.up.process.failed(err.Error())
		}
	}
}

// errTooBusy says that answers came, but not while figures were taken: so short
// a time is not enough on so busy a machine.
var errTooBusy = errors.New("the answers came too late to be counted")

// measure is do, for work of which something must have come.
func (s *session) measure(o order.Order) (order.Report, usage, error) {
	report, used, err := s.do(o)
	if err == nil && report.Answer.Count == 0 {
		err = errors.New("nothing was answered")
	} else if err == nil && report.Acknowledged == 0 {
		err = errTooBusy
	}
	return report, used, err
}

// moment is what has been used up to a moment.
type moment struct {
	at                       time.Time
	server, beside, all, own time.Duration
}

func (s *session) look() (m moment, err error) {
	m.at = time.Now()
	if m.server, err = s.up.cpu(); err != nil {
		return m, err
	}
	if m.beside, err = s.beside(); err != nil {
		return m, err
	}
	if m.all, err = busy(); err != nil {
		return m, err
	}
	m.own = order.OwnCPU()
	return m, nil
}

func (m moment) until(end moment) usage {
	ours := (end.server - m.server) + (end.beside - m.beside) + (end.own - m.own)
	other := float64(end.all-m.all-ours) / float64(end.at.Sub(m.at))
	return usage{server: end.server - m.server, other: max(other, 0)}
}
