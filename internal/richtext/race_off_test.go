//go:build !race

package richtext

const slower = 1
