package linop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
)

func TestConformance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for m := 1; m <= 9; m++ { // every remainder of the blocks of four rows
		for _, n := range []int{1, 2, 5, 20} {
			t.Run(fmt.Sprintf("%d×%d", m, n), func(t *testing.T) { l2otest.Operator(t, random(rng, m, n)) })
		}
	}
}

func TestDenseByHand(t *testing.T) {
	a := &linop.Dense{M: 5, N: 2, Data: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
	y, x := make([]float64, 5), make([]float64, 2)
	a.Apply(y, []float64{1, -10})
	for i, want := range []float64{-19, -37, -55, -73, -91} {
		if y[i] != want {
			t.Errorf("(Ax)[%d] = %v, want %v", i, y[i], want)
		}
	}
	a.Adjoint(x, []float64{1, 0, -1, 0, 2})
	if x[0] != 14 || x[1] != 16 {
		t.Errorf("Aᵀy = %v, want [14 16]", x)
	}
}

// A zero in y must not hide NaN or ±Inf in A.
func TestDenseAdjointShowsWhatIsNotFinite(t *testing.T) {
	for i := range 7 {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			a := &linop.Dense{M: 7, N: 2, Data: make([]float64, 14)}
			a.Data[2*i+1] = bad
			x := make([]float64, 2)
			a.Adjoint(x, make([]float64, 7))
			if x[0] != 0 || x[1]-x[1] == 0 {
				t.Errorf("%v in row %d: Aᵀ0 = %v", bad, i, x)
			}
		}
	}
}

func TestDenseOfTheWrongSizePanics(t *testing.T) {
	for _, size := range []int{3, 5} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic with %d numbers in a 2×2 matrix", size)
				}
			}()
			(&linop.Dense{M: 2, N: 2, Data: make([]float64, size)}).Apply(make([]float64, 2), make([]float64, 2))
		}()
	}
}

func TestDenseDoesNotAllocate(t *testing.T) {
	a := random(rand.New(rand.NewPCG(1, 0)), 10, 20)
	x, y := make([]float64, 20), make([]float64, 10)
	if n := testing.AllocsPerRun(100, func() { a.Apply(y, x); a.Adjoint(x, y) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDense(b *testing.B) {
	for _, shape := range [][2]int{{10, 20}, {250, 500}} {
		a := random(rand.New(rand.NewPCG(1, 0)), shape[0], shape[1])
		x, y := make([]float64, a.N), make([]float64, a.M)
		b.Run(fmt.Sprintf("Apply/%d×%d", a.M, a.N), func(b *testing.B) {
			for b.Loop() {
				a.Apply(y, x)
			}
		})
		b.Run(fmt.Sprintf("Adjoint/%d×%d", a.M, a.N), func(b *testing.B) {
			for b.Loop() {
				a.Adjoint(x, y)
			}
		})
	}
}

func random(rng *rand.Rand, m, n int) *linop.Dense {
	a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
	for i := range a.Data {
		a.Data[i] = rng.NormFloat64()
	}
	return a
}
