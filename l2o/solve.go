package l2o

import (
	"fmt"
	"iter"
)

// A Stop says when [Solve] ends.
type Stop struct {
	Gap     float64 // relative gap, as in [Certificate], that counts as converged; 0 means 1e-6
	MaxIter int     // index of the last iterate to look at; 0 means 10,000
}

// A Status says why [Solve] ended.
type Status int

const (
	Converged Status = 1 + iota // the gap is small enough
	MaxIter                     // the iterations allowed, or those that the solver has, came to an end before
	Diverged                    // f(x) is not finite, or far above where it began
)

func (s Status) String() string {
	switch s {
	case Converged:
		return "converged"
	case MaxIter:
		return "maximum of iterations"
	case Diverged:
		return "diverged"
	}
	return fmt.Sprintf("Status(%d)", int(s))
}

// A Solution is the iterate at which [Solve] ended, whatever the status, with its certificate; where that is not finite, which is [Diverged],
// the last one that was seen to be.
type Solution struct {
	X      []float64
	Iters  int // k of x_k
	Status Status
	Certificate
}

const (
	defaultGap     = 1e-6
	defaultMaxIter = 10_000

	// A gap costs as much as an iteration: at one in ten it does not dominate.
	gapEvery = 10

	// With a safe step neither ISTA nor FISTA ever has F(x_k) above F(x₀). The wide margin is for learned solvers, whose f may
	// rise before it falls, relative to the larger of F(0) and f(x₀).
	divergence = 1e6
)

// Solve runs s on p until the relative gap, computed at the first ten iterates, then ever more rarely down to one in ten, and at the last, is
// small enough. The error is an *[InputError] or an *[UnsupportedError]; an end without convergence is a [Status].
func Solve(s Solver, p *Problem, stop Stop) (Solution, error) {
	if _, ok := s.(CD); ok {
		return solveByDescent(p, nil, stop)
	}
	if err := checkSolve(s, p, stop); err != nil {
		return Solution{}, err
	}
	return follow(s.Iterates(p), newJudge(p), stop), nil
}

// SolveFrom is [Solve] from a copy of x0 (n) in place of 0.
func SolveFrom(s Warm, p *Problem, x0 []float64, stop Stop) (Solution, error) {
	if p.A == nil {
		return Solution{}, &InputError{"A", nil, "an operator"}
	}
	if _, n := p.A.Dims(); len(x0) != n {
		return Solution{}, &InputError{"x0", fmt.Sprintf("of length %d", len(x0)), fmt.Sprintf("length %d, the columns of A", n)}
	}
	for j, v := range x0 {
		if !finite(v) {
			return Solution{}, &InputError{fmt.Sprintf("x0[%d]", j), v, "a finite number"}
		}
	}
	if _, ok := s.(CD); ok {
		return solveByDescent(p, x0, stop)
	}
	if err := checkSolve(s, p, stop); err != nil {
		return Solution{}, err
	}
	return follow(s.IteratesFrom(p, x0), newJudge(p), stop), nil
}

func checkSolve(s Solver, p *Problem, stop Stop) error {
	if err := checkStop(p, stop); err != nil {
		return err
	}
	if err := s.Check(p); err != nil {
		return err
	}
	_, n := p.A.Dims()
	return checkPenalty(p.G, n) // a learned solver does not look at it
}

func checkStop(p *Problem, stop Stop) error {
	if stop.Gap < 0 || !finite(stop.Gap) {
		return &InputError{"Stop.Gap", stop.Gap, "a finite number > 0, or 0 for 1e-6"}
	}
	if stop.MaxIter < 0 {
		return &InputError{"Stop.MaxIter", stop.MaxIter, "a number > 0, or 0 for 10,000"}
	}
	if p.G == nil {
		return &InputError{"G", nil, "a penalty, which the duality gap needs"}
	}
	return nil
}

// follow has c look at the iterates until stop.
func follow(iterates iter.Seq2[int, []float64], c *judge, stop Stop) Solution {
	if stop.Gap == 0 {
		stop.Gap = defaultGap
	}
	if stop.MaxIter == 0 {
		stop.MaxIter = defaultMaxIter
	}
	n := len(c.w)
	w := &watch{c: c, scale: c.start(), gap: stop.Gap, finite: make([]float64, n), sol: Solution{X: make([]float64, n), Status: MaxIter}}
	next := 0 // iterate to look at
	for k, x := range iterates {
		copy(w.sol.X, x)
		w.sol.Iters = k
		if k == next {
			next += min(max(k/gapEvery, 1), gapEvery)
			if w.look() {
				break
			}
		}
		if k == stop.MaxIter {
			break
		}
	}
	if w.sol.Status == MaxIter {
		w.look()
	}
	if w.sol.Status == Diverged { // X may be an earlier iterate
		w.found = c.gap(w.sol.X)
	}
	w.sol.Certificate = c.certificate(w.sol.X, w.found)
	return w.sol
}

// A watch is the state of [follow].
type watch struct {
	c          *judge
	scale, gap float64 // F(0), relative gap that counts as converged
	limit      float64 // of f, beyond which it has diverged
	found      verdict // on the iterate in sol
	sol        Solution
	finite     []float64 // the last iterate looked at and found finite
	finiteK    int
}

// look sets the status of the iterate in sol, and reports whether it is the last.
func (w *watch) look() (ended bool) {
	w.found = w.c.gap(w.sol.X)
	v, sol := w.found, &w.sol
	if sol.Iters == 0 {
		w.limit = divergence * max(w.scale, v.loss)
	}
	switch {
	case !finite(v.loss) || !allFinite(sol.X):
		sol.Status, sol.Iters = Diverged, w.finiteK
		copy(sol.X, w.finite)
	case !(v.loss <= w.limit):
		sol.Status = Diverged
	case v.total <= w.gap*w.scale:
		sol.Status = Converged
	default:
		copy(w.finite, sol.X)
		w.finiteK = sol.Iters
	}
	return sol.Status != MaxIter
}
