package linop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"unroll/l2o/linop"
)

func TestNormAgainstSVD(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, shape := range [][2]int{{1, 1}, {1, 8}, {8, 1}, {10, 20}, {20, 10}, {2, 2}, {7, 7}, {30, 60}, {250, 500}} {
		a := random(rng, shape[0], shape[1])
		var svd mat.SVD
		svd.Factorize(mat.NewDense(a.M, a.N, a.Data), mat.SVDNone)
		want := svd.Values(nil)[0]
		if got := linop.Norm(a); !(math.Abs(got/want-1) <= 1e-12) || got < want*(1-1e-14) {
			t.Errorf("%d×%d: norm %.17g, SVD %.17g: relative difference %.2g", a.M, a.N, got, want, got/want-1)
		}
	}
}

func random(rng *rand.Rand, m, n int) *linop.Dense {
	a := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}
	for i := range a.Data {
		a.Data[i] = rng.NormFloat64()
	}
	return a
}

func BenchmarkNorm(b *testing.B) {
	for _, shape := range [][2]int{{10, 20}, {250, 500}} {
		a := random(rand.New(rand.NewPCG(1, 1)), shape[0], shape[1])
		b.Run(fmt.Sprintf("%dx%d", a.M, a.N), func(b *testing.B) {
			for b.Loop() {
				linop.Norm(a)
			}
		})
	}
}

func BenchmarkApply(b *testing.B) {
	for _, shape := range [][2]int{{10, 20}, {250, 500}} {
		a := random(rand.New(rand.NewPCG(1, 1)), shape[0], shape[1])
		x, y := make([]float64, a.N), make([]float64, a.M)
		x[0], y[0] = 1, 1
		b.Run(fmt.Sprintf("Apply/%dx%d", a.M, a.N), func(b *testing.B) {
			for b.Loop() {
				a.Apply(y, x)
			}
		})
		b.Run(fmt.Sprintf("Adjoint/%dx%d", a.M, a.N), func(b *testing.B) {
			for b.Loop() {
				a.Adjoint(x, y)
			}
		})
	}
}
