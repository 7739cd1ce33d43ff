package l2otest

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Symmetries is the suite of maps of a Lasso that map its minimiser: after at most last iterations x must be the same to 1e-10 once the map is
// undone, and to 1e-12 after scaling by powers of two. At λ_max and above it must be 0 exactly.
func Symmetries(t TB, s l2o.Solver, last int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(19, 0))
	for _, shape := range [][2]int{{10, 20}, {20, 10}} {
		p := Random(rng, shape[0], shape[1], 0.2)
		a, lambda := p.A.(*linop.Dense), p.G.(prox.L1).Lambda
		base := limit(t, s, p, last)
		for _, factor := range []float64{1, 1.5} {
			for k, x := range take(t, s, lassoOf(a, p.Y, factor*l2o.LambdaMax(a, p.Y)), 20) {
				if dot(x, x) != 0 {
					t.Errorf("solver: at λ_max times %v x_%d is %v, want 0", factor, k, x)
				}
			}
		}
		order := rng.Perm(a.N)
		sign := make([]float64, a.N)
		for j := range sign {
			sign[j] = math.Copysign(1, rng.NormFloat64())
		}
		for _, c := range []struct {
			name string
			p    *l2o.Problem
			undo func(x []float64) []float64
			tol  float64
		}{
			{"permuted columns", lassoOf(columns(a, a.N, func(i, j int) float64 { return a.Data[i*a.N+order[j]] }), p.Y, lambda),
				func(x []float64) []float64 {
					z := make([]float64, len(x))
					for j, v := range x {
						z[order[j]] = v
					}
					return z
				}, 1e-10},
			{"flipped columns", lassoOf(columns(a, a.N, func(i, j int) float64 { return sign[j] * a.Data[i*a.N+j] }), p.Y, lambda),
				func(x []float64) []float64 {
					z := slices.Clone(x)
					for j := range z {
						z[j] *= sign[j]
					}
					return z
				}, 1e-10},
			{"doubled rows and 2λ", lassoOf(&linop.Dense{M: 2 * a.M, N: a.N, Data: slices.Repeat(a.Data, 2)}, slices.Repeat(p.Y, 2), 2*lambda),
				slices.Clone[[]float64], 1e-10},
			{"a column of zeros", lassoOf(columns(a, a.N+1, func(i, j int) float64 {
				if j == a.N {
					return 0
				}
				return a.Data[i*a.N+j]
			}), p.Y, lambda), func(x []float64) []float64 { return slices.Delete(slices.Clone(x), a.N, a.N+1) }, 1e-10},
			{"powers of two", lassoOf(&linop.Dense{M: a.M, N: a.N, Data: scaled(a.Data, 0x1p11)}, scaled(p.Y, 0x1p-23), 0x1p-12*lambda),
				func(x []float64) []float64 { return scaled(x, 0x1p34) }, 1e-12},
		} {
			x := c.undo(limit(t, s, c.p, last))
			if d := distance(x, base); !(d <= c.tol*math.Sqrt(dot(base, base))) {
				t.Errorf("solver: symmetry: with %s x differs by %.3g of %.3g", c.name, d, math.Sqrt(dot(base, base)))
			}
		}
	}
}

// limit returns x after at most last iterations, where no gap is small enough.
func limit(t TB, s l2o.Solver, p *l2o.Problem, last int) []float64 {
	t.Helper()
	sol, err := l2o.Solve(s, p, l2o.Stop{Gap: math.SmallestNonzeroFloat64, MaxIter: last})
	if err != nil {
		t.Errorf("solver: symmetry: %v", err)
		_, n := p.A.Dims()
		return make([]float64, n)
	}
	return sol.X
}

func lassoOf(a *linop.Dense, y []float64, lambda float64) *l2o.Problem {
	return &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: lambda}}
}

// columns returns a matrix with n columns and the rows of a.
func columns(a *linop.Dense, n int, entry func(i, j int) float64) *linop.Dense {
	b := &linop.Dense{M: a.M, N: n, Data: make([]float64, a.M*n)}
	for i := range a.M {
		for j := range n {
			b.Data[i*n+j] = entry(i, j)
		}
	}
	return b
}

// Scaling tests that a Lasso scaled by powers of two, A by a, y by b and λ by ab, takes as many iterations to an x that is b/a times as large
// to the last bit.
func Scaling(t TB, s l2o.Solver, stop l2o.Stop) {
	t.Helper()
	rng := rand.New(rand.NewPCG(37, 0))
	for _, shape := range [][2]int{{10, 20}, {20, 10}, {30, 60}} {
		p := Random(rng, shape[0], shape[1], 0.1)
		a, lambda := p.A.(*linop.Dense), p.G.(prox.L1).Lambda
		base, err := l2o.Solve(s, p, stop)
		if err != nil || base.Status != l2o.Converged {
			t.Errorf("solver: scaling: %v, error %v", base.Status, err)
		}
		for _, c := range [][2]float64{{0x1p11, 0x1p-23}, {1, 0x1p7}, {0x1p40, 1}, {0x1p-200, 0x1p150}} {
			sol, err := l2o.Solve(s, lassoOf(&linop.Dense{M: a.M, N: a.N, Data: scaled(a.Data, c[0])}, scaled(p.Y, c[1]), c[0]*c[1]*lambda), stop)
			if err != nil || sol.Iters != base.Iters || !slices.Equal(sol.X, scaled(base.X, c[1]/c[0])) {
				t.Errorf("solver: scaling: A·%g and y·%g change bits of x_%d (%v, x_%d), error %v", c[0], c[1], base.Iters, sol.Status, sol.Iters, err)
			}
		}
	}
}
