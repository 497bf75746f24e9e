//go:build linux

// Command run conducts the measurements: it starts the product, the bare
// baselines and the generators as processes of their own, servers and stores on
// one processor and the generator on another, lets them take turns, and prints
// one table of medians in Markdown. On a machine that others share only the
// ratio of two figures of the same run says something; see docs/performance.md.
//
// It is the baselines and the generators itself as well, when its first argument
// says so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"leerkring/internal/bench/bare"
	"leerkring/internal/bench/load"
	"leerkring/internal/bench/store"
	"leerkring/internal/bench/visit"
)

// roles are what a process that the conductor starts can be.
var roles = map[string]func(args []string) error{
	"bare": bare.Main, "load": load.Main, "store": store.Main, "visit": visit.Main,
}

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && roles[args[0]] != nil {
		return roles[args[0]](args[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	formName := flags.String("form", "short", "short or full")
	only := flags.String("only", "", "measure only experiments whose name matches this expression: idle, room, big, pair, max, persist, page")
	rounds := flags.Int("rounds", 0, "how often each is measured; 0 is what the form says")
	profiles := flags.String("profile", "", "folder for profiles of the product while it is measured; costs some of its speed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	f, ok := forms[*formName]
	if !ok {
		return errors.New("-form must be short or full")
	}
	if *rounds > 0 {
		f.rounds = *rounds
	}
	which, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if *profiles != "" {
		if f.profiles, err = filepath.Abs(*profiles); err != nil {
			return err
		}
		if err := os.MkdirAll(f.profiles, 0o755); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return conduct(ctx, f, which, os.Stdout, os.Stderr)
}

func conduct(ctx context.Context, f form, which *regexp.Regexp, out, progress io.Writer) error {
	r, err := newRig(ctx, f.profiles, progress)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.prepare(ctx); err != nil {
		return err
	}
	chosen := slices.DeleteFunc(experiments(f.scale), func(e experiment) bool { return !which.MatchString(e.layout.name) })
	results, err := r.measureAll(ctx, f, chosen)
	if err != nil {
		return err
	}
	r.describe(ctx, out, f, results.rounds)
	results.print(out)
	return results.verdict()
}

// measureAll makes the rooms that the experiments need, and measures.
func (r *rig) measureAll(ctx context.Context, f form, all []experiment) (*results, error) {
	var everywhere, inPostgres []layout
	for _, e := range all {
		everywhere = append(everywhere, e.layout)
		if slices.ContainsFunc(e.systems, func(s system) bool { return s.store == "postgres" }) {
			inPostgres = append(inPostgres, e.layout)
		}
	}
	if err := r.seed(ctx, everywhere, inPostgres); err != nil {
		return nil, err
	}
	results := &results{missing: map[string]string{}}
	began := time.Now()
	for results.rounds < f.rounds && !f.isOver(began, results.rounds) {
		for _, e := range all {
			r.say("%s, round %d of %d", e.layout.name, results.rounds+1, f.rounds)
			for _, s := range turns(e.systems, results.rounds) {
				if why := r.missing[s.needs]; why != "" {
					results.missing[e.layout.name+" with "+s.name] = why
					continue
				}
				r.measureOne(ctx, f, e, s, results)
				if err := ctx.Err(); err != nil {
					return nil, err
				}
			}
		}
		results.rounds++
	}
	results.complaints = r.complaints
	return results, nil
}

// isOver says whether another round, as long as those before, would end too late.
func (f form) isOver(began time.Time, done int) bool {
	return done > 0 && f.atMost > 0 && time.Since(began)*time.Duration(done+1)/time.Duration(done) > f.atMost
}

func (r *rig) measureOne(ctx context.Context, f form, e experiment, s system, results *results) {
	r.doing = e.layout.name + "-" + strings.ReplaceAll(s.name, " ", "")
	figures, err := e.measure(ctx, r, f, s)
	if err != nil {
		r.say("  %s: %v", s.name, err)
		results.failures = append(results.failures, fmt.Sprintf("%s, %s, round %d: %s", e.layout.name, s.name, results.rounds+1, firstLine(err)))
		return
	}
	for _, fig := range figures {
		r.say("  %s: %s %s", s.name, short(fig.value), fig.name)
		results.add(e.layout.name, fig)
	}
}

// turns lets the systems take turns in going first: whatever changes slowly on
// the machine then hits them alike.
func turns(systems []system, round int) []system {
	order := slices.Clone(systems)
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
