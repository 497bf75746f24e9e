package main

import (
	"context"
	"fmt"

	"leerkring/community"
)

func userAdd(ctx context.Context, c *call) error {
	args := newArguments()
	mail, name, organisation, role := args.text("mail"), args.text("name"), args.text("organisation"), args.text("role")
	if err := args.parse(c.args, 0); err != nil {
		return err
	}
	if err := args.need("mail", "name"); err != nil {
		return err
	}
	if *role != "" && !community.PlatformRole(*role).Valid() {
		return wrongUse{"--role must be member, moderator or admin"}
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	id, err := a.Community.AddPerson(ctx, community.NewPerson{
		Mail: *mail, Name: *name, Organisation: *organisation, Role: community.PlatformRole(*role),
	})
	if err == nil {
		fmt.Fprintln(c.out, id)
	}
	return err
}

func userRole(ctx context.Context, c *call) error {
	args := newArguments()
	mail := args.text("mail")
	if err := args.parse(c.args, 1); err != nil {
		return err
	}
	if err := args.need("mail"); err != nil {
		return err
	}
	role := community.PlatformRole(args.words[0])
	if !role.Valid() {
		return wrongUse{"the role must be member, moderator or admin"}
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Community.SetRole(ctx, *mail, role)
}

func userDisable(ctx context.Context, c *call) error {
	args := newArguments()
	mail := args.text("mail")
	if err := args.parse(c.args, 0); err != nil {
		return err
	}
	if err := args.need("mail"); err != nil {
		return err
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Community.Disable(ctx, *mail)
}

func userLink(ctx context.Context, c *call) error {
	args := newArguments()
	mail := args.text("mail")
	if err := args.parse(c.args, 0); err != nil {
		return err
	}
	if err := args.need("mail"); err != nil {
		return err
	}
	a, err := c.domain(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	link, err := a.Community.HandOutSignInLink(ctx, *mail)
	if err == nil {
		fmt.Fprintln(c.out, a.Settings.URL+community.SignInPath(link.Token))
	}
	return err
}
