package l2o

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// An InputError names an argument that is not allowed, its value and what is allowed.
type InputError struct {
	Arg   string
	Value any
	Want  string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("l2o: %s is %v, want %s", e.Arg, e.Value, e.Want)
}

// An UnsupportedError says that a solver does not take a loss with a penalty, or what else it cannot take.
type UnsupportedError struct {
	Solver  string // its type
	Loss    string
	Penalty string
	Want    string // what it takes
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("l2o: %s does not take loss %s with penalty %s, but %s", e.Solver, e.Loss, e.Penalty, e.Want)
}

// unsupported returns the error of solver s on p.
func unsupported(s Solver, p *Problem, want string) error {
	return &UnsupportedError{fmt.Sprintf("%T", s), fmt.Sprintf("%T", p.loss()), fmt.Sprintf("%T", p.G), want}
}

// Check returns nil, or an *[InputError] for dimensions that do not fit, for values in A or y that are not finite
// or whose products overflow, for data that the loss has no meaning for, and for a penalty that is none. It costs half an
// iteration at most.
func (p *Problem) Check() error {
	held, err := p.checkShape()
	if err != nil {
		return err
	}
	return p.checkProducts(held)
}

// checkShape is Check but for the numbers in A, which it returns.
func (p *Problem) checkShape() (entries, error) {
	if p.A == nil {
		return entries{}, &InputError{"A", nil, "an operator"}
	}
	m, n := p.A.Dims()
	if m < 1 || n < 1 {
		return entries{}, &InputError{"A", fmt.Sprintf("%d×%d", m, n), "at least one row and one column"}
	}
	held, err := entriesOf(p.A)
	if err != nil {
		return entries{}, err
	}
	if len(p.Y) != m {
		return entries{}, &InputError{"Y", fmt.Sprintf("of length %d", len(p.Y)), fmt.Sprintf("length %d, the rows of A", m)}
	}
	if !squarable(p.Y) {
		return entries{}, rangeError("Y", p.Y, func(i int) string { return fmt.Sprintf("Y[%d]", i) })
	}
	if err := p.loss().Check(p.Y); err != nil {
		return entries{}, err
	}
	if p.G == nil {
		return held, nil
	}
	return held, checkPenalty(p.G, n)
}

// checkProducts refuses numbers in A that are not finite, or for which ‖A‖² or ‖Aᵀy‖² overflows or vanishes.
func (p *Problem) checkProducts(held entries) error {
	if held.name != nil {
		product := kernel.SumSquares(held.values) * kernel.SumSquares(p.Y) // ≥ ‖Aᵀy‖²
		if !squarable(held.values) || !finite(product) {
			return rangeError("A", held.values, held.name)
		}
		return nil
	}
	// Aᵀy is enough to see A: each of its entries meets an entry of y, and no product with NaN or ±Inf is finite.
	_, n := p.A.Dims()
	aty := make([]float64, n)
	p.A.Adjoint(aty, p.Y)
	if !squarable(aty) {
		return rangeError("A", aty, func(j int) string { return fmt.Sprintf("(Aᵀy)[%d]", j) })
	}
	return nil
}

// entries are the numbers that a matrix is made of, and the name of the k-th.
type entries struct {
	values []float64
	name   func(k int) string
}

// entriesOf returns no name for an operator whose numbers are not at hand.
func entriesOf(A linop.Operator) (entries, error) {
	m, n := A.Dims()
	at := func(i, j int) string { return fmt.Sprintf("A[%d,%d]", i, j) }
	var held entries
	switch a := A.(type) {
	case *linop.Dense:
		held = entries{a.Data, func(k int) string { return at(k/n, k%n) }}
	case *linop.ColMajor:
		held = entries{a.Data, func(k int) string { return at(k%m, k/m) }}
	case *linop.CSC:
		if err := a.Check(); err != nil {
			return entries{}, &InputError{"A", "no sparse matrix", err.Error()}
		}
		return entries{a.Value, func(k int) string {
			j, _ := slices.BinarySearch(a.Start, k+1)
			return at(a.Row[k], j-1)
		}}, nil
	default:
		return entries{}, nil
	}
	if len(held.values) != m*n {
		return entries{}, &InputError{"A", fmt.Sprintf("%d numbers", len(held.values)), fmt.Sprintf("%d×%d of them", m, n)}
	}
	return held, nil
}

func checkPenalty(g prox.Func, n int) error {
	err := g.Check(n)
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
	s := kernel.SumSquares(v)
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
	return &InputError{arg, fmt.Sprintf("up to %g in size", largest), "numbers for which ‖A‖², ‖y‖² and ‖Aᵀy‖² neither overflow nor vanish"}
}

// finite is false for NaN, as is every comparison with it, and for ±Inf.
func finite(v float64) bool { return v-v == 0 }

func allFinite(v []float64) bool {
	return !slices.ContainsFunc(v, func(t float64) bool { return !finite(t) })
}
