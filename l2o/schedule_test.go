package l2o_test

import (
	"math"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// From z a step τ on the scalar problem leads to soft(z − τ(z−5), τ) = (1−τ)z + 4τ: with τ = ½, ¼, 1 from 0 to 2, 2½ and 4.
func TestStepScheduleByHand(t *testing.T) {
	steps := func(k int) float64 { return []float64{math.NaN(), 0.5, 0.25, 1}[k] }
	checkIterates(t, l2o.ISTA{Steps: steps}, []float64{0, 2, 2.5, 4}, 0)
}

// With τ = ½ and μ = ½: x₁ = 2; z₂ = 2 + ½·2 = 3, x₂ = z₂/2 + 2 = 3½; z₃ = 3½ + ½·1½ = 4¼, x₃ = 4⅛.
func TestMomentumScheduleByHand(t *testing.T) {
	checkIterates(t, l2o.FISTA{Step: 0.5, Momentum: l2o.Constant(0.5)}, []float64{0, 2, 3.5, 4.125}, 0)
}

// min ½(2x+6)² + 4|x| has L = 4. From τ = 1 two halvings reach ¼, which leads to −2 at once; from 3/8 one reaches 3/16, not above ¼:
// soft(−12·3/16, 4·3/16) = −3/2. Without a step the guess is exact, as it must be for one unknown.
func TestBacktrackingByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{2}}, Y: []float64{-6}, G: prox.L1{Lambda: 4}}
	for step, want := range map[float64]float64{1: -2, 0.25: -2, 0: -2, 0.375: -1.5} {
		for _, s := range []l2o.Solver{l2o.ISTA{Step: step, Backtrack: true}, l2o.FISTA{Step: step, Backtrack: true}, l2o.Restart{Step: step, Backtrack: true}} {
			if x := last(s, p, 1); x[0] != want {
				t.Errorf("%T from step %v: x₁ = %v, want %v", s, step, x[0], want)
			}
		}
	}
}

// From a step at which the first try overflows.
func TestBacktrackingFromFar(t *testing.T) {
	p := lasso(20, 10, 0.1)
	for _, s := range []l2o.Solver{l2o.ISTA{Step: 1e300, Backtrack: true}, l2o.FISTA{Step: 1e300, Backtrack: true}, l2o.Restart{Step: 1e300, Backtrack: true}} {
		if sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-10}); err != nil || sol.Status != l2o.Converged {
			t.Errorf("%T: %v, error %v", s, sol.Status, err)
		}
	}
}

// The schedule is a pure function of k; the iteration keeps t_k instead. They must be the same to the last bit.
func TestBeckTeboulleIsTheDefault(t *testing.T) {
	p := lasso(10, 20, 0.1)
	if a, b := last(l2o.FISTA{}, p, 50), last(l2o.FISTA{Momentum: l2o.BeckTeboulle}, p, 50); !slices.Equal(a, b) {
		t.Error("x₅₀ differs between the default momentum and BeckTeboulle")
	}
	if m := l2o.BeckTeboulle(1); m != 0 {
		t.Errorf("μ₁ = %v, want 0", m)
	}
	if m, want := l2o.BeckTeboulle(2), (math.Sqrt(5)-1)/2/2.193527085331054; math.Abs(m-want) > 1e-15 {
		t.Errorf("μ₂ = %v, want %v", m, want)
	}
}

func TestSchedules(t *testing.T) {
	for k, want := range map[int]float64{1: 0, 2: 0.25, 5: 4.0 / 7, 100: 99.0 / 102} {
		if got := l2o.ChambolleDossal(3)(k); got != want {
			t.Errorf("(k−1)/(k+2) at %d is %v, want %v", k, got, want)
		}
	}
	if got := l2o.ChambolleDossal(51)(71); got != 70.0/121 {
		t.Errorf("(k−1)/(k+50) at 71 is %v", got)
	}
	u, other := l2o.Uniform(7, 0.2, 0.6), l2o.Uniform(8, 0.2, 0.6)
	sum := 0.0
	for k := 1; k <= 1000; k++ {
		v := u(k)
		if v != l2o.Uniform(7, 0.2, 0.6)(k) || v < 0.2 || v >= 0.6 || v == other(k) {
			t.Fatalf("random schedule at %d: %v", k, v)
		}
		sum += v
	}
	if mean := sum / 1000; math.Abs(mean-0.4) > 4*0.4/math.Sqrt(12*1000) {
		t.Errorf("its mean is %v, want 0.4", mean)
	}
}

// Any steps within (0, 2/L) and any momentum that dies out converge: these are random from a seed.
func TestRandomSchedulesConverge(t *testing.T) {
	p := lasso(20, 10, 0.1)
	l := math.Pow(linop.Norm(p.A), 2)
	for seed := range uint64(5) {
		for _, s := range []l2o.Solver{
			l2o.ISTA{Steps: l2o.Uniform(seed, 0.2/l, 1.8/l)},
			l2o.FISTA{Steps: l2o.Uniform(seed, 0.2/l, 1/l), Momentum: l2o.Uniform(seed+100, 0, 0.4)},
		} {
			if sol, err := l2o.Solve(s, p, l2o.Stop{Gap: 1e-12}); err != nil || sol.Status != l2o.Converged {
				t.Errorf("seed %d: %T %v after %d, error %v", seed, s, sol.Status, sol.Iters, err)
			}
		}
	}
}

func TestStepsExclude(t *testing.T) {
	p := lasso(3, 4, 0.1)
	for _, s := range []l2o.Solver{
		l2o.ISTA{Steps: l2o.Constant(1), Step: 1}, l2o.ISTA{Steps: l2o.Constant(1), Backtrack: true}, l2o.FISTA{Steps: l2o.Constant(1), Step: 1},
	} {
		if err := s.Check(p); err == nil {
			t.Errorf("%T takes two rules for its step", s)
		}
	}
}
