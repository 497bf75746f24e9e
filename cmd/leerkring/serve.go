package main

import (
	"context"
	"fmt"

	"leerkring/frontend/assets"
	"leerkring/internal/app"
	"leerkring/internal/demo"
)

func serve(ctx context.Context, c *call) error {
	args := newArguments()
	asDemo := args.yes("demo")
	if err := args.parse(c.args, 0); err != nil {
		return err
	}
	s, err := c.settings()
	if err != nil {
		return err
	}
	var o app.Options
	if *asDemo {
		if o.Demo, err = demo.Prepare(ctx, s.DatabaseOptions(), c.log); err != nil {
			return badStart{err}
		}
	}
	a, err := app.Domain(ctx, s, c.log)
	if err != nil {
		return badStart{err}
	}
	if !assets.Built() {
		c.log.Warn("the front end was not built into this program: pages come plain; `make build` builds both")
	}
	if err := a.Prepare(ctx, o); err != nil {
		a.Close()
		return badStart{err}
	}
	err = a.Serve(ctx, func(address string) {
		c.log.Info("listening", "address", address, "url", s.URL, "database", string(a.DB.Dialect), "redis", s.Redis != "")
		if *asDemo {
			fmt.Fprintf(c.err, "\n  Open %s in a browser and choose who you want to be.\n  Stop with Ctrl-C. The data is kept in %s.\n\n", s.URL, s.Data)
		}
	})
	if err != nil {
		return badStart{err}
	}
	return nil
}

func migrate(ctx context.Context, c *call) error {
	if err := newArguments().parse(c.args, 0); err != nil {
		return err
	}
	s, err := c.settings()
	if err != nil {
		return err
	}
	db, err := app.OpenDatabase(ctx, s)
	if err != nil {
		return badStart{err}
	}
	defer db.Close()
	from, to, err := db.Migrate(ctx)
	if err != nil {
		return err
	}
	if from == to {
		fmt.Fprintf(c.out, "version %d, nothing to do\n", to)
	} else {
		fmt.Fprintf(c.out, "version %d, was %d\n", to, from)
	}
	return nil
}
