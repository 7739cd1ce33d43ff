package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/engine/kernel"
)

// Products with listed nonzeros have the bits of the dense ones, from either side.
func TestNonzeros(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for trial := range 60 {
		rows, n, columns := 1+rng.IntN(9), 1+rng.IntN(30), 16*(1+rng.IntN(3))
		x, right, left := make([]float32, rows*n), make([]float32, n*columns), make([]float32, rows*columns)
		filled := 0
		for i := range x {
			if rng.IntN(2+trial%5) == 0 {
				x[i] = float32(rng.NormFloat64())
				filled++
			}
		}
		for _, v := range [][]float32{right, left} {
			for i := range v {
				v[i] = float32(rng.NormFloat64())
			}
		}
		z := newNonzeros[float32](rows, n)
		if few := z.find(x); few != (worthwhile*filled <= rows*n) {
			t.Errorf("%d of %d are few: %v", filled, rows*n, few)
		}
		got, want := make([]float32, rows*columns), make([]float32, rows*columns)
		z.addTo(got, -1, right, columns)
		kernel.Gemm(false, false, rows, columns, n, -1, x, n, right, columns, true, want, columns)
		if !slices.Equal(got, want) {
			t.Fatalf("%d×%d times %d columns differs from the dense product", rows, n, columns)
		}
		got, want = make([]float32, n*columns), make([]float32, n*columns)
		z.turn().addTo(got, 1, left, columns)
		kernel.Gemm(true, false, n, columns, rows, 1, x, n, left, columns, true, want, columns)
		if !slices.Equal(got, want) {
			t.Fatalf("the transpose of %d×%d times %d columns differs from the dense product", rows, n, columns)
		}
	}
}
