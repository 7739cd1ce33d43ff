package l2o_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Columns (1,0), (0,1), (0.6,0.8) and y = (1, 4): the products are 1, 4 and 3.8; then r = (1, 0) has products 1, 0 and 0.6, so that the
// first column explains the rest.
func TestOMPByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 2, N: 3, Data: []float64{1, 0, 0.6, 0, 1, 0.8}}, Y: []float64{1, 4}}
	xs := all(l2o.OMP{}, p)
	want := [][]float64{{0, 0, 0}, {0, 4, 0}, {1, 4, 0}}
	if len(xs) != len(want) {
		t.Fatalf("iterates %v, want %v", xs, want)
	}
	for k, x := range xs {
		if largestGap(x, want[k]) > 1e-15 {
			t.Errorf("x_%d is %v, want %v", k, x, want[k])
		}
	}
}

func TestOMPSequence(t *testing.T) {
	l2otest.Sequence(t, l2o.OMP{}, l2otest.Random(rand.New(rand.NewPCG(31, 31)), 20, 40, 0.1))
	p := l2otest.Random(rand.New(rand.NewPCG(31, 31)), 3, 4, 0.1)
	if err := (l2o.OMP{Terms: -1}).Check(p); err == nil || err.Error() != "l2o: Terms is -1, want a number > 0, or 0 for min(m, n)" {
		t.Errorf("error %v", err)
	}
}

// The residual is orthogonal to the columns of the support to 1e-12 of the lengths, also where they are close, and x_k has k of them.
func TestOMPResidual(t *testing.T) {
	worst := 0.0
	for i, apart := range []float64{1, 1, 1, 1e-3, 1e-6} {
		rng := rand.New(rand.NewPCG(uint64(i), 32))
		a, _ := twins(rng, 30, 60, apart)
		y := observed(rng, a)
		r, w := make([]float64, a.M), make([]float64, a.N)
		for k, x := range (l2o.OMP{Terms: 25}).Iterates(&l2o.Problem{A: a, Y: y}) {
			a.Apply(r, x)
			for j := range r {
				r[j] = y[j] - r[j]
			}
			a.Adjoint(w, r)
			filled := 0
			for j, v := range x {
				if v == 0 {
					continue
				}
				filled++
				off := math.Abs(w[j]) / (length(a.Data[j*a.M:(j+1)*a.M]) * length(y))
				if worst = max(worst, off); off > 1e-12 {
					t.Errorf("columns %g apart, x_%d: the residual has product %.2g with column %d", apart, k, off, j)
				}
			}
			if filled != k {
				t.Errorf("columns %g apart: x_%d has %d nonzeros", apart, k, filled)
			}
		}
	}
	t.Logf("products of the residual with columns of the support at most %.2g", worst)
}

// Where the coherence μ is below 1/(2S−1) any S nonzeros are recovered (Tropp 2004): identity and Hadamard matrix, μ = 1/√64, S = 4 as
// 4 < (1 + 8)/2; with unequal lengths of the columns, as these do not count.
func TestOMPRecoversExactly(t *testing.T) {
	const m, s = 64, 4
	rng := rand.New(rand.NewPCG(33, 33))
	a := &linop.ColMajor{M: m, N: 2 * m, Data: make([]float64, 2*m*m)}
	for j := range m {
		a.Data[j*m+j] = 1
		for i := range m {
			a.Data[(m+j)*m+i] = math.Pow(-1, float64(popCount(i&j))) / 8
		}
	}
	for j := range 2 * m {
		c := math.Exp(rng.NormFloat64())
		for i := range m {
			a.Data[j*m+i] *= c
		}
	}
	if mu := coherence(a); !(mu < 1./(2*s-1)) {
		t.Fatalf("coherence %g", mu)
	}
	for range 200 {
		star, y := make([]float64, a.N), make([]float64, m)
		for _, j := range rng.Perm(a.N)[:s] {
			star[j] = rng.NormFloat64()
		}
		a.Apply(y, star)
		xs := all(l2o.OMP{}, &l2o.Problem{A: a, Y: y})
		if x := xs[len(xs)-1]; len(xs) != s+1 || largestGap(x, star) > 1e-12*largest(star) {
			t.Errorf("%d terms, x off by %.2g", len(xs)-1, largestGap(x, star))
		}
	}
}

func popCount(v int) (n int) {
	for ; v > 0; v &= v - 1 {
		n++
	}
	return n
}

func coherence(a *linop.ColMajor) float64 {
	top, column := 0.0, make([]float64, a.M)
	for i := range a.N {
		a.Column(column, i)
		for j := range i {
			top = max(top, math.Abs(a.DotColumn(j, column))/(length(column)*length(a.Data[j*a.M:(j+1)*a.M])))
		}
	}
	return top
}

func length(v []float64) float64 {
	s := 0.0
	for _, t := range v {
		s += t * t
	}
	return math.Sqrt(s)
}

// A column of zeros, a y of zeros and columns that are the same end the sequence; the penalty does not matter.
func TestOMPEnds(t *testing.T) {
	for name, c := range map[string]struct {
		y    []float64
		a    []float64
		last int
	}{
		"y = 0":         {[]float64{0, 0}, []float64{1, 2, 3, 4}, 0},
		"A = 0":         {[]float64{1, 2}, make([]float64, 4), 0},
		"zero column":   {[]float64{1, 2}, []float64{1, 0, 0, 0}, 1},
		"equal columns": {[]float64{1, 2}, []float64{1, 1, 1, 1}, 1},
	} {
		p := &l2o.Problem{A: &linop.Dense{M: 2, N: 2, Data: c.a}, Y: c.y, G: prox.SquaredL2{Lambda: 3}}
		xs := all(l2o.OMP{}, p)
		if len(xs) != c.last+1 || slices.ContainsFunc(xs[c.last], func(v float64) bool { return v-v != 0 }) {
			t.Errorf("%s: iterates %v, want up to x_%d", name, xs, c.last)
		}
	}
}
