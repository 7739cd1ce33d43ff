package l2otest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Takes says whether a solver takes a loss with a penalty: the row of a table of what is supported.
type Takes func(loss l2o.Loss, g prox.Func) bool

// Certified is the conformance suite of a solver over all penalties and losses. Its only judge is the certificate: on what the solver
// takes it must reach stop, as [l2o.Certify] of its answer sees it; what it does not take must be an [l2o.UnsupportedError].
func Certified(t TB, s l2o.Solver, takes Takes, stop l2o.Stop) {
	t.Helper()
	for _, c := range Pairs() {
		p := c.Problem
		if !takes(p.Loss, p.G) {
			if _, ok := errors.AsType[*l2o.UnsupportedError](s.Check(p)); !ok {
				t.Errorf("solver: unsupported: on %s Check returns %v, want an UnsupportedError", c.Name, s.Check(p))
			}
			continue
		}
		if err := s.Check(p); err != nil {
			t.Errorf("solver: supported: on %s Check returns %v", c.Name, err)
			continue
		}
		sol, err := l2o.Solve(s, p, stop)
		if err != nil {
			t.Errorf("solver: supported: on %s Solve returns %v", c.Name, err)
			continue
		}
		if cert := l2o.Certify(p, sol.X); !(cert.RelativeGap <= stop.Gap) {
			t.Errorf("solver: certified: on %s it ends with %v at x_%d and a relative gap of %.3g, want %.3g",
				c.Name, sol.Status, sol.Iters, cert.RelativeGap, stop.Gap)
		}
	}
}

// Pairs returns problems with every loss and every penalty, wide, tall and of one column.
func Pairs() []Case {
	var cases []Case
	rng := rand.New(rand.NewPCG(17, 0))
	for _, shape := range [][2]int{{10, 20}, {20, 10}, {12, 1}, {30, 60}} {
		p := Random(rng, shape[0], shape[1], 0.1)
		for _, g := range Penalties(shape[1], p.G.(prox.L1).Lambda) {
			cases = append(cases, Case{fmt.Sprintf("squared, %T, %d×%d", g, shape[0], shape[1]), &l2o.Problem{A: p.A, Y: p.Y, Loss: l2o.Squared{}, G: g}})
		}
		q := Labelled(rng, p)
		top := l2o.LambdaMax(q.A, q.Y) / 2
		for _, g := range Penalties(shape[1], 0.1*top) {
			cases = append(cases, Case{fmt.Sprintf("logistic, %T, %d×%d", g, shape[0], shape[1]), &l2o.Problem{A: q.A, Y: q.Y, Loss: q.Loss, G: g}})
		}
	}
	return cases
}

// Penalties returns the seven penalties of package prox for n unknowns; lambda is a weight at which an ℓ1 penalty selects some of them.
// A weight of the weighted one is 0, and another one +Inf.
func Penalties(n int, lambda float64) []prox.Func {
	weights := make([]float64, n)
	var groups [][]int
	for j := range weights {
		weights[j] = 0.5 + float64(j%4)/2
		if j%3 == 0 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], n-1-j)
	}
	weights[0] = 0
	if n > 1 {
		weights[1] = math.Inf(1)
	}
	return []prox.Func{
		prox.L1{Lambda: lambda},
		prox.WeightedL1{Lambda: lambda, Weights: weights},
		prox.NonNegL1{Lambda: lambda},
		prox.ElasticNet{Lambda: lambda, Ridge: lambda},
		prox.Group{Lambda: lambda, Groups: groups},
		prox.Box{Lo: -0.3, Hi: 0.2},
		prox.SquaredL2{Lambda: lambda},
	}
}

// Labelled returns the logistic problem on p's matrix whose labels are drawn at log-odds Ax, for x normal: not separable, as a rule.
func Labelled(rng *rand.Rand, p *l2o.Problem) *l2o.Problem {
	a := p.A.(*linop.Dense)
	z := make([]float64, a.M)
	a.Apply(z, gaussian(rng, a.N))
	for i, v := range z {
		if rng.Float64() < 1/(1+math.Exp(-v)) {
			z[i] = 1
		} else {
			z[i] = -1
		}
	}
	return &l2o.Problem{A: a, Y: z, Loss: l2o.Logistic{}, G: p.G}
}
