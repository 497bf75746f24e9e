package main

import (
	"context"
	"fmt"

	"leerkring/community"
)

func tokenCreate(ctx context.Context, c *call) error {
	args := newArguments()
	mail, scope, name := args.text("user"), args.text("scope"), args.text("name")
	if err := args.parse(c.args, 0); err != nil {
		return err
	}
	if err := args.need("user"); err != nil {
		return err
	}
	if *scope == "" {
		*scope = "read,write"
	}
	if *name == "" {
		*name = "leerkring token create"
	}
	scopes, ok := community.ParseScopes(*scope)
	if !ok {
		return wrongUse{"--scope must be one or more of read, write, admin, separated by commas"}
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	person, err := a.Community.PersonByMail(ctx, *mail)
	if err != nil {
		return err
	}
	token, err := a.Community.CreateToken(ctx, person, *name, scopes)
	if err == nil {
		fmt.Fprintln(c.out, token)
	}
	return err
}

func tokenRevoke(ctx context.Context, c *call) error {
	args := newArguments()
	mail := args.text("user")
	words := 1
	for _, arg := range c.args {
		if len(arg) > 1 && arg[0] == '-' {
			words = 0
		}
	}
	if err := args.parse(c.args, words); err != nil {
		return err
	}
	if words == 0 {
		if err := args.need("user"); err != nil {
			return err
		}
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	if words == 1 {
		return a.Community.RevokeToken(ctx, args.words[0])
	}
	person, err := a.Community.PersonByMail(ctx, *mail)
	if err != nil {
		return err
	}
	_, err = a.Community.RevokeTokens(ctx, person)
	return err
}
