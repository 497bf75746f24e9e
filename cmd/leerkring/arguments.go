package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// arguments reads a command's flags, which may stand before or after its words.
type arguments struct {
	set   *flag.FlagSet
	words []string
}

func newArguments() *arguments {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return &arguments{set: set}
}

func (a *arguments) text(name string) *string { return a.set.String(name, "", "") }

func (a *arguments) yes(name string) *bool { return a.set.Bool(name, false, "") }

// parse reads args, of which exactly words are no flags.
func (a *arguments) parse(args []string, words int) error {
	for len(args) > 0 {
		if err := a.set.Parse(args); err != nil {
			return wrongUse{strings.TrimPrefix(err.Error(), "flag ")}
		}
		args = a.set.Args()
		if len(args) > 0 {
			a.words, args = append(a.words, args[0]), args[1:]
		}
	}
	if len(a.words) != words {
		return wrongUse{fmt.Sprintf("expected %d arguments beside the flags, got %d", words, len(a.words))}
	}
	return nil
}

// need makes sure that flags were given a value.
func (a *arguments) need(names ...string) error {
	for _, name := range names {
		if a.set.Lookup(name).Value.String() == "" {
			return wrongUse{"--" + name + " is missing"}
		}
	}
	return nil
}
