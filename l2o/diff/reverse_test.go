package diff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// Checkpoints give the bits of full storage, from 3√K vectors.
func TestCheckpointsAreFullStorage(t *testing.T) {
	for _, c := range []struct{ K, most int }{{1, 6}, {2, 9}, {17, 15}, {200, 42}, {10_000, 300}} {
		r := lasso(rand.New(rand.NewPCG(uint64(c.K), 3)), 12, 20, 3, 0.1)
		s := schedule("APG random", r.lipschitz(), c.K, 7)
		w, dA := vector(r.rng, 20), gaussian(r.rng, 12, 20)
		of := func([]float64) []float64 { return w }
		var all []*diff.Gradient
		for _, mode := range []diff.Mode{{}, {States: c.K + 4}, {Rule: diff.Truncated, Last: c.K}} {
			_, g, err := diff.Reverse(r.problem(), s, nil, mode, of, dA)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, g)
		}
		if all[0].States > c.most || all[1].States != c.K+4 {
			t.Errorf("K = %d: %d vectors from checkpoints, want ≤ %d; %d in full, want %d", c.K, all[0].States, c.most, all[1].States, c.K+4)
		}
		for i := range all {
			all[i].States = 0
			if !reflect.DeepEqual(all[i], all[0]) {
				t.Errorf("K = %d: other numbers in storage mode %d", c.K, i)
			}
		}
	}
}

// Planted degenerate problems are refused: a column that stands twice, and a λ at which a coordinate enters.
func TestDegenerateIsRefused(t *testing.T) {
	reasons := map[diff.Reason]int{}
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 9))
		r := lasso(rng, 20, 30, 3, 0.3)
		if seed%2 == 0 {
			run, err := diff.Iterate(r.problem(), schedule("FISTA", r.lipschitz(), 1000, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			on := 0
			for run.X[on] == 0 {
				on++
			}
			for i := range r.a.M {
				r.a.Data[i*30+(on+1)%30] = r.a.Data[i*30+on]
			}
		} else {
			r.lambda = breakpoint(t, r)
		}
		s := schedule(names[seed%7], r.lipschitz(), 1500, seed)
		_, _, err := diff.Forward(r.problem(), s, nil, diff.Mode{Rule: diff.Implicit})
		why := reason(err)
		reasons[why]++
		if why == 0 {
			t.Errorf("seed %d: accepted", seed)
		}
	}
	t.Logf("reasons: %v", reasons)
}

// breakpoint returns a λ at which a coordinate joins the support: the solution between two breakpoints moves linearly, so that the join is where
// a line from it meets the bound.
func breakpoint(t *testing.T, r *random) float64 {
	t.Helper()
	p := r.problem()
	x, _, err := solved(t, p)
	if err != nil {
		t.Fatal(err)
	}
	l, err := diff.NewLimit(p, x)
	if err != nil {
		t.Fatal(err)
	}
	dx, _ := l.Tangent(diff.Direction{Lambda: 1})
	c, dc, res := make([]float64, r.a.N), make([]float64, r.a.N), make([]float64, r.a.M)
	r.a.Apply(res, l.X)
	for i := range res {
		res[i] = r.y[i] - res[i]
	}
	r.a.Adjoint(c, res)
	r.a.Apply(res, dx)
	r.a.Adjoint(dc, res) // c moves by −dc
	best := 0.0
	for j := range c {
		if l.X[j] != 0 {
			if at := r.lambda - l.X[j]/dx[j]; dx[j] != 0 && at < r.lambda {
				best = max(best, at)
			}
			continue
		}
		for _, side := range []float64{1, -1} { // c_j − dc_j h = side·(λ + h), h < 0
			if h := (c[j] - side*r.lambda) / (dc[j] + side); h < 0 {
				best = max(best, r.lambda+h)
			}
		}
	}
	return best
}

func TestDivergenceIsAStatus(t *testing.T) {
	r := lasso(rand.New(rand.NewPCG(1, 1)), 20, 10, 3, 0.1)
	L := r.lipschitz()
	s := diff.Tabulate(2000, l2o.Constant(1.9/L), l2o.Constant(0.99))
	run, tangents, err := diff.Forward(r.problem(), s, nil, diff.Mode{}, diff.Direction{Lambda: 1})
	if err != nil || run.Status != l2o.Diverged || run.Iters < 2 || run.Iters > 200 || tangents != nil {
		t.Errorf("%v after %d iterations, %d tangents, error %v", run.Status, run.Iters, len(tangents), err)
	}
	for _, rule := range []diff.Rule{diff.Unrolled, diff.Truncated, diff.Implicit} {
		again, g, err := diff.Reverse(r.problem(), s, nil, diff.Mode{Rule: rule}, func(x []float64) []float64 { return x }, nil)
		if err != nil || again.Iters != run.Iters || again.Status != l2o.Diverged || g != nil {
			t.Errorf("%v: %v at %d, error %v", rule, again.Status, again.Iters, err)
		}
	}
}

// A call holds what a caller may get wrong.
type call struct {
	p     *l2o.Problem
	s     diff.Schedule
	mode  diff.Mode
	along diff.Direction
}

// badCalls spoil a good call of three iterations on a 6×4 problem, each by what the error has to name.
func badCalls(L float64) map[string]func(c *call) {
	nan := math.NaN()
	return map[string]func(c *call){
		"G.Lambda is 0":  func(c *call) { c.p.G = prox.L1{} },
		"G.Lambda is -1": func(c *call) { c.p.G = prox.L1{Lambda: -1} },
		"G is prox.Box":  func(c *call) { c.p.G = prox.Box{Lo: -1, Hi: 1} },
		"A[0,1] is NaN": func(c *call) {
			a := *c.p.A.(*linop.Dense)
			a.Data = append([]float64(nil), a.Data...)
			a.Data[1] = nan
			c.p.A = &a
		},
		"Y is of length 5":                 func(c *call) { c.p.Y = c.p.Y[:5] },
		"Schedule.Step is empty":           func(c *call) { c.s = diff.Schedule{} },
		"Schedule.Step[2] is 0.63":         func(c *call) { c.s.Step[2] = 2 / L },
		"Schedule.Step[0] is 0":            func(c *call) { c.s.Step[0] = 0 },
		"Schedule.Step[1] is NaN":          func(c *call) { c.s.Step[1] = nan },
		"Schedule.Momentum is of length 2": func(c *call) { c.s.Momentum = c.s.Momentum[:2] },
		"Schedule.Momentum[1] is -1":       func(c *call) { c.s.Momentum[1] = -1 },
		"Schedule.Metric[0].From is 0": func(c *call) {
			c.s.Metric = []diff.Metric{{Scale: []float64{1, 1, 1, 1}}}
		},
		"Schedule.Metric[0].Scale[3] is 0": func(c *call) {
			c.s.Metric = []diff.Metric{{From: 1, Scale: []float64{1, 1, 1, 0}}}
		},
		"Schedule.Step[1] is": func(c *call) {
			c.s.Metric = []diff.Metric{{From: 2, Scale: []float64{9, 9, 9, 9}}}
		},
		"Mode.Last is 4":       func(c *call) { c.mode.Last = 4 },
		"Mode.States is 3":     func(c *call) { c.mode.States = 3 },
		"Mode.Rule is Rule(7)": func(c *call) { c.mode.Rule = 7 },
		"Direction.Weights is of length 3": func(c *call) {
			c.along.Weights = make([]float64, 3)
		},
		"Direction.Step is of length 2": func(c *call) { c.along.Step = make([]float64, 2) },
		"Direction.A is 4×6": func(c *call) {
			c.along.A = &linop.Dense{M: 4, N: 6, Data: make([]float64, 24)}
		},
		"Direction.Y is a change of labels": func(c *call) {
			c.p.Loss, c.p.Y, c.along.Y = l2o.Logistic{}, []float64{1, 1, -1, 1, -1, 1}, make([]float64, 6)
		},
	}
}

func TestBadInput(t *testing.T) {
	r := lasso(rand.New(rand.NewPCG(1, 1)), 6, 4, 2, 0.1)
	L, nan := r.lipschitz(), math.NaN()
	for want, spoil := range badCalls(L) {
		c := &call{p: r.problem(), s: diff.Tabulate(3, l2o.Constant(1/L), l2o.Constant(0.5))}
		spoil(c)
		_, _, err := diff.Forward(c.p, c.s, nil, c.mode, c.along)
		if _, typed := err.(*l2o.InputError); !typed || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want an InputError of one line with %q", err, want)
		}
	}
	s := diff.Tabulate(3, l2o.Constant(1/L), nil)
	for what, start := range map[string][]float64{"Start is of length 2": {1, 2}, "Start[1] is NaN": {0, nan, 0, 0}} {
		if _, err := diff.Iterate(r.problem(), s, start); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("error %v, want %q", err, what)
		}
	}
	if _, _, err := diff.Reverse(r.problem(), s, nil, diff.Mode{}, func([]float64) []float64 { return nil }, nil); err == nil {
		t.Error("a cotangent of length 0 is accepted")
	}
	if _, err := diff.NewLimit(r.problem(), []float64{1}); err == nil {
		t.Error("a limit at a point of length 1")
	}
	if _, err := diff.NewLimit(r.problem(), []float64{nan, 0, 0, 0}); reason(err) != diff.NotFinite {
		t.Errorf("error %v, want a refusal", err)
	}
}

// A block of directions costs little more than one.
func BenchmarkJacobian(b *testing.B) {
	r := lasso(rand.New(rand.NewPCG(1, 1)), 60, 100, 8, 0.1)
	s := schedule("FISTA", r.lipschitz(), 500, 1)
	axes := make([]diff.Direction, 100)
	for j := range axes {
		axes[j].Weights = make([]float64, 100)
		axes[j].Weights[j] = 1
	}
	for _, c := range []struct {
		name  string
		block int
	}{{"together", 100}, {"one by one", 1}} {
		b.Run(fmt.Sprintf("100 weights, %s", c.name), func(b *testing.B) {
			for b.Loop() {
				for j := 0; j < 100; j += c.block {
					if _, _, err := diff.Forward(r.problem(), s, nil, diff.Mode{}, axes[j:j+c.block]...); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
