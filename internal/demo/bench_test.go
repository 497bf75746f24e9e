package demo

import "testing"

func BenchmarkMake(b *testing.B) {
	for b.Loop() {
		Make(moments[0])
	}
}
