//go:build linux

// Package visit asks for pages, as signed-in people who take one after another.
package visit

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"

	"leerkring/internal/bench/order"
)

// Main is the visitors' process. It takes orders on its standard input until
// that ends, and reports on its standard output (package order).
func Main(args []string) error {
	flags := flag.NewFlagSet("visit", flag.ContinueOnError)
	address := flags.String("address", "", "HOST:PORT of the server")
	file := flags.String("seats", "", "file that says who visits what, as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var all order.Visits
	b, err := os.ReadFile(*file)
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		return err
	}
	visitors, err := enter(*address, all)
	if err != nil {
		return err
	}
	orders := json.NewDecoder(os.Stdin)
	for {
		var o order.Order
		if err := orders.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		report := order.Loop(o, len(visitors), func(worker int) (int64, error) { return visitors[worker].page() })
		if _, err := os.Stdout.Write(order.Line(report)); err != nil {
			return err
		}
	}
}

// visitor holds a connection and its requests, made beforehand.
type visitor struct {
	conn     net.Conn
	in       *bufio.Reader
	requests [][]byte
}

func enter(address string, all order.Visits) (visitors []*visitor, err error) {
	for _, cookie := range all.Cookies {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return nil, err
		}
		v := &visitor{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
		for _, path := range all.Paths {
			v.requests = append(v.requests, fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", path, address, cookie))
		}
		visitors = append(visitors, v)
	}
	return visitors, nil
}

// page asks for any of the pages and returns how many bytes it has.
func (v *visitor) page() (int64, error) {
	if _, err := v.conn.Write(v.requests[rand.IntN(len(v.requests))]); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(v.in, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
		return 0, fmt.Errorf("a page was answered with %s: %s", answer.Status, why)
	}
	return io.Copy(io.Discard, answer.Body)
}
