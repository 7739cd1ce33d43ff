package bilevel

import (
	"errors"
	"math"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// An Inner says how the inner problems are solved and differentiated. The zero value solves them by coordinate descent until the support is
// identified, and differentiates the solution.
type Inner struct {
	// Mode is for the Iterations of FISTA that take the place of the solution where that is not 0.
	Mode       diff.Mode
	Iterations int
}

// withPenalty adds the penalty of θ: of one number for all unknowns, or of one each.
func withPenalty(p *l2o.Problem, theta []float64, n int) *l2o.Problem {
	q := *p
	if len(theta) == 1 {
		q.G = prox.L1{Lambda: math.Exp(theta[0])}
		return &q
	}
	weights := make([]float64, n)
	for j, t := range theta {
		weights[j] = math.Exp(t)
	}
	q.G = prox.WeightedL1{Lambda: 1, Weights: weights}
	return &q
}

// chain turns the gradient with respect to λ or the weights into that with respect to θ.
func chain(slope []float64, theta []float64, g diff.Gradient) {
	if len(theta) == 1 {
		slope[0] += math.Exp(theta[0]) * g.Lambda
		return
	}
	for j, t := range theta {
		slope[j] += math.Exp(t) * g.Weights[j]
	}
}

// A solution has a limit, unless it lies on a kink or is the end of an inner iteration.
type solution struct {
	x     []float64
	limit *diff.Limit
}

// A tuned problem is one inner problem of a search.
type tuned struct {
	*l2o.Problem
	inner    Inner
	schedule diff.Schedule // of an inner iteration
	unknowns int
}

func newTuned(p *l2o.Problem, inner Inner) (*tuned, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if a, ok := p.A.(*linop.Dense); ok { // once, and not in every solution
		q := *p
		q.A = linop.NewColMajor(a)
		p = &q
	}
	_, n := p.A.Dims()
	t := &tuned{Problem: p, inner: inner, unknowns: n}
	if inner.Iterations < 0 {
		return nil, &l2o.InputError{Arg: "Inner.Iterations", Value: inner.Iterations, Want: "a number ≥ 0"}
	}
	if inner.Iterations > 0 {
		norm := linop.Norm(p.A)
		L := norm * norm
		if p.Loss != nil {
			L *= p.Loss.Curvature()
		}
		t.schedule = diff.Tabulate(inner.Iterations, l2o.Constant(1/L), l2o.BeckTeboulle)
	}
	return t, nil
}

// errDiverged says that an inner iteration did; it does not leave the package, whose callers see a status.
var errDiverged = errors.New("bilevel: the inner iteration diverged")

// solve returns the solution at θ, found from another one.
func (t *tuned) solve(theta, from []float64) (solution, error) {
	p := withPenalty(t.Problem, theta, len(from))
	if t.inner.Iterations == 0 {
		x, limit, err := diff.Solve(p, from)
		if _, refused := errors.AsType[*diff.Refusal](err); refused {
			err = nil
		}
		return solution{x, limit}, err
	}
	run, err := diff.Iterate(p, t.schedule, from)
	if err == nil && run.Status == l2o.Diverged {
		err = errDiverged
	}
	return solution{x: run.X}, err
}

// gradient returns that of ⟨w, x⟩ for a solution from solve; ok is false at a kink.
func (t *tuned) gradient(theta, from []float64, at solution, w []float64) (g diff.Gradient, ok bool, err error) {
	if t.inner.Iterations == 0 {
		if at.limit == nil {
			return g, false, nil
		}
		return at.limit.Gradient(w, nil), true, nil
	}
	_, r, err := diff.Reverse(withPenalty(t.Problem, theta, len(from)), t.schedule, from, t.inner.Mode, func([]float64) []float64 { return w }, nil)
	if _, refused := errors.AsType[*diff.Refusal](err); refused {
		return g, false, nil
	}
	if err != nil {
		return g, false, err
	}
	return *r, true, nil
}
