//go:build linux

package main

import (
	"fmt"
	"io"
)

// mark is a figure to reach: the least, and the goal.
type mark struct {
	what        string
	least, goal float64
	atLeast     bool // more is better
	of          func(r *results) (value float64, measured bool)
}

// marks are those of the design that can be measured without other products.
var marks = []mark{
	{"KiB of memory per idle connection", 15, 15, false, value("idle", memoryPerConnection, product)},
	{"CPU per delivery ÷ bare, rooms of 100", 0.75, 0.55, false, ratio("room", cpuPerMillion, product, baseline)},
	{"CPU per delivery ÷ bare, rooms of 1,000", 0.75, 0.55, false, ratio("big", cpuPerMillion, product, baseline)},
	{"CPU per delivery with Redis ÷ one node", 1.20, 1.10, false, ratio("room", cpuPerMillion, productNode, product)},
	{"persisted and delivered messages/s, SQLite", 10_000, 10_000, true, value("persist", messagesPerTime, product)},
	{"their p99, ms", 50, 50, false, lateness("persist", messagesPerTime, product)},
	{"the same messages/s ÷ the store alone", 0.06, 0.12, true, ratio("persist", messagesPerTime, product, storeSQLite)},
	{"the same with PostgreSQL", 0.06, 0.12, true, ratio("persist", messagesPerTime, productPG, storePG)},
	{"topic pages/s ÷ bare", 0.30, 0.50, true, ratio("page", pagesPerTime, product, baseline)},
	{"their p99 ÷ bare", 4, 2, false, latenessRatio("page", pagesPerTime, product, baseline)},
	{"lost, doubled, refused, connections closed", 0, 0, false, (*results).losses},
}

func value(experiment, figure string, s system) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) {
		row := r.row(experiment, figure, s.name)
		if row == nil {
			return 0, false
		}
		return row.middle(), true
	}
}

func ratio(experiment, figure string, a, b system) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) {
		return r.row(experiment, figure, a.name).over(r.row(experiment, figure, b.name))
	}
}

func lateness(experiment, figure string, s system) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) {
		row := r.row(experiment, figure, s.name)
		if row == nil {
			return 0, false
		}
		return row.p99(), true
	}
}

func latenessRatio(experiment, figure string, a, b system) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) {
		over, under := r.row(experiment, figure, a.name), r.row(experiment, figure, b.name)
		if over == nil || under == nil {
			return 0, false
		}
		return over.p99() / under.p99(), true
	}
}

// losses counts what must not happen, over all systems but the bare one.
func (r *results) losses() (n float64, measured bool) {
	for _, row := range r.rows {
		if row.system == baseline.name {
			continue
		}
		bad, _ := row.bad()
		n += float64(bad)
		measured = true
	}
	return n, measured
}

func (r *results) printMarks(out io.Writer) {
	fmt.Fprintln(out, "| mark | least | goal | measured | |")
	fmt.Fprintln(out, "|---|---|---|---|---|")
	for _, m := range marks {
		v, measured := m.of(r)
		if !measured {
			continue
		}
		sign := "≤"
		if m.atLeast {
			sign = "≥"
		}
		fmt.Fprintf(out, "| %s | %s %s | %s %s | %s | %s |\n", m.what, sign, short(m.least), sign, short(m.goal), short(v), m.judge(v))
	}
	fmt.Fprintln(out)
}

func (m mark) judge(v float64) string {
	if !m.atLeast {
		v = -v
		m.least, m.goal = -m.least, -m.goal
	}
	switch {
	case v >= m.goal:
		return "goal"
	case v >= m.least:
		return "reached"
	}
	return "**missed**"
}
