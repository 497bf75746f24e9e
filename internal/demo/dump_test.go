package demo

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestShow(t *testing.T) {
	want := os.Getenv("SHOW")
	if want == "" {
		return
	}
	p := Make(time.Date(2026, 11, 19, 13, 0, 0, 0, time.UTC))
	names := map[string]string{}
	for _, x := range p.People {
		names[x.Key] = x.Name
	}
	for _, s := range p.Streams {
		if s.Key != want {
			continue
		}
		fmt.Println("##", s.Title, s.Kind, s.By)
		for i, q := range s.Posts {
			fmt.Printf("%d %s %s (%d): %s", i, q.At.In(time.FixedZone("x", 3600)).Format("Mon 02-01 15:04"), names[q.Author], q.Parent, q.Body)
			for _, r := range q.Reactions {
				fmt.Print(" ", r.Emoji)
			}
			fmt.Println()
		}
	}
}
