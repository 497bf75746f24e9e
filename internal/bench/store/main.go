//go:build linux

// Package store measures what the database alone can keep, for the product to
// be compared with: many submitters, each waiting until its row is on disk, and
// group commit of what waits. A row is a message's, with one index, and nothing
// of what a post brings along.
package store

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"leerkring/internal/bench/order"
	"leerkring/internal/database"
)

// submitters is how many wait at a time.
const submitters = 256

// Main is the process that writes. It takes one order on its standard input,
// reports on its standard output (package order), and ends when its input does.
func Main(args []string) error {
	var o database.Options
	flags := flag.NewFlagSet("store", flag.ContinueOnError)
	flags.StringVar(&o.Address, "address", "", "postgres://…, or empty for SQLite")
	flags.StringVar(&o.Path, "path", "", "the SQLite file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return work(context.Background(), o)
}

func work(ctx context.Context, o database.Options) error {
	db, err := database.Open(ctx, o)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Write(ctx, makeTable); err != nil {
		return err
	}
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var wanted order.Order
	if err := json.Unmarshal(line, &wanted); err != nil {
		return err
	}
	if _, err := os.Stdout.Write(order.Line(measure(ctx, db, wanted))); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func makeTable(tx *database.Tx) error {
	if _, err := tx.Exec(`CREATE TABLE bench_rows (id bigint, stream_id bigint, rev bigint, body text, created_at timestamp)`); err != nil {
		return err
	}
	_, err := tx.Exec(`CREATE INDEX bench_rows_rev ON bench_rows (stream_id, rev)`)
	return err
}

// measure lets the submitters submit.
func measure(ctx context.Context, db *database.DB, o order.Order) order.Report {
	g := &group{db: db, waiting: make(chan *row, submitters)}
	var committer sync.WaitGroup
	committer.Go(func() { g.commitAll(ctx) })
	rows := make([]row, submitters)
	for i := range rows {
		rows[i] = row{stream: i % 10, done: make(chan error, 1)}
	}
	report := order.Loop(o, submitters, func(worker int) (int64, error) {
		g.waiting <- &rows[worker]
		return 0, <-rows[worker].done
	})
	close(g.waiting)
	committer.Wait()
	report.OwnCPU = 0 // this process is what is measured
	return report
}

type row struct {
	stream int
	done   chan error
}

// group commits together what waits together.
type group struct {
	db      *database.DB
	waiting chan *row
	written int
}

// text is a message's, 128 bytes.
const text = "Goed idee. Zullen we dit donderdag met het hele wijkteam bespreken? Ik neem de casus van vorige week mee, dan lopen we hem door."

func (g *group) commitAll(ctx context.Context) {
	var rows []*row
	for first := range g.waiting {
		runtime.Gosched() // let those who are ready come along
		rows = append(rows[:0], first)
		for more := true; more; {
			select {
			case r, ok := <-g.waiting:
				if more = ok; ok {
					rows = append(rows, r)
				}
			default:
				more = false
			}
		}
		err := g.db.Write(ctx, func(tx *database.Tx) error { return g.insert(tx, rows) })
		g.written += len(rows)
		for _, r := range rows {
			r.done <- err
		}
	}
}

// insert writes all rows with one statement.
func (g *group) insert(tx *database.Tx, rows []*row) error {
	now := time.Now().UTC()
	values := make([]any, 0, 5*len(rows))
	for i, r := range rows {
		n := g.written + i
		values = append(values, n, r.stream, n, text, now)
	}
	_, err := tx.Exec(`INSERT INTO bench_rows (id, stream_id, rev, body, created_at) VALUES (?, ?, ?, ?, ?)`+
		strings.Repeat(`, (?, ?, ?, ?, ?)`, len(rows)-1), values...)
	return err
}
