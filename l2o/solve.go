package l2o

import "fmt"

// A Stop says when [Solve] ends.
type Stop struct {
	Gap     float64 // duality gap relative to F(0) = ½‖y‖² that counts as converged; 0 means 1e-6
	MaxIter int     // index of the last iterate to look at; 0 means 10,000
}

// A Status says why [Solve] ended.
type Status int

const (
	Converged Status = 1 + iota // the gap is small enough
	MaxIter                     // the iterations allowed, or those that the solver has, came to an end before
	Diverged                    // the gap is not finite, or is divergence times F(0)
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

// A Solution is the iterate at which [Solve] ended, whatever the status, with its certificate.
type Solution struct {
	X       []float64
	Iters   int // k of x_k
	Status  Status
	Gap     float64 // [Gap] of X, absolute
	Support []int   // indices of the nonzeros of X, ascending
}

const (
	defaultGap     = 1e-6
	defaultMaxIter = 10_000

	// A gap costs as much as an iteration: at one in ten it does not dominate.
	gapEvery = 10

	// With a safe step neither ISTA nor FISTA ever has F(x_k) above F(x₀), so that the gap stays below 4·F(0).
	// The wide margin is for learned solvers, which may rise before they fall.
	divergence = 1e6
)

// Solve runs s on p until the duality gap, computed at every tenth iterate and at the last, is small enough.
// The error is an *[InputError]; an end without convergence is a [Status].
func Solve(s Solver, p *Problem, stop Stop) (Solution, error) {
	if stop.Gap < 0 || !finite(stop.Gap) {
		return Solution{}, &InputError{"Stop.Gap", stop.Gap, "a finite number > 0, or 0 for 1e-6"}
	}
	if stop.MaxIter < 0 {
		return Solution{}, &InputError{"Stop.MaxIter", stop.MaxIter, "a number > 0, or 0 for 10,000"}
	}
	if p.G == nil {
		return Solution{}, &InputError{"G", nil, "a penalty, which the duality gap needs"}
	}
	if err := s.Check(p); err != nil {
		return Solution{}, err
	}
	if err := checkPenalty(p.G); err != nil {
		return Solution{}, err
	}
	if stop.Gap == 0 {
		stop.Gap = defaultGap
	}
	if stop.MaxIter == 0 {
		stop.MaxIter = defaultMaxIter
	}
	return run(s, p, stop), nil
}

func run(s Solver, p *Problem, stop Stop) Solution {
	m, n := p.A.Dims()
	r, w := make([]float64, m), make([]float64, n)
	scale := 0.5 * sumSquares(p.Y)
	sol := Solution{X: make([]float64, n), Status: MaxIter}
	judge := func() (ended bool) {
		sol.Gap = p.gap(sol.X, r, w)
		switch {
		case sol.Gap <= stop.Gap*scale:
			sol.Status = Converged
		case !(sol.Gap <= divergence*scale):
			sol.Status = Diverged
		}
		return sol.Status != MaxIter
	}
	judged := -1
	for k, x := range s.Iterates(p) {
		copy(sol.X, x)
		sol.Iters = k
		if k%gapEvery == 0 {
			judged = k
			if judge() {
				break
			}
		}
		if k == stop.MaxIter {
			break
		}
	}
	if judged != sol.Iters {
		judge()
	}
	sol.Support = support(sol.X)
	return sol
}

func support(x []float64) []int {
	var s []int
	for j, v := range x {
		if v != 0 {
			s = append(s, j)
		}
	}
	return s
}
