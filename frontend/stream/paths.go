package stream

import (
	"strconv"

	"leerkring/community"
	"leerkring/forum"
)

// The addresses of what can be done with a stream; frontend.go lists them all.

func postsPath(stream int64) string  { return forum.StreamPath(stream) + "/berichten" }
func readPath(stream int64) string   { return forum.StreamPath(stream) + "/gelezen" }
func followPath(stream int64) string { return forum.StreamPath(stream) + "/volgen" }
func changePath(stream int64) string { return forum.StreamPath(stream) + "/wijzig" }
func pinPath(stream int64) string    { return forum.StreamPath(stream) + "/vastzetten" }
func closePath(stream int64) string  { return forum.StreamPath(stream) + "/sluiten" }

func startPath(space int64) string { return community.SpacePath(space) + "/gesprekken" }

func number(n int64) string { return strconv.FormatInt(n, 10) }
