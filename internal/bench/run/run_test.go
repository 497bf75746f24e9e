//go:build linux

package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The test binary is the baselines and the generators as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		main()
		return
	}
	os.Exit(m.Run())
}

// Everything is measured, small and short, so that the tool stays whole. The
// figures themselves say nothing here.
func TestEverythingIsMeasured(t *testing.T) {
	f := form{rounds: 1, warm: 0.05, seconds: 0.15, step: 0.1, rest: 20 * time.Millisecond, scale: 50}
	var out bytes.Buffer
	err := conduct(t.Context(), f, regexp.MustCompile(``), &out, t.Output())
	t.Log(out.String())
	tooBusy := strings.Count(out.String(), errTooBusy.Error())
	if failed := strings.Count(out.String(), "\nFailed: "); failed > tooBusy || err != nil && failed == 0 {
		t.Fatal(err)
	}
	for _, e := range experiments(f.scale) {
		for _, s := range e.systems {
			row := regexp.MustCompile(`(?m)^(\| |Failed: |Not measured: )` + e.layout.name + `\b.* ` + regexp.QuoteMeta(s.name) + `\b`)
			if !row.MatchString(out.String()) {
				t.Errorf("%s was not measured with %s", e.layout.name, s.name)
			}
		}
	}
	if !regexp.MustCompile(`\| lost, doubled[^|]*\|[^|]*\|[^|]*\| 0.00 \|`).MatchString(out.String()) {
		t.Error("messages were lost or doubled")
	}
}
