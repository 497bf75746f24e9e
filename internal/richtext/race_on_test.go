//go:build race

package richtext

// slower says how much less to do under the race detector, which makes
// everything here about ten times slower and finds nothing in a single goroutine.
const slower = 8
