//go:build !race

// Under the race detector sync.Pool forgets at random.

package kernel

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
)

func TestNothingIsAllocated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, y, z := vector[float32](rng, 200*200, false), vector[float32](rng, 200*200, false), make([]float32, 64*64)
	u, v, w := vector[float64](rng, 200*200, false), vector[float64](rng, 200*200, false), make([]float64, 64*64)
	if n := testing.AllocsPerRun(20, func() {
		for _, tA := range []bool{false, true} {
			for _, tB := range []bool{false, true} {
				Gemm(tA, tB, 30, 40, 200, 0.5, x, 200, y, 200, true, z, 40)
				Gemm(tA, tB, 30, 40, 200, 0.5, u, 200, v, 200, true, w, 40)
				GemmBatch(tA, tB, 4, 11, 11, 20, 0.5, x, 20, 400, y, 20, 400, false, z, 11, 121)
			}
		}
		Adam(x, y, x, y, AdamStep[float32]{})
		z[0] = Dot(x, y) + Sum(x) + SoftGrad(x, x, y, 1)
		Soft(u, v, 0.1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// No product allocates.
func TestConvAllocatesNothing(t *testing.T) {
	k := newConvCase[float32](Conv{3, 8, 5, 40, 40})
	if n := testing.AllocsPerRun(5, func() {
		Convolve(k.Conv, k.w, k.x, false, k.y, k.scratch)
		ConvolveAdjoint(k.Conv, k.w, k.y, false, k.x, k.scratch)
		ConvolveWeights(k.Conv, k.x, k.y, k.w, k.scratch)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestBLASAllocatesNothing(t *testing.T) {
	x := make([]float64, 100*100)
	if n := testing.AllocsPerRun(20, func() {
		BLAS{}.Dgemm(blas.NoTrans, blas.Trans, 40, 40, 50, 1, x, 50, x, 50, 0.5, x[5000:], 40)
		BLAS{}.Daxpy(long, 0.5, x, 1, x[long:], 1)
		x[0] = BLAS{}.Ddot(long, x, 1, x, 1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
