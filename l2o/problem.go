package l2o

import (
	"fmt"
	"iter"

	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Problem is min_x F(x) = Σᵢ ℓ((Ax)ᵢ, yᵢ) + g(x). Solvers read it and never write to it.
type Problem struct {
	A    linop.Operator
	Y    []float64 // (m)
	Loss Loss      // ℓ; nil is [Squared]
	G    prox.Func // ISTA, FISTA, Gap and Solve need it; a learned solver may do without
}

// A Solver yields the iterates x₀, x₁, … for one problem.
//
// Iterates yields the pairs (0, x₀), (1, x₁), …; x_k is the solver's own and valid until the next step. A
// classical sequence does not end, a learned one ends with its last layer. Every range over it starts anew.
// Check returns the *[InputError] of a problem that is none, and the *[UnsupportedError] of one that the solver
// cannot take; Iterates panics on what Check refuses.
type Solver interface {
	Check(p *Problem) error
	Iterates(p *Problem) iter.Seq2[int, []float64]
}

// A Warm solver can start elsewhere than at 0, at a copy of x0 (n); nil stands for 0.
type Warm interface {
	Solver
	IteratesFrom(p *Problem, x0 []float64) iter.Seq2[int, []float64]
}

// Objective returns F(x). It panics if x has the wrong length.
func Objective(p *Problem, x []float64) float64 {
	m, _ := p.A.Dims()
	z := make([]float64, m)
	p.A.Apply(z, x)
	return p.loss().Value(z, p.Y) + p.G.Value(x)
}

func (p *Problem) loss() Loss {
	if p.Loss == nil {
		return Squared{}
	}
	return p.Loss
}

// residual sets r = −ℓ′(Ax), which is y − Ax for the squared loss: at the minimiser it is the dual point.
func (p *Problem) residual(r, x []float64) {
	p.A.Apply(r, x)
	p.loss().Grad(r, r, p.Y)
	for i, v := range r {
		r[i] = -v
	}
}

// step returns the given step, or 1/L for 0, where L = ‖A‖² sup ℓ″. Where A = 0 any step will do, as ∇f = 0.
func (p *Problem) step(given float64) float64 {
	if given != 0 {
		return given
	}
	norm := linop.Norm(p.A)
	if norm == 0 {
		return 1
	}
	return 1 / (norm * norm * p.loss().Curvature())
}

// startAt returns a copy of x0 (n), or 0 for nil. It panics if x0 has another length.
func (p *Problem) startAt(x0 []float64) []float64 {
	_, n := p.A.Dims()
	if x0 != nil && len(x0) != n {
		panic(fmt.Sprintf("l2o: a starting point of length %d for %d unknowns", len(x0), n))
	}
	x := make([]float64, n)
	copy(x, x0)
	return x
}
