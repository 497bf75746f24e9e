package main

import (
	"context"
	"fmt"
)

func digestSend(ctx context.Context, c *call) error {
	args := newArguments()
	now := args.yes("now")
	if err := args.parse(c.args, 0); err != nil {
		return err
	}
	if !*now {
		return wrongUse{"--now is missing: a running server sends digests by itself, at each person's own hour"}
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	sent, err := a.Notify.SendNow(ctx)
	if err == nil {
		fmt.Fprintln(c.out, sent)
	}
	return err
}

func digestPreview(ctx context.Context, c *call) error {
	args := newArguments()
	if err := args.parse(c.args, 1); err != nil {
		return err
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	message, err := a.Notify.Preview(ctx, args.words[0])
	if err == nil {
		_, err = c.out.Write(message)
	}
	return err
}
