package browsertest

import (
	"context"
	"log/slog"
	"testing"

	"leerkring/internal/config"
	"leerkring/internal/demo"
)

// StartDemo starts a node that holds the demo.
func StartDemo(t testing.TB) *Site {
	t.Helper()
	address := freeAddress(t)
	s := &Site{t: t, URL: "http://" + address, settings: config.Settings{
		Addr: address, URL: "http://" + address, Data: t.TempDir(), Limits: "off", QueueBytes: 1 << 20,
	}}
	people, err := demo.Prepare(context.Background(), s.settings.DatabaseOptions(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.demo = people
	s.Serve()
	t.Cleanup(func() { s.Stop() })
	return s
}

// Who returns one of the people one can be in the demo, by what they are.
func (s *Site) Who(role string) (person int64) {
	s.t.Helper()
	for _, d := range s.demo {
		if d.Role == role {
			return d.Person
		}
	}
	s.t.Fatalf("nobody in the demo is %q", role)
	return 0
}
