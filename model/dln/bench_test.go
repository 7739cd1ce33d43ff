package dln_test

import (
	"math/rand/v2"
	"testing"

	"unroll/model/dln"
)

// The whole path of 200 rows and 1,000 columns, to interpolation: a few hundred jumps.
func BenchmarkSaddles(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 0))
	x, y := gaussian(rng, 200, 1000, 0), normals(rng, 200)
	jumps := 0
	for b.Loop() {
		p, err := dln.Saddles(x, y)
		if err != nil {
			b.Fatal(err)
		}
		jumps = len(p.Saddles) - 1
	}
	b.ReportMetric(float64(jumps), "jumps")
}
