package l2otest

import (
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// oracle returns the minimiser of a Lasso by cyclic coordinate descent, which shares no step, norm or operator
// call with a proximal gradient method, certified by its gap.
func oracle(t TB, p *l2o.Problem) []float64 {
	t.Helper()
	a, lambda := p.A.(*linop.Dense), p.G.(prox.L1).Lambda
	x, r := make([]float64, a.N), slices.Clone(p.Y)
	for range 100_000 {
		if l2o.Gap(p, x) <= 1e-13*dot(p.Y, p.Y) {
			return x
		}
		for range 10 {
			for j := range x {
				var slope, square float64
				for i := range r {
					v := a.Data[i*a.N+j]
					slope += v * r[i]
					square += v * v
				}
				next := slope + square*x[j]
				next = (next - min(max(next, -lambda), lambda)) / square
				for i := range r {
					r[i] -= a.Data[i*a.N+j] * (next - x[j])
				}
				x[j] = next
			}
		}
	}
	t.Errorf("l2otest: the reference solution has gap %.3g", l2o.Gap(p, x))
	return x
}
