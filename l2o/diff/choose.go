package diff

import (
	"fmt"
	"math"

	"unroll/l2o"
)

// A Budget is what a derivative may cost and miss.
type Budget struct {
	States int     // n-vectors that may be stored; 0 means any number
	Error  float64 // distance to the derivative of the solution, relative to it; in (0, 1)
}

// A Choice is a mode and the reason for it, in one sentence.
type Choice struct {
	Mode  Mode
	Why   string
	Error float64 // what theory predicts of the error, relative; NaN where the solution's derivative is not in sight
}

// A BudgetError says that no mode meets the budget.
type BudgetError struct {
	Budget Budget
	Why    string
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("diff: no derivative within %d vectors and a relative error of %g: %s", e.Budget.States, e.Budget.Error, e.Why)
}

// Choose picks the mode for the derivative of a run of s on p, which [Iterate] returned, from what the run has shown: since when its support
// has been stable, and the contraction ρ since then. J iterations back leave ρ^J of the derivative out, so that
//
//	implicit   stores |S| columns of m and |S|² numbers twice, and is exact
//	truncated  stores J + 4 vectors, the least J with ρ^J ≤ Error, all of them since the support is stable
//	unrolled   stores 2√(2K) + 4 vectors and leaves out ρ^(K−stable)
//
// Of those that meet the budget the one of least arithmetic is taken. Where the support changed in the second half of the run it need not be
// that of the solution, and the derivative of x_K itself is all there is. The error is a *[BudgetError] or an *[l2o.InputError].
func Choose(p *l2o.Problem, s Schedule, run Run, b Budget) (Choice, error) {
	m, err := newModel(p)
	if err != nil {
		return Choice{}, err
	}
	if b.States < 0 {
		return Choice{}, &l2o.InputError{Arg: "Budget.States", Value: b.States, Want: "a number ≥ 0"}
	}
	if !(b.Error > 0 && b.Error < 1) {
		return Choice{}, &l2o.InputError{Arg: "Budget.Error", Value: b.Error, Want: "a number between 0 and 1"}
	}
	if len(run.X) != m.n || run.Status == l2o.Diverged || run.Iters != len(s.Step) {
		return Choice{}, &l2o.InputError{Arg: "run", Value: fmt.Sprintf("%v at %d", run.Status, run.Iters), Want: "a run of all iterations of the schedule"}
	}
	if b.States == 0 {
		b.States = math.MaxInt
	}
	K, size := run.Iters, len(m.support(nil, run.X))
	if run.Stable > K/2 {
		return unsettled(K, run.Stable, b)
	}
	return settled(m, K, size, run, b)
}

// unsettled chooses where the support is still on the move.
func unsettled(K, stable int, b Budget) (Choice, error) {
	if leastStates(K) > b.States {
		return Choice{}, &BudgetError{b, fmt.Sprintf("the support changed at iteration %d of %d, and unrolling takes %d vectors", stable, K, leastStates(K))}
	}
	return Choice{Mode{}, fmt.Sprintf("unrolled, because the support changed as late as iteration %d of %d and only the derivative of the iterate is certain",
		stable, K), math.NaN()}, nil
}

func settled(m *model, K, size int, run Run, b Budget) (Choice, error) {
	rho := run.Contraction
	left := K - run.Stable
	back := left // iterations that a truncation needs
	if rho < 1 {
		back = max(1, int(math.Ceil(math.Log(b.Error)/math.Log(rho))))
	}
	work, rows := float64(size), float64(m.m)
	implicit := (2*size*size + size*m.m + m.n - 1) / m.n
	unrolled := math.Pow(rho, float64(left))
	least := math.Inf(1)
	var c Choice
	for _, o := range []struct {
		fits   bool
		work   float64
		choice Choice
	}{
		{implicit <= b.States, rows*work*work + 10*work*work*work, Choice{Mode{Rule: Implicit}, fmt.Sprintf(
			"implicit, because the support of %d has been stable since iteration %d and its equation takes the room of %d vectors", size, run.Stable, implicit), 0}},
		{rho < 1 && back <= left && back+4 <= b.States, rows*work*work/2 + float64(back)*work*work, Choice{Mode{Rule: Truncated, Last: back}, fmt.Sprintf(
			"truncated to %d of %d iterations, because the measured contraction %.4f leaves %.1e out and %d vectors are stored", back, K, rho,
			math.Pow(rho, float64(back)), back+4), math.Pow(rho, float64(back))}},
		{leastStates(K) <= b.States && unrolled <= b.Error, float64(K) * rows * float64(m.n), Choice{Mode{}, fmt.Sprintf(
			"unrolled, because %d vectors suffice for all %d iterations, which leave %.1e out at the contraction %.4f", leastStates(K), K, unrolled, rho), unrolled}},
	} {
		if o.fits && o.work < least {
			least, c = o.work, o.choice
		}
	}
	if math.IsInf(least, 1) {
		return c, &BudgetError{b, fmt.Sprintf("implicit takes the room of %d vectors, truncation %d iterations of %d since the support is stable at the contraction %.4f, unrolling %d vectors",
			implicit, back, left, rho, leastStates(K))}
	}
	return c, nil
}
