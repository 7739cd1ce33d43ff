package l2o_test

import (
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

func lasso(m, n int, share float64) *l2o.Problem {
	return l2otest.Random(rand.New(rand.NewPCG(11, 0)), m, n, share)
}

func TestSolveConverges(t *testing.T) {
	p := lasso(30, 60, 0.1)
	for _, s := range []l2o.Solver{l2o.ISTA{}, l2o.FISTA{}} {
		sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-9})
		if err != nil || sol.Status != l2o.Converged {
			t.Fatalf("%T: %v, error %v", s, sol.Status, err)
		}
		if sol.Gap != l2o.Gap(p, sol.X) || !slices.Equal(sol.X, last(s, p, sol.Iters)) {
			t.Errorf("%T: gap or iterate is not that of x_%d", s, sol.Iters)
		}
		for j, v := range sol.X {
			if (v != 0) != slices.Contains(sol.Support, j) {
				t.Errorf("%T: support %v does not fit x[%d] = %v", s, sol.Support, j, v)
			}
		}
	}
}

// 3/L is beyond the limit of stability, 2/L, and must not look as if it had converged.
func TestSolveStatus(t *testing.T) {
	p := lasso(10, 20, 0.05)
	l := math.Pow(linop.Norm(p.A), 2)
	for _, c := range []struct {
		name   string
		solver l2o.Solver
		stop   l2o.Stop
		status l2o.Status
		iters  int // −1 for any
	}{
		{"defaults", l2o.FISTA{}, l2o.Stop{}, l2o.Converged, -1},
		{"few iterations", l2o.FISTA{}, l2o.Stop{MaxIter: 7}, l2o.MaxIter, 7},
		{"a multiple of ten", l2o.FISTA{}, l2o.Stop{MaxIter: 20}, l2o.MaxIter, 20},
		{"a solver that ends", first{4}, l2o.Stop{}, l2o.MaxIter, 4},
		{"a step too long", l2o.ISTA{Step: 3 / l}, l2o.Stop{}, l2o.Diverged, -1},
		{"a step too long, seen early", l2o.ISTA{Step: 3 / l}, l2o.Stop{MaxIter: 60}, l2o.Diverged, -1},
		{"a step far too long", l2o.FISTA{Step: 1e300}, l2o.Stop{}, l2o.Diverged, -1},
		{"a solver of NaN", first{-1}, l2o.Stop{}, l2o.Diverged, 0},
	} {
		sol, err := l2o.Solve(c.solver, p, c.stop)
		if err != nil || sol.Status != c.status || c.iters >= 0 && sol.Iters != c.iters {
			t.Errorf("%s: %v after %d iterations, error %v; want %v after %d", c.name, sol.Status, sol.Iters, err, c.status, c.iters)
		}
		if gap := l2o.Gap(p, sol.X); sol.Gap != gap && !math.IsNaN(gap) {
			t.Errorf("%s: gap %v, that of X is %v", c.name, sol.Gap, gap)
		}
	}
}

// first is FISTA up to x_last, as a learned solver ends with its last layer; a negative last yields NaN.
type first struct{ last int }

func (first) Check(p *l2o.Problem) error { return p.Check() }

func (s first) Iterates(p *l2o.Problem) iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		for k, x := range (l2o.FISTA{}).Iterates(p) {
			if s.last < 0 {
				x[0] = math.NaN()
			}
			if !yield(k, x) || k == s.last {
				x[0] = math.NaN() // x_k is the solver's own
				return
			}
		}
	}
}

func TestSolveRefuses(t *testing.T) {
	p := lasso(3, 4, 0.1)
	for _, c := range []struct {
		arg    string
		solver l2o.Solver
		p      *l2o.Problem
		stop   l2o.Stop
	}{
		{"Stop.Gap", l2o.ISTA{}, p, l2o.Stop{Gap: -1}},
		{"Stop.Gap", l2o.ISTA{}, p, l2o.Stop{Gap: math.NaN()}},
		{"Stop.MaxIter", l2o.ISTA{}, p, l2o.Stop{MaxIter: -1}},
		{"Step", l2o.ISTA{Step: -1}, p, l2o.Stop{}},
		{"Step", l2o.FISTA{Step: math.Inf(1)}, p, l2o.Stop{}},
		{"G", first{3}, &l2o.Problem{A: p.A, Y: p.Y}, l2o.Stop{}},
		{"G.Lambda", l2o.FISTA{}, &l2o.Problem{A: p.A, Y: p.Y, G: prox.L1{Lambda: -2}}, l2o.Stop{}},
		{"Y", l2o.FISTA{}, &l2o.Problem{A: p.A, Y: p.Y[:1], G: p.G}, l2o.Stop{}},
	} {
		_, err := l2o.Solve(c.solver, c.p, c.stop)
		if bad, ok := errors.AsType[*l2o.InputError](err); !ok || bad.Arg != c.arg {
			t.Errorf("%T: error %v, want one that names %s", c.solver, err, c.arg)
		}
	}
}

func TestInputErrorReads(t *testing.T) {
	p := lasso(3, 4, 0.1)
	for want, broken := range map[string]*l2o.Problem{
		"l2o: G.Lambda is -2, want a finite number ≥ 0":                     {A: p.A, Y: p.Y, G: prox.L1{Lambda: -2}},
		"l2o: Y is of length 1, want length 3, the rows of A":               {A: p.A, Y: p.Y[:1], G: p.G},
		"l2o: Y[2] is NaN, want a finite number":                            {A: p.A, Y: []float64{1, 2, math.NaN()}, G: p.G},
		"l2o: Y is up to 1e+200 in size, want numbers for which ‖A‖², ‖y‖²": {A: p.A, Y: []float64{1, 2, -1e200}, G: p.G},
	} {
		if err := (l2o.ISTA{}).Check(broken); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error reads %q, want %q", err, want)
		}
	}
}
