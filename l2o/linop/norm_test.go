package linop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"unroll/l2o/linop"
)

// checkNorm asserts what Norm's documentation states, up to rounding: not below the norm, at most 1e-12 above.
func checkNorm(t *testing.T, name string, a linop.Operator, want float64) {
	t.Helper()
	if excess := linop.Norm(a)/want - 1; !(excess >= -1e-14 && excess <= 1e-12) {
		t.Errorf("%s: norm is off by %.2g, relatively, from %.17g", name, excess, want)
	}
}

func TestNormAgainstSVD(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	check := func(m, n int) {
		a := random(rng, m, n)
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(m, n, a.Data), mat.SVDNone) {
			t.Fatalf("%d×%d: no SVD", m, n)
		}
		checkNorm(t, fmt.Sprintf("%d×%d", m, n), a, svd.Values(nil)[0])
	}
	for range 1000 {
		check(10, 20)
	}
	for _, shape := range [][2]int{{1, 1}, {1, 8}, {8, 1}, {20, 10}, {2, 2}, {40, 40}, {60, 200}} {
		check(shape[0], shape[1])
	}
}

// Spectra on which the power method stalls, or that end the Lanczos iteration at once.
func TestNormOfHardSpectra(t *testing.T) {
	geometric := make([]float64, 60)
	close := make([]float64, 60)
	cosine := make([]float64, 60)
	for i := range geometric {
		geometric[i] = 3 * math.Pow(0.5, float64(i))
		close[i] = 2 - 1e-9*float64(i)
		cosine[i] = 1 + math.Cos(float64(i)/60)
	}
	for _, c := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"identity", []float64{1, 1, 1, 1}, 1},
		{"rank one", []float64{0, 5, 0}, 5},
		{"leading value twice", []float64{1, 3, 2, 3}, 3},
		{"1e-6 apart", []float64{1, 1 - 1e-6, 0.5}, 1},
		{"60 within 1e-7", close, 2},
		{"condition 1e18", geometric, 3},
		{"dense at the top", cosine, 2},
	} {
		checkNorm(t, c.name, diagonal(c.values), c.want)
	}
	if got := linop.Norm(diagonal(make([]float64, 3))); got != 0 {
		t.Errorf("norm of 0 is %v", got)
	}
	if got := linop.Norm(&linop.Dense{M: 0, N: 3}); got != 0 {
		t.Errorf("norm of no rows is %v", got)
	}
}

// The discrete Laplacian on 400 points, whose largest eigenvalues are 1e-5 apart, and of which Norm sees no entry.
func TestNormOfAnImplicitOperator(t *testing.T) {
	checkNorm(t, "Laplacian", laplacian(400), 2+2*math.Cos(math.Pi/401))
}

func TestNormScalesExactly(t *testing.T) {
	a := random(rand.New(rand.NewPCG(1, 0)), 10, 20)
	b := &linop.Dense{M: 10, N: 20, Data: make([]float64, 200)}
	for _, c := range []float64{0x1p-480, 0x1p-1, 0x1p70, 0x1p500} {
		for i, v := range a.Data {
			b.Data[i] = c * v
		}
		if got, want := linop.Norm(b), c*linop.Norm(a); got != want {
			t.Errorf("norm of %v·A is %.17g, want %.17g", c, got, want)
		}
	}
}

func TestNormOfWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e200} {
		if got := linop.Norm(diagonal([]float64{1, bad, 2, bad})); got-got == 0 {
			t.Errorf("norm with %v is %v", bad, got)
		}
	}
}

// An operator that shows NaN only late must not keep Norm from returning.
func TestNormOfABrokenOperator(t *testing.T) {
	if got := linop.Norm(nanApply{laplacian(5)}); !math.IsNaN(got) {
		t.Errorf("norm of an operator that yields NaN is %v", got)
	}
}

type nanApply struct{ laplacian }

func (nanApply) Apply(dst, _ []float64) {
	for i := range dst {
		dst[i] = math.NaN()
	}
}

type laplacian int

func (n laplacian) Dims() (int, int) { return int(n), int(n) }

func (n laplacian) Apply(dst, x []float64) {
	for i := range dst {
		dst[i] = 2 * x[i]
		if i > 0 {
			dst[i] -= x[i-1]
		}
		if i+1 < int(n) {
			dst[i] -= x[i+1]
		}
	}
}

func (n laplacian) Adjoint(dst, y []float64) { n.Apply(dst, y) }

func diagonal(values []float64) *linop.Dense {
	n := len(values)
	a := &linop.Dense{M: n, N: n, Data: make([]float64, n*n)}
	for i, v := range values {
		a.Data[i*n+i] = v
	}
	return a
}

func BenchmarkNorm(b *testing.B) {
	for _, shape := range [][2]int{{10, 20}, {250, 500}} {
		a := random(rand.New(rand.NewPCG(1, 0)), shape[0], shape[1])
		b.Run(fmt.Sprintf("%d×%d", a.M, a.N), func(b *testing.B) {
			for b.Loop() {
				linop.Norm(a)
			}
		})
	}
}
