package l2otest

import (
	"errors"
	"iter"
	"slices"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// Sequence is the part of the conformance suite that every [l2o.Solver] must pass, a learned one too: on p, which
// it must accept and whose A is dense, the iterates are numbered from 0, start at 0, are the same each time, live
// beside another sequence, and leave p as it is; what [Broken] makes of p is refused.
func Sequence(t TB, s l2o.Solver, p *l2o.Problem) {
	t.Helper()
	if err := s.Check(p); err != nil {
		t.Errorf("solver: Check of a good problem: %v", err)
		return
	}
	a := p.A.(*linop.Dense)
	dataBefore, yBefore := slices.Clone(a.Data), slices.Clone(p.Y)
	xs := take(t, s, p, 12)
	if len(xs) == 0 {
		t.Errorf("solver: there is no x₀")
		return
	}
	if slices.ContainsFunc(xs[0], func(v float64) bool { return v != 0 }) {
		t.Errorf("solver: x₀ is %v, want 0", xs[0])
	}
	if !equal(xs, take(t, s, p, 12)) {
		t.Errorf("solver: a second sequence differs from the first")
	}
	checkSideBySide(t, s, p, xs)
	if !slices.Equal(a.Data, dataBefore) || !slices.Equal(p.Y, yBefore) {
		t.Errorf("solver: the problem was changed")
	}
	for _, c := range Broken(p) {
		checkRefused(t, s, c)
	}
}

// checkSideBySide advances two sequences of one iterator in turn.
func checkSideBySide(t TB, s l2o.Solver, p *l2o.Problem, want [][]float64) {
	t.Helper()
	sequence := s.Iterates(p)
	next1, stop1 := iter.Pull2(sequence)
	next2, stop2 := iter.Pull2(sequence)
	defer stop1()
	defer stop2()
	for k := range want {
		_, x1, _ := next1()
		_, x2, _ := next2()
		if !slices.Equal(x1, want[k]) || !slices.Equal(x2, want[k]) {
			t.Errorf("solver: two sequences side by side disturb each other at k = %d", k)
			return
		}
	}
}

func checkRefused(t TB, s l2o.Solver, c BadCase) {
	t.Helper()
	err := s.Check(c.Problem)
	bad, ok := errors.AsType[*l2o.InputError](err)
	if !ok {
		t.Errorf("solver: Check of a problem with %s returns %v, want an InputError", c.Name, err)
		return
	}
	if bad.Arg != c.Arg {
		t.Errorf("solver: Check of a problem with %s names %s, want %s", c.Name, bad.Arg, c.Arg)
	}
	if !panics(func() { take(t, s, c.Problem, 1) }) {
		t.Errorf("solver: Iterates of a problem with %s does not panic", c.Name)
	}
}

// take returns copies of x₀ … x_K, or of as many as there are.
func take(t TB, s l2o.Solver, p *l2o.Problem, last int) [][]float64 {
	t.Helper()
	var xs [][]float64
	for k, x := range s.Iterates(p) {
		if k != len(xs) {
			t.Errorf("solver: iterate %d is numbered %d", len(xs), k)
		}
		xs = append(xs, slices.Clone(x))
		if len(xs) > last {
			break
		}
	}
	return xs
}

func equal(a, b [][]float64) bool { return slices.EqualFunc(a, b, slices.Equal[[]float64]) }
