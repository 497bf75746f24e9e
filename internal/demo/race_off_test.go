//go:build !race

package demo

// raceEnabled says that the race detector slows everything down.
const raceEnabled = false
