package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"leerkring/internal/config"
)

func help(_ context.Context, c *call) error {
	fmt.Fprintln(c.out, "Leerkring, a community and social-learning service.")
	fmt.Fprintln(c.out)
	for _, cmd := range commands {
		fmt.Fprintf(c.out, "  leerkring %s %s\n        %s\n", cmd.name, cmd.usage, cmd.does)
	}
	return nil
}

func helpSettings(_ context.Context, c *call) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, line := range config.Help() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", line.Name, line.Default, line.Help)
	}
	return w.Flush()
}
