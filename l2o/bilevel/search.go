package bilevel

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"unroll/l2o"
)

// A Search is gradient descent on C(x(θ)) + ½·Tie·‖θ − Start‖² with a line search. With one θ for each unknown a criterion of few rows can be
// fitted better than it should; a Tie > 0 holds the weights near the start, as few Steps do.
type Search struct {
	Criterion Criterion
	Inner     Inner
	Start     []float64 // θ₀: log λ alone, or the logarithms of all weights
	Steps     int       // outer steps; 0 means 20
	Tie       float64   // 0 means none
	Tol       float64   // relative decrease of the value in one step that counts as converged; 0 means 1e-4
}

// A Result is where a search ended.
type Result struct {
	Theta  []float64   // the last that a solution was found at
	X      [][]float64 // solutions, by problem of the criterion; nil where none was found
	Value  float64     // of the criterion, without the tie
	Slope  []float64   // of the criterion and the tie there; nil at a kink
	Steps  int
	Solves int // inner problems solved
	Kinks  int // points that were passed over because a solution has no derivative there
	// Status is [l2o.Converged] where no step lowers the value any more, or by less than Tol, [l2o.Diverged] where the inner iteration diverged
	// at the next θ, and else [l2o.MaxIter].
	Status l2o.Status
}

const (
	outerSteps = 20
	outerTol   = 1e-4
	armijo     = 1e-4
	halvings   = 12  // of one line search
	growth     = 2   // of the step after a success
	firstMove  = 0.5 // ‖Δθ‖∞ of the first trial: a factor of 1.6 in the weight that moves most
	farthest   = 3   // ‖Δθ‖∞ of any
)

// A point is a θ with the solutions there.
type point struct {
	theta  []float64
	value  float64 // of the criterion
	total  float64 // with the tie
	x      [][]float64
	slope  []float64 // of the total
	smooth bool      // the slope exists
}

// Evaluate returns the criterion at θ, with solutions and slope; the slope is nil where a solution has a kink. The status is [l2o.MaxIter], or
// [l2o.Diverged] where the inner iteration diverged. The error is an *[l2o.InputError].
func Evaluate(c Criterion, inner Inner, theta []float64) (Result, error) {
	s := Search{Criterion: c, Inner: inner, Start: theta}
	problems, err := s.problems()
	if err != nil {
		return Result{}, err
	}
	r := Result{Theta: theta, Status: l2o.MaxIter}
	at, err := s.visit(problems, theta, zeros(problems), &r)
	if err == nil {
		r.take(at)
	}
	err = r.end(err)
	return r, err
}

// take makes a point the result.
func (r *Result) take(at point) {
	r.Theta, r.X, r.Value, r.Slope = at.theta, at.x, at.value, nil
	if at.smooth {
		r.Slope = at.slope
	}
}

// end turns a divergence into a status.
func (r *Result) end(err error) error {
	if errors.Is(err, errDiverged) {
		r.Status, err = l2o.Diverged, nil
	}
	return err
}

func zeros(problems []*tuned) [][]float64 {
	x := make([][]float64, len(problems))
	for i, p := range problems {
		x[i] = make([]float64, p.unknowns)
	}
	return x
}

// Run searches. The error is an *[l2o.InputError]; an inner iteration that diverges is a status.
func (s Search) Run() (Result, error) {
	problems, err := s.problems()
	if err != nil {
		return Result{}, err
	}
	r := Result{Theta: s.Start, Status: l2o.MaxIter}
	err = r.end(s.descend(problems, &r))
	return r, err
}

// descend goes from the start until a step fails, and keeps in r where it is.
func (s Search) descend(problems []*tuned, r *Result) error {
	at, err := s.visit(problems, s.Start, zeros(problems), r)
	if err != nil {
		return err
	}
	if !at.smooth { // a start on a kink is moved off it
		theta := slices.Clone(s.Start)
		for j := range theta {
			theta[j] -= 1e-6
		}
		if at, err = s.visit(problems, theta, at.x, r); err != nil {
			return err
		}
	}
	r.take(at)
	if !at.smooth {
		return nil
	}
	step := firstMove / largest(at.slope)
	for r.Steps < s.steps() && r.Status == l2o.MaxIter {
		next, accepted, err := s.line(problems, at, &step, r)
		if err != nil {
			return err
		}
		if !accepted {
			r.Status = l2o.Converged
			break
		}
		r.Steps++
		if at.total-next.total <= s.tol()*math.Abs(at.total) {
			r.Status = l2o.Converged
		}
		at = next
		r.take(at)
		step *= growth
	}
	return nil
}

// line halves the step until the value falls by Armijo's rule at a point that has a slope.
func (s Search) line(problems []*tuned, at point, step *float64, r *Result) (next point, accepted bool, err error) {
	squares := 0.0
	for _, v := range at.slope {
		squares += v * v
	}
	if squares == 0 || math.IsInf(*step, 1) {
		return at, false, nil
	}
	*step = min(*step, farthest/largest(at.slope))
	for range halvings {
		theta := make([]float64, len(at.theta))
		for j, v := range at.theta {
			theta[j] = v - *step*at.slope[j]
		}
		if next, err = s.visit(problems, theta, at.x, r); err != nil {
			return next, false, err
		}
		if next.smooth && next.total <= at.total-armijo**step*squares {
			return next, true, nil
		}
		*step /= 2
	}
	return at, false, nil
}

// visit solves all problems at θ, from other solutions, and takes the criterion's value and slope.
func (s Search) visit(problems []*tuned, theta []float64, from [][]float64, r *Result) (point, error) {
	pt := point{theta: theta, x: make([][]float64, len(problems)), slope: make([]float64, len(theta)), smooth: true}
	w, limits := make([][]float64, len(problems)), make([]solution, len(problems))
	for i, p := range problems {
		var err error
		if limits[i], err = p.solve(theta, from[i]); err != nil {
			return pt, err
		}
		r.Solves++
		pt.x[i], w[i] = limits[i].x, make([]float64, p.unknowns)
	}
	pt.value = s.Criterion.Judge(pt.x, w)
	pt.total = pt.value
	for j, v := range theta {
		d := v - s.Start[j]
		pt.total += 0.5 * s.Tie * d * d
		pt.slope[j] = s.Tie * d
	}
	for i, p := range problems {
		g, ok, err := p.gradient(theta, from[i], limits[i], w[i])
		if err != nil {
			return pt, err
		}
		if !ok {
			pt.smooth = false
			r.Kinks++
			return pt, nil
		}
		chain(pt.slope, theta, g)
	}
	return pt, nil
}

// problems checks what the user gave.
func (s Search) problems() ([]*tuned, error) {
	if s.Criterion == nil {
		return nil, &l2o.InputError{Arg: "Criterion", Value: nil, Want: "a criterion"}
	}
	for _, c := range []struct {
		arg   string
		value float64
	}{{"Tie", s.Tie}, {"Tol", s.Tol}, {"Steps", float64(s.Steps)}} {
		if !(c.value >= 0 && c.value <= math.MaxFloat64) {
			return nil, &l2o.InputError{Arg: c.arg, Value: c.value, Want: "a finite number ≥ 0"}
		}
	}
	for j, v := range s.Start {
		if v-v != 0 {
			return nil, &l2o.InputError{Arg: fmt.Sprintf("Start[%d]", j), Value: v, Want: "a finite number, the logarithm of a weight"}
		}
	}
	var all []*tuned
	for _, p := range s.Criterion.Problems() {
		t, err := newTuned(p, s.Inner)
		if err != nil {
			return nil, err
		}
		if len(s.Start) != 1 && len(s.Start) != t.unknowns {
			return nil, &l2o.InputError{Arg: "Start", Value: fmt.Sprintf("of length %d", len(s.Start)),
				Want: fmt.Sprintf("length 1, or %d, the unknowns", t.unknowns)}
		}
		all = append(all, t)
	}
	return all, nil
}

func (s Search) steps() int {
	if s.Steps == 0 {
		return outerSteps
	}
	return s.Steps
}

func (s Search) tol() float64 {
	if s.Tol == 0 {
		return outerTol
	}
	return s.Tol
}

func largest(v []float64) float64 {
	top := 0.0
	for _, t := range v {
		top = max(top, math.Abs(t))
	}
	return top
}
