//go:build !race

// Under the race detector a sync.Pool, such as an image operator's, forgets at random.

package linop_test

import (
	"math/rand/v2"
	"testing"
)

func TestImageOperatorsDoNotAllocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for name, a := range imageOperators(rng) {
		m, n := a.Dims()
		x, y := gaussian(rng, n), gaussian(rng, m)
		ax, aty := make([]float64, m), make([]float64, n)
		if count := testing.AllocsPerRun(20, func() { a.Apply(ax, x); a.Adjoint(aty, y) }); count >= 1 {
			t.Errorf("%s: %v allocations", name, count)
		}
	}
}
