package diff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/l2otest"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// cases draws small problems of both losses and both penalties, each with another schedule, some in a metric that is switched on the way. The
// iterations are few: at convergence the derivatives with respect to steps and momenta vanish, and rounding is all that differences see.
func cases(seed uint64) (*random, diff.Schedule, string) {
	rng := rand.New(rand.NewPCG(seed, 8))
	m, n, K := 6+rng.IntN(15), 5+rng.IntN(20), 3+rng.IntN(7)
	var r *random
	switch seed % 3 {
	case 0:
		r = lasso(rng, m, n, min(3, n), 0.02+0.3*rng.Float64())
	case 1:
		r = logistic(rng, m, n, min(3, n), 0.02+0.1*rng.Float64(), true)
	case 2:
		r = logistic(rng, m, n, min(3, n), 0.02+0.05*rng.Float64(), false)
	}
	if !r.ridge {
		for j := range r.weights {
			r.weights[j] = 0.5 + rng.Float64()
		}
	}
	name := names[seed%uint64(len(names))]
	s := schedule(name, r.lipschitz(), K, seed)
	if seed%5 == 0 {
		scale := make([]float64, n)
		for j := range scale {
			scale[j] = 0.3 + 0.6*rng.Float64()
		}
		s.Metric = []diff.Metric{{From: K / 2, Scale: scale}}
		if K/2 == 0 {
			s.Metric = nil
		}
	}
	return r, s, name
}

func TestIteratesAreTheSolvers(t *testing.T) {
	r := lasso(rand.New(rand.NewPCG(1, 8)), 20, 40, 4, 0.1)
	p, L := r.problem(), r.lipschitz()
	for name, solver := range map[string]l2o.Solver{"PGD 1/L": l2o.ISTA{}, "FISTA": l2o.FISTA{}} {
		run, err := diff.Iterate(p, schedule(name, L, 50, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range solver.Iterates(p) {
			if k < 50 {
				continue
			}
			if d := distance(run.X, x); !(d <= 1e-12*norm(x)) {
				t.Errorf("%s: x₅₀ is %g from the solver's", name, d)
			}
			break
		}
	}
}

// One unknown, A = y = 1, λ = ¼, τ = ½, β₂ = ½, worked out by hand:
//
//	x₁ = ½·1 − ⅛ = ⅜            ∂x₁/∂λ = −½   ∂x₁/∂τ = 1 − ¼ = ¾       ∂x₁/∂y = ½
//	z₂ = ⅜ + ½·⅜ = 9/16,         x₂ = z₂ − ½(z₂ − 1) − ⅛ = ½·9/16 + ⅜ = 21/32
//	∂x₂/∂λ = ½·(3/2)(−½) − ½ = −⅞,  ∂x₂/∂τ₁ = ½·(3/2)·¾ = 9/16,  ∂x₂/∂τ₂ = −(z₂ − 1) − ¼ = 3/16,
//	∂x₂/∂β₂ = ½·⅜ = 3/16,  ∂x₂/∂y = ½·(3/2)·½ + ½ = ⅞;    x* = ¾ with ∂x*/∂λ = −1, ∂x*/∂y = 1.
func TestByHand(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{1}}, Y: []float64{1}, G: prox.L1{Lambda: 0.25}}
	s := diff.Schedule{Step: []float64{0.5, 0.5}, Momentum: []float64{0, 0.5}}
	one := func([]float64) []float64 { return []float64{1} }
	run, g, err := diff.Reverse(p, s, nil, diff.Mode{}, one, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"x₂", run.X[0], 21. / 32}, {"λ", g.Lambda, -7. / 8}, {"ω", g.Weights[0], -7. / 32}, {"y", g.Y[0], 7. / 8},
		{"τ₁", g.Step[0], 9. / 16}, {"τ₂", g.Step[1], 3. / 16}, {"β₁", g.Momentum[0], 0}, {"β₂", g.Momentum[1], 3. / 16},
		{"bar of λ", g.Bars.Lambda, 1. / 8}, {"bar of y", g.Bars.Y, 1. / 8}, {"bar of τ", g.Bars.Step, math.Hypot(9./16, 3./16)},
	} {
		if math.Abs(c.got-c.want) > 1e-14 {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	_, g, err = diff.Reverse(p, s, nil, diff.Mode{Rule: diff.Implicit}, one, nil)
	if err != nil || math.Abs(g.Lambda+1) > 1e-15 || math.Abs(g.Y[0]-1) > 1e-15 || norm(g.Step) != 0 || norm(g.Momentum) != 0 {
		t.Errorf("implicit gradient %+v, error %v", g, err)
	}
}

// Central differences of x_K, by the plain twin, for every kind of parameter on 500 random problems; reverse mode gives the gradient, and
// forward mode agrees with it along a random direction.
func TestUnrolledAgainstDifferences(t *testing.T) {
	var tried, resampled, checks int
	worst := 0.0
	for seed := range uint64(500) {
		r, s, name := cases(seed)
		dA := gaussian(r.rng, r.a.M, r.a.N)
		p, w := r.problem(), vector(r.rng, r.a.N)
		_, g, err := diff.Reverse(p, s, nil, diff.Mode{}, func([]float64) []float64 { return w }, dA)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, kind := range parameters(dA) {
			value := kind.value(r, s)
			if value == nil || kind.name == "y" && r.loss != nil || kind.name == "weights" && r.ridge {
				continue
			}
			grad := kind.part(g)
			f := func(v []float64) (float64, []float64, uint64) {
				p, s := kind.moved(*r, s, v)
				x, signs := plain(p, s)
				return dot(w, x), grad, signs
			}
			stats := checkGrad(t, fmt.Sprintf("seed %d, %s, %s", seed, name, kind.name), f, value, seed)
			tried, resampled, worst, checks = tried+stats.Tried, resampled+stats.Resampled, max(worst, stats.Worst), checks+1

			v := vector(r.rng, len(value))
			_, tangent, err := diff.Forward(p, s, nil, diff.Mode{}, kind.along(v, dA))
			if err != nil {
				t.Fatal(err)
			}
			if a, b := dot(w, tangent[0].DX), dot(grad, v); !(math.Abs(a-b) <= 1e-12*(norm(w)*norm(tangent[0].DX)+norm(grad)*norm(v))) {
				t.Errorf("seed %d, %s, %s: %.15g forwards and %.15g backwards", seed, name, kind.name, a, b)
			}
		}
	}
	t.Logf("%d checks, worst relative error %.1e; %d of %d directions crossed a kink and were drawn again", checks, worst, resampled, tried)
	if resampled > tried/20 {
		t.Error("too many kinks: the checks look elsewhere than at the derivatives")
	}
}

// checkGrad is l2otest.CheckGrad along two directions, with a step that is smaller where they cross kinks: what it counts as resampled is
// summed over the steps and judged by the caller, as two directions are no sample.
func checkGrad(t *testing.T, name string, f func([]float64) (float64, []float64, uint64), x []float64, seed uint64) l2otest.GradStats {
	t.Helper()
	var sum l2otest.GradStats
	size := min(1, norm(x))
	if size == 0 {
		size = 1
	}
	for _, step := range []float64{3e-4, 3e-5, 3e-6} {
		var failures []string
		stats := l2otest.CheckGrad(collect{&failures}, f, x, l2otest.GradOptions{Directions: 2, Step: step * size, Seed: seed})
		sum.Tried, sum.Resampled, sum.Worst = sum.Tried+stats.Tried, sum.Resampled+stats.Resampled, stats.Worst
		if stats.Tried-stats.Resampled < 2 {
			continue
		}
		for _, failure := range failures {
			if !strings.Contains(failure, "cross a kink") {
				t.Errorf("%s: %s", name, failure)
			}
		}
		return sum
	}
	t.Errorf("%s: every step crosses a kink", name)
	return sum
}

type collect struct{ failures *[]string }

func (collect) Helper() {}
func (c collect) Errorf(format string, args ...any) {
	*c.failures = append(*c.failures, fmt.Sprintf(format, args...))
}
