package l2o_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A little above λ_max the unknowns with a penalty are 0, a little below one is not.
func TestLambdaMaxIsTheThreshold(t *testing.T) {
	for _, c := range l2otest.Pairs() {
		g, ok := c.Problem.G.(prox.Sparse)
		top, err := c.Problem.LambdaMax()
		if !ok {
			if bad, typed := errors.AsType[*l2o.InputError](err); !typed || bad.Arg != "G" {
				t.Errorf("%s: λ_max is %v, error %v", c.Name, top, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		for _, share := range []float64{1 + 1e-3, 1 - 1e-3} {
			p := *c.Problem
			p.G = g.WithLambda(share * top)
			sol, err := l2o.Solve(l2o.Restart{}, &p, l2o.Stop{Gap: 1e-14, MaxIter: 100_000})
			if err != nil || sol.Status != l2o.Converged {
				t.Errorf("%s: at %v·λ_max %v, error %v", c.Name, share, sol.Status, err)
			}
			free := len(p.G.Free(len(sol.X)))
			if top > 0 && (len(sol.Support) == free) != (share > 1) {
				t.Errorf("%s: at %v·λ_max the support is %v, %d of them free", c.Name, share, sol.Support, free)
			}
		}
	}
}

// By hand: with an intercept the free fit of 1, 2, 6 is 3, the residual (−2, −1, 3), and a column (1, 0, 2) has 4 of it. For labels
// −1, 1, 1 the fit has σ = 2/3, so u = (−2/3, 1/3, 1/3), of which the column has 0; for −1, −1, 1 it has 1 of (−1/3, −1/3, 2/3).
func TestLambdaMaxWithInterceptByHand(t *testing.T) {
	a := &linop.Dense{M: 3, N: 2, Data: []float64{1, 1, 1, 0, 1, 2}}
	g := prox.WeightedL1{Weights: []float64{0, 0.5}}
	for _, c := range []struct {
		y    []float64
		loss l2o.Loss
		want float64
	}{{[]float64{1, 2, 6}, nil, 8}, {[]float64{-1, 1, 1}, l2o.Logistic{}, 0}, {[]float64{-1, -1, 1}, l2o.Logistic{}, 2}} {
		got, err := (&l2o.Problem{A: a, Y: c.y, Loss: c.loss, G: g}).LambdaMax()
		if err != nil || math.Abs(got-c.want) > 1e-14 {
			t.Errorf("λ_max of %v is %.17g, error %v, want %v", c.y, got, err, c.want)
		}
	}
}

// With an intercept alone the fit of m labels, k of them +1, is σ = k/m, so that λ_max is the largest |A_jᵀ(b − k/m)|, b = (1+y)/2.
func TestLambdaMaxOfLabels(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	p := l2otest.Labelled(rng, l2otest.Random(rng, 60, 8, 0))
	a := p.A.(*linop.Dense)
	weights, positive := []float64{0, 1, 1, 1, 1, 1, 1, 1}, 0.0
	for i, v := range p.Y {
		a.Data[i*a.N] = 1
		positive += (1 + v) / 2
	}
	want := 0.0
	for j := 1; j < a.N; j++ {
		s := 0.0
		for i, v := range p.Y {
			s += a.Data[i*a.N+j] * ((1+v)/2 - positive/60)
		}
		want = max(want, math.Abs(s))
	}
	p.G = prox.WeightedL1{Weights: weights}
	if got, err := p.LambdaMax(); err != nil || math.Abs(got-want) > 1e-14*want {
		t.Errorf("λ_max is %.17g, error %v, want %.17g", got, err, want)
	}
}

func TestLambdaMaxOfALasso(t *testing.T) {
	p := l2otest.Random(rand.New(rand.NewPCG(3, 0)), 10, 20, 0)
	if got, err := p.LambdaMax(); err != nil || got != l2o.LambdaMax(p.A, p.Y) {
		t.Errorf("λ_max is %v, error %v, want %v", got, err, l2o.LambdaMax(p.A, p.Y))
	}
}
