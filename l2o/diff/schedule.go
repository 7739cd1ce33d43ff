package diff

import (
	"fmt"
	"math"
	"slices"

	"unroll/l2o"
)

// A Schedule holds the steps and momenta of K iterations; iteration k = 1…K uses the entries k−1. They are numbers, so that every one of
// them can be differentiated with respect to.
type Schedule struct {
	Step     []float64 // τ_k (K)
	Momentum []float64 // β_k (K); nil means 0: proximal gradient without momentum
	Metric   []Metric  // nil means the identity throughout
}

// A Metric multiplies the step of every coordinate by a number of its own, in iteration From and those after it.
type Metric struct {
	From  int       // the first iteration, counted from 1; rising from one metric to the next
	Scale []float64 // (n), each > 0
}

// Tabulate evaluates K steps and momenta of a solver's schedules; a nil momentum is none. l2o counts the momentum from the iterate that it
// leads away from: that of iteration k+1 is momentum(k), and that of the first iteration is 0.
func Tabulate(K int, step, momentum l2o.Schedule) Schedule {
	s := Schedule{Step: make([]float64, K)}
	for k := range K {
		s.Step[k] = step(k + 1)
	}
	if momentum != nil {
		s.Momentum = make([]float64, K)
		for k := 1; k < K; k++ {
			s.Momentum[k] = momentum(k)
		}
	}
	return s
}

// momentum returns β of iteration k = 1…K.
func (s Schedule) momentum(k int) float64 {
	if s.Momentum == nil {
		return 0
	}
	return s.Momentum[k-1]
}

// scale returns the metric of iteration k, nil for the identity.
func (s Schedule) scale(k int) []float64 {
	var scale []float64
	for _, m := range s.Metric {
		if m.From <= k {
			scale = m.Scale
		}
	}
	return scale
}

// switches reports whether a metric begins at iteration k.
func (s Schedule) switches(k int) bool {
	return slices.ContainsFunc(s.Metric, func(m Metric) bool { return m.From == k })
}

// check returns the *[l2o.InputError] of a schedule that is none for n unknowns. The steps' upper bound is the model's to check.
func (s Schedule) check(n int) error {
	if len(s.Step) == 0 {
		return &l2o.InputError{Arg: "Schedule.Step", Value: "empty", Want: "at least one step"}
	}
	if s.Momentum != nil && len(s.Momentum) != len(s.Step) {
		return &l2o.InputError{Arg: "Schedule.Momentum", Value: fmt.Sprintf("of length %d", len(s.Momentum)),
			Want: fmt.Sprintf("length %d, the steps", len(s.Step))}
	}
	for k, b := range s.Momentum {
		if !(b > -1 && b <= math.MaxFloat64) {
			return &l2o.InputError{Arg: fmt.Sprintf("Schedule.Momentum[%d]", k), Value: b, Want: "a finite number > −1"}
		}
	}
	from := 0
	for i, m := range s.Metric {
		if m.From <= from {
			return &l2o.InputError{Arg: fmt.Sprintf("Schedule.Metric[%d].From", i), Value: m.From, Want: fmt.Sprintf("more than %d", from)}
		}
		from = m.From
		if len(m.Scale) != n {
			return &l2o.InputError{Arg: fmt.Sprintf("Schedule.Metric[%d].Scale", i), Value: fmt.Sprintf("of length %d", len(m.Scale)),
				Want: fmt.Sprintf("length %d, the unknowns", n)}
		}
		for j, v := range m.Scale {
			if !(v > 0 && v <= math.MaxFloat64) {
				return &l2o.InputError{Arg: fmt.Sprintf("Schedule.Metric[%d].Scale[%d]", i, j), Value: v, Want: "a finite number > 0"}
			}
		}
	}
	return nil
}
