package l2o_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/prox"
)

// Every warm solver stays where the answer is, leaves x0 as it is, and starts from 0 where it is nil.
func TestWarmStart(t *testing.T) {
	p := lasso(20, 10, 0.1)
	best, err := l2o.Solve(l2o.Restart{}, p, l2o.Stop{Gap: 1e-15, MaxIter: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, c := range solvers {
		s, ok := c.solver.(l2o.Warm)
		if !ok {
			continue
		}
		tested++
		x0 := slices.Clone(best.X)
		for k, x := range s.IteratesFrom(p, x0) {
			for j, v := range x {
				if math.Abs(v-best.X[j]) > 1e-9 {
					t.Errorf("%s: x_%d leaves the answer: %v, want %v", c.name, k, x, best.X)
				}
			}
			if k == 5 {
				break
			}
		}
		if !slices.Equal(x0, best.X) {
			t.Errorf("%s writes to x0", c.name)
		}
		sol, err := l2o.SolveFrom(s, p, x0, l2o.Stop{Gap: 1e-10})
		if err != nil || sol.Status != l2o.Converged || sol.Iters > 10 {
			t.Errorf("%s: from the answer %v after %d, error %v", c.name, sol.Status, sol.Iters, err)
		}
		for _, x := range s.IteratesFrom(p, nil) {
			if slices.ContainsFunc(x, func(v float64) bool { return v != 0 }) {
				t.Errorf("%s: from nil x₀ = %v", c.name, x)
			}
			break
		}
		for arg, bad := range map[string][]float64{"x0": x0[1:], "x0[3]": {0, 0, 0, math.NaN(), 0, 0, 0, 0, 0, 0}} {
			if e, ok := errors.AsType[*l2o.InputError](second(l2o.SolveFrom(s, p, bad, l2o.Stop{}))); !ok || e.Arg != arg {
				t.Errorf("%s: a bad x0 is not refused as %s", c.name, arg)
			}
		}
	}
	if tested < 8 {
		t.Errorf("%d warm solvers, want the proximal ones at least", tested)
	}
}

func second[A any](_ A, err error) error { return err }

// y = 0 and x0 far away: F(0) = 0 is no scale for divergence.
func TestWarmStartWithoutData(t *testing.T) {
	p := lasso(20, 10, 0.1)
	p = &l2o.Problem{A: p.A, Y: make([]float64, 20), G: prox.L1{Lambda: 0.1}}
	sol, err := l2o.SolveFrom(l2o.ISTA{}, p, slices.Repeat([]float64{1}, 10), l2o.Stop{})
	if err != nil || sol.Status != l2o.Converged || len(sol.Support) != 0 {
		t.Errorf("%v at %v, error %v, want 0", sol.Status, sol.X, err)
	}
}
