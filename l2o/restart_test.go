package l2o_test

import (
	"math"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// steep is a strongly convex problem of condition number 10^(2·decades): FISTA's momentum overshoots it in waves.
func steep(decades float64) *l2o.Problem {
	const n = 40
	a, y := &linop.Dense{M: n, N: n, Data: make([]float64, n*n)}, make([]float64, n)
	for i := range n {
		a.Data[i*n+i] = math.Pow(10, -decades*float64(i)/(n-1))
		y[i] = 1
	}
	return &l2o.Problem{A: a, Y: y, G: prox.L1{Lambda: 1e-4}}
}

// Restart is FISTA from x_k, started anew at each k at which the scheme says so: seen from outside, with FISTA's z_{k+1} rebuilt from its
// iterates and the objective from its definition.
func TestRestartIsFISTAStartedAnew(t *testing.T) {
	p := steep(1)
	for _, scheme := range []l2o.Scheme{l2o.GradientScheme, l2o.FunctionScheme} {
		var got [][]float64
		for k, x := range (l2o.Restart{Scheme: scheme}).Iterates(p) {
			if got = append(got, slices.Clone(x)); k == 300 {
				break
			}
		}
		restarts := 0
		for from := 0; from < 300; {
			next := follow(t, p, scheme, got, from)
			if next < 300 {
				restarts++
			}
			from = next
		}
		if restarts < 3 {
			t.Errorf("%v: %d restarts in 300 iterations: too few to tell", scheme, restarts)
		}
	}
}

// follow compares got with FISTA from got[from] up to the next restart, and returns its k.
func follow(t *testing.T, p *l2o.Problem, scheme l2o.Scheme, got [][]float64, from int) (next int) {
	t.Helper()
	var xs [][]float64
	for k, x := range (l2o.FISTA{}).IteratesFrom(p, got[from]) {
		xs = append(xs, slices.Clone(x))
		if !slices.Equal(x, got[from+k]) {
			t.Fatalf("%v: x_%d is not FISTA's from x_%d", scheme, from+k, from)
		}
		if from+k == 300 {
			return 300
		}
		if k == 0 {
			continue
		}
		harmful := l2o.Objective(p, xs[k]) > l2o.Objective(p, xs[k-1])
		if scheme == l2o.GradientScheme {
			sum, momentum := 0.0, 0.0
			if k > 1 {
				momentum = l2o.BeckTeboulle(k - 1)
			}
			for j := range x {
				z := xs[k-1][j]
				if k > 1 {
					z += momentum * (xs[k-1][j] - xs[k-2][j])
				}
				sum += (z - x[j]) * (x[j] - xs[k-1][j])
			}
			harmful = sum > 0
		}
		if harmful {
			return from + k
		}
	}
	return 300
}

// Strongly convex: FISTA's rate alone is 1/k², restarts make it linear.
func TestRestartIsFaster(t *testing.T) {
	p := steep(2)
	iters := func(s l2o.Solver) int {
		sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-5, MaxIter: 100_000})
		if err != nil || sol.Status != l2o.Converged {
			t.Errorf("%T: %v, error %v", s, sol.Status, err)
		}
		return sol.Iters
	}
	fista := iters(l2o.FISTA{})
	for _, s := range []l2o.Restart{{}, {Scheme: l2o.FunctionScheme}} {
		k := iters(s)
		t.Logf("%v scheme: %d iterations, FISTA %d", s.Scheme, k, fista)
		if 2*k > fista {
			t.Errorf("%v scheme: %d iterations, FISTA %d: no gain", s.Scheme, k, fista)
		}
	}
}

func TestSchemes(t *testing.T) {
	if err := (l2o.Restart{Scheme: 2}).Check(steep(1)); err == nil {
		t.Error("a scheme that is none is taken")
	}
	for s, want := range map[l2o.Scheme]string{l2o.GradientScheme: "gradient", l2o.FunctionScheme: "function", 7: "Scheme(7)"} {
		if s.String() != want {
			t.Errorf("scheme %d reads %q", int(s), s)
		}
	}
}
