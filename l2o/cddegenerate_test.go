package l2o_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// multiples draws a problem whose columns from rank on are those before them, once, negated or doubled, with labels for the logistic loss.
func multiples(seed uint64, m, n, rank int, loss l2o.Loss) *l2o.Problem {
	r := rand.New(rand.NewPCG(seed, 7))
	a, x, y := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}, make([]float64, n), make([]float64, m)
	for i := range a.Data {
		a.Data[i] = r.NormFloat64()
	}
	for j := rank; j < n; j++ {
		factor, from := []float64{1, -1, 2}[r.IntN(3)], r.IntN(rank)
		for i := range m {
			a.Data[i*n+j] = factor * a.Data[i*n+from]
		}
	}
	for range 4 {
		x[r.IntN(n)] = 3 * r.NormFloat64()
	}
	a.Apply(y, x)
	for i := range y {
		if y[i] += 0.1 * r.NormFloat64(); loss != nil {
			y[i] = math.Copysign(1, y[i])
		}
	}
	return &l2o.Problem{A: a, Y: y, Loss: loss}
}

// Where columns are multiples of others coordinate descent comes to an end, and there to the gap: also where some have no penalty, or are
// kept in a box, and along a path.
func TestCDMultipleColumns(t *testing.T) {
	const m, n, rank = 24, 40, 20
	weights := make([]float64, n)
	for j := range weights {
		weights[j] = float64(j % 3)
	}
	for _, c := range []struct {
		loss    l2o.Loss
		penalty func(lambda float64) prox.Func
	}{
		{nil, func(lambda float64) prox.Func { return prox.WeightedL1{Lambda: lambda, Weights: weights} }},
		{nil, func(float64) prox.Func { return prox.Box{Hi: 1} }},
		{l2o.Logistic{}, func(lambda float64) prox.Func { return prox.L1{Lambda: lambda} }},
	} {
		for seed := range uint64(12) {
			p := multiples(seed, m, n, rank, c.loss)
			top := l2o.LambdaMax(p.A, p.Y)
			p.G = c.penalty(0.01 * top)
			name, stop := fmt.Sprintf("%T with %T, seed %d", p.Loss, p.G, seed), l2o.Stop{Gap: 1e-6}
			if s, err := l2o.Solve(l2o.CD{}, p, stop); err != nil || s.Status != l2o.Converged {
				t.Errorf("%s: %v after %d iterations with the relative gap %.2g, %v", name, s.Status, s.Iters, s.RelativeGap, err)
			}
			if _, ok := p.G.(prox.Sparse); !ok {
				continue
			}
			path, err := l2o.Path(l2o.CD{}, p, []float64{0.5 * top, 0.1 * top, 0.01 * top, 1e-4 * top}, stop)
			if err != nil {
				t.Fatal(err)
			}
			for k, s := range path {
				if s.Status != l2o.Converged {
					t.Errorf("%s, path at %d: %v after %d iterations with the relative gap %.2g", name, k, s.Status, s.Iters, s.RelativeGap)
				}
			}
		}
	}
}

// A start outside the domain of the penalty, where the objective is +Inf, is as good as another.
func TestCDFromOutside(t *testing.T) {
	for _, loss := range []l2o.Loss{nil, l2o.Logistic{}} {
		for _, g := range []prox.Func{prox.NonNegL1{Lambda: 0.5}, prox.Box{Lo: -0.2, Hi: 0.3}, prox.Box{Lo: 0.1, Hi: 0.7}} {
			p := multiples(3, 30, 20, 20, loss)
			p.G = g
			x0 := make([]float64, 20)
			for j := range x0 {
				x0[j] = float64(j%5) - 2
			}
			s, err := l2o.SolveFrom(l2o.CD{}, p, x0, l2o.Stop{})
			if err != nil || s.Status != l2o.Converged {
				t.Errorf("%T with %T: %v after %d iterations with the relative gap %.2g, %v", loss, g, s.Status, s.Iters, s.RelativeGap, err)
			}
		}
	}
}
