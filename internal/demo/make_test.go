package demo

import (
	"fmt"
	"testing"
	"time"
)

func TestDump(t *testing.T) {
	now := time.Date(2026, 11, 19, 13, 0, 0, 0, time.UTC)
	start := time.Now()
	p := Make(now)
	fmt.Println(time.Since(start), len(p.People), len(p.Spaces), len(p.Streams))
	n := 0
	for _, s := range p.Streams {
		fmt.Println(s.Key, s.Kind, len(s.Posts))
		n += len(s.Posts)
	}
	fmt.Println(n)
}
