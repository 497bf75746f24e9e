package testkit

import (
	"os"
	"time"
)

// Soak is how long the long form of a test runs, as SOAK says (60m), and zero
// in every other run: then tests keep to their short form.
func Soak() time.Duration {
	d, _ := time.ParseDuration(os.Getenv("SOAK"))
	return d
}

// Soaking reports whether this is the long form.
func Soaking() bool { return Soak() > 0 }
