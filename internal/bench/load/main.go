//go:build linux

// Package load is the generator: it takes many seats at a server, sends
// messages and hears what comes of them. It is one loop around epoll on one
// thread, with raw sockets, frames made beforehand, and no look at a delivery
// but for the stamp in it, so that it needs a fraction of what the server needs.
package load

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"leerkring/internal/bench/order"
)

// Main is the generator's process. It takes orders on its standard input until
// that ends, and reports on its standard output (package order).
func Main(args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	address := flags.String("address", "", "HOST:PORT of the server, an IPv4 address")
	seats := flags.String("seats", "", "file that says who connects where, as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	debug.SetGCPercent(400)
	return work(*address, *seats)
}

func work(address, seatsFile string) error {
	seats, err := readSeats(seatsFile)
	if err != nil {
		return err
	}
	g, err := newGenerator(address, seats)
	if err != nil {
		return err
	}
	defer g.closeAll()
	for {
		o, err := g.nextOrder()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		report, err := g.do(o)
		if err != nil {
			report.Error = err.Error()
		}
		if _, err := os.Stdout.Write(order.Line(report)); err != nil {
			return err
		}
	}
}

func (g *generator) do(o order.Order) (order.Report, error) {
	switch o.Do {
	case order.Connect:
		return g.connectAll()
	case order.Pace:
		return g.pace(o)
	case order.Chain:
		return g.chain(o)
	}
	return order.Report{}, fmt.Errorf("there is no order %q", o.Do)
}

func readSeats(path string) (seats order.Seats, err error) {
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &seats)
	}
	return seats, err
}
