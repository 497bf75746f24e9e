//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"leerkring/internal/bench/order"
)

// results is what all rounds gave.
type results struct {
	rounds     int // that are done
	rows       []*row
	failures   []string
	missing    map[string]string // experiment, system → why it was not measured
	complaints []string
}

// row is one figure of one system, with a value for each round.
type row struct {
	experiment, figure, system string
	values                     map[int]float64
	all                        []figure
}

// generatorIsLimit is the share of its processor above which the generator may
// have been what limited a figure.
const generatorIsLimit = 0.9

func (r *results) add(experiment string, f figure) {
	at := r.row(experiment, f.name, f.system)
	if at == nil {
		at = &row{experiment: experiment, figure: f.name, system: f.system, values: map[int]float64{}}
		// Beside the others of the same figure.
		i := len(r.rows)
		for j, other := range r.rows {
			if other.experiment == experiment && other.figure == f.name {
				i = j + 1
			}
		}
		r.rows = slices.Insert(r.rows, i, at)
	}
	at.values[r.rounds] = f.value
	at.all = append(at.all, f)
}

// row finds a row; nil when there is none.
func (r *results) row(experiment, figure, system string) *row {
	for _, row := range r.rows {
		if row.experiment == experiment && row.figure == figure && row.system == system {
			return row
		}
	}
	return nil
}

// print writes the table, the marks, and what went wrong.
func (r *results) print(out io.Writer) {
	fmt.Fprintln(out, "| experiment | figure | system | median (min–max) | ÷ bare | p50 / p99 / max ms | lost, doubled | generator | other |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|---|---|")
	for _, row := range r.rows {
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", row.experiment, row.figure, row.system,
			row.spread(), r.besideBare(row), row.latencies(), row.losses(), row.generator(), percent(row.median(func(f figure) float64 { return f.other })))
	}
	fmt.Fprintln(out)
	r.printMarks(out)
	for _, what := range slices.Sorted(maps.Keys(r.missing)) {
		fmt.Fprintf(out, "Not measured: %s, since %s.\n", what, r.missing[what])
	}
	for _, failure := range r.failures {
		fmt.Fprintf(out, "Failed: %s\n", failure)
	}
	for _, line := range r.complaints[:min(len(r.complaints), 10)] {
		fmt.Fprintf(out, "A server said: %s\n", line)
	}
}

// verdict is an error when something could not be measured.
func (r *results) verdict() error {
	if len(r.failures) > 0 {
		return fmt.Errorf("%d measurements failed", len(r.failures))
	}
	if len(r.rows) == 0 {
		return errors.New("nothing was measured")
	}
	return nil
}

// over divides, round by round, and returns the median.
func (a *row) over(b *row) (ratio float64, ok bool) {
	if a == nil || b == nil {
		return 0, false
	}
	var ratios []float64
	for round, value := range a.values {
		if other, there := b.values[round]; there && other != 0 {
			ratios = append(ratios, value/other)
		}
	}
	return median(ratios), len(ratios) > 0
}

func (r *results) besideBare(a *row) string {
	ratio, ok := a.over(r.row(a.experiment, a.figure, baseline.name))
	if !ok || a.system == baseline.name {
		return ""
	}
	return strconv.FormatFloat(ratio, 'f', 2, 64)
}

func (a *row) spread() string {
	values := a.sorted()
	text := short(median(values))
	if len(values) > 1 {
		text += fmt.Sprintf(" (%s–%s)", short(values[0]), short(values[len(values)-1]))
	}
	if a.limited() {
		text += " **G**"
	}
	return text
}

func (a *row) sorted() (values []float64) {
	for _, v := range a.values {
		values = append(values, v)
	}
	slices.Sort(values)
	return values
}

func (a *row) middle() float64 { return median(a.sorted()) }

func (a *row) median(of func(figure) float64) float64 {
	var values []float64
	for _, f := range a.all {
		values = append(values, of(f))
	}
	return median(values)
}

func (a *row) largest(of func(figure) float64) (most float64) {
	for _, f := range a.all {
		most = max(most, of(f))
	}
	return most
}

// limited: in at least one round the generator had hardly any time left.
func (a *row) limited() bool {
	return a.largest(func(f figure) float64 { return f.report.OwnCPU }) > generatorIsLimit
}

// waits is how long deliveries took; where nothing is delivered, the answers.
func (f figure) waits() order.Spread {
	if f.report.Delivery.Count > 0 {
		return f.report.Delivery
	}
	return f.report.Answer
}

func (a *row) p99() float64 {
	return a.median(func(f figure) float64 { return f.waits().P99 })
}

func (a *row) latencies() string {
	if a.all[0].waits().Count == 0 {
		return ""
	}
	return fmt.Sprintf("%s / %s / %s", short(a.median(func(f figure) float64 { return f.waits().P50 })), short(a.p99()),
		short(a.largest(func(f figure) float64 { return f.waits().Max })))
}

// bad counts what must not happen.
func (a *row) bad() (n int, why string) {
	for _, f := range a.all {
		n += f.report.Lost + f.report.Doubled + f.report.Refused + f.report.Closed
		if why == "" {
			why = f.report.Why
		}
	}
	return n, why
}

func (a *row) losses() string {
	if a.all[0].report.Sent == 0 {
		return ""
	}
	sum := func(of func(figure) int) (n int) {
		for _, f := range a.all {
			n += of(f)
		}
		return n
	}
	text := fmt.Sprintf("%d, %d", sum(func(f figure) int { return f.report.Lost }), sum(func(f figure) int { return f.report.Doubled }))
	if n := sum(func(f figure) int { return f.report.Refused }); n > 0 {
		text += fmt.Sprintf(", %d refused", n)
	}
	if n := sum(func(f figure) int { return f.report.Closed }); n > 0 {
		_, why := a.bad()
		text += fmt.Sprintf(", %d closed (%s)", n, why)
	}
	return text
}

func (a *row) generator() string {
	used := a.median(func(f figure) float64 { return f.report.OwnCPU })
	if used == 0 {
		return ""
	}
	return percent(used)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// short writes a number with three digits or so, thousands apart.
func short(v float64) string {
	switch {
	case v >= 1000:
		text := strconv.FormatFloat(v, 'f', 0, 64)
		var groups []string
		for len(text) > 3 {
			groups = append([]string{text[len(text)-3:]}, groups...)
			text = text[:len(text)-3]
		}
		return strings.Join(append([]string{text}, groups...), ",")
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
