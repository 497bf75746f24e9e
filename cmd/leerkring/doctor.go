package main

import (
	"context"
	"errors"
	"fmt"

	"leerkring/internal/app"
)

// doctor looks at everything a node needs and says, line by line, how it is and
// what to do.
func doctor(ctx context.Context, c *call) error {
	if err := newArguments().parse(c.args, 0); err != nil {
		return err
	}
	s, err := c.settings()
	if err != nil {
		return err
	}
	ill := 0
	for _, finding := range app.Examine(ctx, s) {
		mark := "ok  "
		switch {
		case finding.Err != nil:
			mark = "FAIL"
			ill++
		case finding.Warning:
			mark = "warn"
		}
		fmt.Fprintf(c.out, "%s  %-10s %s\n", mark, finding.What, finding.Says)
		if finding.Err != nil {
			fmt.Fprintf(c.out, "      %v\n", finding.Err)
		}
	}
	if ill > 0 {
		return errors.New("not everything is well")
	}
	return nil
}
