package transfer

import (
	"errors"
	"fmt"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// A Fit is the answer of a [TwoStage] with the certificates of both stages.
type Fit struct {
	First, Second l2o.Solution // β₁ of the pooled problem, β₂ of the target's
	W             []float64    // κβ₁ + β₂
}

// Converged reports whether both stages reached the gap asked for.
func (f Fit) Converged() bool {
	return f.First.Status == l2o.Converged && f.Second.Status == l2o.Converged
}

// Fit computes β₁ and β₂ by coordinate descent. The error is an *[InputError]; a gap that was not reached is a status of the solutions.
func (s TwoStage) Fit(sets []DataSet, stop l2o.Stop) (Fit, error) {
	if err := s.Check(); err != nil {
		return Fit{}, err
	}
	if err := checkSets(sets); err != nil {
		return Fit{}, err
	}
	return newTasks(sets, stop).fit(s)
}

// checkSets refuses a target without a source, columns that differ, an empty data set, and values that are not finite.
func checkSets(sets []DataSet) error {
	if len(sets) < 2 {
		return &InputError{"data sets", "number", len(sets), "a target and at least one source"}
	}
	for k, d := range sets {
		where := fmt.Sprintf("data set %d", k+1)
		if d.A == nil {
			return &InputError{where, "A", nil, "an operator with columns"}
		}
		_, target := sets[0].A.Dims()
		if m, n := d.A.Dims(); m < 1 || n < 1 {
			return &InputError{where, "A", fmt.Sprintf("%d×%d", m, n), "at least one row and one column"}
		} else if n != target {
			return &InputError{where, "A", fmt.Sprintf("of %d columns", n), fmt.Sprintf("%d columns, as the target has", target)}
		}
		err := (&l2o.Problem{A: d.A, Y: d.Y, G: prox.L1{}}).Check()
		if bad, ok := errors.AsType[*l2o.InputError](err); ok {
			return &InputError{where, bad.Arg, bad.Value, bad.Want}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tasks are data sets in the form in which the stages are solved many times.
type tasks struct {
	sets   []DataSet
	pooled l2o.Problem // all rows, the target's first
	stop   l2o.Stop
}

func newTasks(sets []DataSet, stop l2o.Stop) *tasks {
	t := &tasks{sets: sets, stop: stop}
	a, y := stack(sets)
	t.pooled = l2o.Problem{A: a, Y: y}
	return t
}

// stack puts the data sets below each other.
func stack(sets []DataSet) (*linop.ColMajor, []float64) {
	_, n := sets[0].A.Dims()
	var y []float64
	for _, d := range sets {
		y = append(y, d.Y...)
	}
	a := &linop.ColMajor{M: len(y), N: n, Data: make([]float64, len(y)*n)}
	for j := range n {
		at := j * len(y)
		for _, d := range sets {
			d.A.Column(a.Data[at:at+len(d.Y)], j)
			at += len(d.Y)
		}
	}
	return a, y
}

// fit solves both stages.
func (t *tasks) fit(s TwoStage) (Fit, error) {
	first, err := t.first(s.Lambda1, nil)
	if err != nil {
		return Fit{}, err
	}
	return t.second(s, first, nil)
}

// first is stage 1, from x0 where that is not nil.
func (t *tasks) first(lambda float64, x0 []float64) (l2o.Solution, error) {
	p := t.pooled
	p.G = prox.L1{Lambda: lambda}
	return solveFrom(&p, x0, t.stop)
}

// second is stage 2 after a stage 1.
func (t *tasks) second(s TwoStage, first l2o.Solution, x0 []float64) (Fit, error) {
	target := t.sets[0]
	weights := make([]float64, len(first.X))
	for j, v := range first.X {
		weights[j] = s.Lambda2
		if v == 0 {
			weights[j] += s.DeltaLambda
		}
	}
	y := make([]float64, len(target.Y))
	target.A.Apply(y, first.X)
	for i, v := range target.Y {
		y[i] = v - s.Kappa*y[i]
	}
	second, err := solveFrom(&l2o.Problem{A: target.A, Y: y, G: prox.WeightedL1{Lambda: 1, Weights: weights}}, x0, t.stop)
	if err != nil {
		return Fit{}, err
	}
	f := Fit{First: first, Second: second, W: make([]float64, len(first.X))}
	for j := range f.W {
		f.W[j] = s.Kappa*first.X[j] + second.X[j]
	}
	return f, nil
}

func solveFrom(p *l2o.Problem, x0 []float64, stop l2o.Stop) (l2o.Solution, error) {
	if x0 == nil {
		return l2o.Solve(l2o.CD{}, p, stop)
	}
	return l2o.SolveFrom(l2o.CD{}, p, x0, stop)
}
