package l2o

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Problem is min_x ½‖Ax−y‖² + g(x). Solvers read it and never write to it.
type Problem struct {
	A linop.Operator
	Y []float64 // (m)
	G prox.Func // ISTA, FISTA, Gap and Solve need it; a learned solver may do without
}

// A Solver yields the iterates x₀, x₁, … for one problem.
//
// Iterates yields the pairs (0, x₀), (1, x₁), …; x_k is the solver's own and valid until the next step. A
// classical sequence does not end, a learned one ends with its last layer. Every range over it starts anew.
// Check returns the *[InputError] of a problem that the solver cannot take; Iterates panics on such a one.
type Solver interface {
	Check(p *Problem) error
	Iterates(p *Problem) iter.Seq2[int, []float64]
}

// An InputError names an argument that is not allowed, its value and what is allowed.
type InputError struct {
	Arg   string
	Value any
	Want  string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("l2o: %s is %v, want %s", e.Arg, e.Value, e.Want)
}

// Check returns nil, or an *[InputError] for dimensions that do not fit, for values in A or y that are not finite
// or whose products overflow, and for a penalty that is none. It costs half an iteration.
func (p *Problem) Check() error {
	if p.A == nil {
		return &InputError{"A", nil, "an operator"}
	}
	m, n := p.A.Dims()
	if m < 1 || n < 1 {
		return &InputError{"A", fmt.Sprintf("%d×%d", m, n), "at least one row and one column"}
	}
	if a, ok := p.A.(*linop.Dense); ok && len(a.Data) != m*n {
		return &InputError{"A", fmt.Sprintf("%d numbers", len(a.Data)), fmt.Sprintf("%d×%d of them", m, n)}
	}
	if len(p.Y) != m {
		return &InputError{"Y", fmt.Sprintf("of length %d", len(p.Y)), fmt.Sprintf("length %d, the rows of A", m)}
	}
	if !squarable(p.Y) {
		return rangeError("Y", p.Y, func(i int) string { return fmt.Sprintf("Y[%d]", i) })
	}
	// Aᵀy is enough to see A: each of its entries meets an entry of y, and no product with NaN or ±Inf is finite.
	aty := make([]float64, n)
	p.A.Adjoint(aty, p.Y)
	if !squarable(aty) {
		if a, ok := p.A.(*linop.Dense); ok {
			return rangeError("A", a.Data, func(i int) string { return fmt.Sprintf("A[%d,%d]", i/n, i%n) })
		}
		return rangeError("A", aty, func(j int) string { return fmt.Sprintf("(Aᵀy)[%d]", j) })
	}
	if p.G == nil {
		return nil
	}
	return checkPenalty(p.G)
}

func checkPenalty(g prox.Func) error {
	err := g.Check()
	if bad, ok := errors.AsType[*prox.ParamError](err); ok {
		return &InputError{"G." + bad.Param, bad.Value, bad.Want}
	}
	if err != nil {
		return &InputError{"G", g, err.Error()}
	}
	return nil
}

// checkProximal is the Check of a proximal-gradient solver with the given step.
func checkProximal(p *Problem, step float64) error {
	if step < 0 || !finite(step) {
		return &InputError{"Step", step, "a finite number > 0, or 0 for 1/‖A‖²"}
	}
	if p.G == nil {
		return &InputError{"G", nil, "a penalty (prox.L1{} for none)"}
	}
	return p.Check()
}

func mustCheck(s Solver, p *Problem) {
	if err := s.Check(p); err != nil {
		panic(err.Error())
	}
}

// Objective returns F(x) = ½‖Ax−y‖² + g(x). It panics if x has the wrong length.
func Objective(p *Problem, x []float64) float64 {
	m, _ := p.A.Dims()
	r := make([]float64, m)
	p.residual(r, x)
	return 0.5*sumSquares(r) + p.G.Value(x)
}

// LambdaMax returns ‖Aᵀy‖∞, the smallest λ for which x = 0 minimises ½‖Ax−y‖² + λ‖x‖₁.
func LambdaMax(A linop.Operator, y []float64) float64 {
	_, n := A.Dims()
	w := make([]float64, n)
	A.Adjoint(w, y)
	top := 0.0
	for _, v := range w {
		top = max(top, math.Abs(v))
	}
	return top
}

// residual sets r = y − Ax.
func (p *Problem) residual(r, x []float64) {
	p.A.Apply(r, x)
	for i, v := range p.Y {
		r[i] = v - r[i]
	}
}

// step returns the given step, or 1/‖A‖² for 0. Where A = 0 any step will do, as ∇f = 0.
func (p *Problem) step(given float64) float64 {
	if given != 0 {
		return given
	}
	norm := linop.Norm(p.A)
	if norm == 0 {
		return 1
	}
	return 1 / (norm * norm)
}

func sumSquares(v []float64) float64 {
	s := 0.0
	for _, t := range v {
		s += t * t
	}
	return s
}

// squarable reports whether ‖v‖² is finite and, unless v = 0, far above the smallest number. Beyond that range
// neither the objective nor the step 1/‖A‖² means anything.
func squarable(v []float64) bool {
	s := sumSquares(v)
	if s == 0 {
		return !slices.ContainsFunc(v, func(t float64) bool { return t != 0 })
	}
	return s >= 0x1p-1000 && finite(s)
}

// rangeError names the first value that is not finite, or else arg as a whole.
func rangeError(arg string, values []float64, entry func(i int) string) *InputError {
	i := slices.IndexFunc(values, func(v float64) bool { return !finite(v) })
	if i >= 0 {
		return &InputError{entry(i), values[i], "a finite number"}
	}
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	return &InputError{arg, fmt.Sprintf("up to %g in size", largest), "numbers for which ‖y‖² and ‖Aᵀy‖² neither overflow nor vanish"}
}

// finite is false for NaN, as is every comparison with it, and for ±Inf.
func finite(v float64) bool { return v-v == 0 }
