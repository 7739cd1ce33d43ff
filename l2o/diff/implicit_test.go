package diff_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"unroll/l2o"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
	"unroll/l2o/prox"
)

// solved returns the solution, certified by its duality gap, and a signature of its signs.
func solved(t *testing.T, p *l2o.Problem) (x []float64, signs uint64, err error) {
	t.Helper()
	x, _, err = diff.Solve(p, nil)
	if err != nil {
		return nil, 0, err
	}
	if g := gap(p, x); !(g <= 1e-13) {
		t.Errorf("gap %.1e of a solution", g)
	}
	signs = 1
	for _, v := range x {
		signs = signs*3 + uint64(1+sign(v))
	}
	return x, signs, nil
}

// Central differences of the certified solution, for λ, weights, y and A; a schedule's own numbers have exactly 0.
func TestImplicitAgainstDifferences(t *testing.T) {
	var tried, resampled, checks, refused int
	worst := 0.0
	for seed := range uint64(500) {
		r, s, _ := cases(seed)
		if r.loss != nil && !r.ridge {
			r.lambda *= 5 // separable labels make tiny weights hard to solve for
		}
		dA := gaussian(r.rng, r.a.M, r.a.N)
		x, _, err := solved(t, r.problem())
		if err != nil {
			refused++
			continue
		}
		w := vector(r.rng, r.a.N)
		l, err := diff.NewLimit(r.problem(), x)
		if err != nil {
			t.Fatal(err)
		}
		g := l.Gradient(w, dA)
		full := make([]float64, len(dA.Data))
		l.GradientA(full, l.Adjoint(w))
		if v := dot(full, dA.Data); !(math.Abs(v-g.A) <= 1e-10*(1+norm(full)*norm(dA.Data))) {
			t.Errorf("seed %d: derivative along a change of A %.15g, by the whole gradient %.15g", seed, g.A, v)
		}
		for _, kind := range parameters(dA)[:4] {
			if kind.name == "y" && r.loss != nil || kind.name == "weights" && r.ridge {
				continue
			}
			grad := kind.part(&g)
			f := func(v []float64) (float64, []float64, uint64) {
				p, _ := kind.moved(*r, s, v)
				x, signs, err := solved(t, p)
				if err != nil {
					return 0, grad, 0
				}
				return dot(w, x), grad, signs
			}
			stats := checkGrad(t, fmt.Sprintf("seed %d, %s", seed, kind.name), f, kind.value(r, s), seed)
			tried, resampled, worst, checks = tried+stats.Tried, resampled+stats.Resampled, max(worst, stats.Worst), checks+1
			v := vector(r.rng, len(grad))
			if dx, _ := l.Tangent(kind.along(v, dA)); !(math.Abs(dot(w, dx)-dot(grad, v)) <= 1e-10*(norm(w)*norm(dx)+norm(grad)*norm(v))) {
				t.Errorf("seed %d, %s: %g forwards and %g backwards", seed, kind.name, dot(w, dx), dot(grad, v))
			}
		}
		momenta := make([]float64, len(s.Momentum))
		if dx, _ := l.Tangent(diff.Direction{Step: s.Step, Momentum: momenta}); norm(dx) != 0 {
			t.Errorf("seed %d: the schedule moves the solution by %v", seed, dx)
		}
	}
	t.Logf("%d checks, worst relative error %.1e; %d of %d directions crossed a kink and were drawn again; %d problems refused",
		checks, worst, resampled, tried, refused)
	if refused > 25 || resampled > tried/20 {
		t.Error("too many refusals or kinks")
	}
}

// Orthonormal columns: x*_j = sign(c_j)(|c_j| − λω_j) with c = Aᵀy, so that every derivative is at hand.
func TestLimitByHand(t *testing.T) {
	p := &l2o.Problem{
		A: &linop.Dense{M: 3, N: 3, Data: []float64{1, 0, 0, 0, 0, -1, 0, 1, 0}}, Y: []float64{3, 0.5, -2},
		G: prox.WeightedL1{Lambda: 0.5, Weights: []float64{1, 2, 3}},
	}
	l, err := diff.NewLimit(p, []float64{1, -1, 0})
	if err != nil {
		t.Fatal(err)
	}
	g := l.Gradient([]float64{1, 1, 1}, nil)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"x₀", l.X[0], 2.5}, {"x₁", l.X[1], -1}, {"x₂", l.X[2], 0}, {"μ", l.Mu, 1}, {"L", l.L, 1}, {"margin", l.Margin, 0.4},
		{"λ", g.Lambda, -1 + 2}, {"ω₀", g.Weights[0], -0.5}, {"ω₁", g.Weights[1], 0.5}, {"ω₂", g.Weights[2], 0},
		{"y₀", g.Y[0], 1}, {"y₁", g.Y[1], 0}, {"y₂", g.Y[2], 1},
	} {
		if math.Abs(c.got-c.want) > 1e-14 {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
}

// Newton's method on the support ends at the certified solution or refuses, wherever it begins.
func TestLimitFromAfar(t *testing.T) {
	refused := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 77))
		r := logistic(rng, 15, 8, 3, 0.01, true)
		x := vector(rng, 8)
		for j := range x {
			x[j] *= 0.2 * float64(seed)
		}
		l, err := diff.NewLimit(r.problem(), x)
		if err != nil {
			refused++
			if reason(err) != diff.NotIdentified {
				t.Errorf("seed %d: %v", seed, err)
			}
			continue
		}
		if g := gap(r.problem(), l.X); !(g <= 1e-12) {
			t.Errorf("seed %d: accepted with the gap %.1e", seed, g)
		}
	}
	t.Logf("%d of 60 refused", refused)
	if refused == 0 || refused == 60 {
		t.Error("all starts were near, or all far")
	}
}

// Truncated differentiation is that of the last iterations alone, from a start that does not move.
func TestTruncatedIsALaterStart(t *testing.T) {
	for seed := range uint64(500) {
		r, s, name := cases(seed)
		p, w, K := r.problem(), vector(r.rng, r.a.N), len(s.Step)
		J := 1 + int(seed)%(K-1)
		along := diff.Direction{Lambda: 1, Weights: vector(r.rng, r.a.N), A: gaussian(r.rng, r.a.M, r.a.N), Step: vector(r.rng, K)}
		mode := diff.Mode{Rule: diff.Truncated, Last: J}
		_, truncated, err := diff.Forward(p, s, nil, mode, along)
		if err != nil {
			t.Fatal(err)
		}
		_, g, err := diff.Reverse(p, s, nil, mode, func([]float64) []float64 { return w }, along.A)
		if err != nil {
			t.Fatal(err)
		}
		forward, backward := dot(w, truncated[0].DX), g.Lambda+dot(g.Weights, along.Weights)+g.A+dot(g.Step, along.Step)
		if !(math.Abs(forward-backward) <= 1e-12*(1+norm(w)*norm(truncated[0].DX))) {
			t.Errorf("seed %d, %s: %.15g forwards and %.15g backwards", seed, name, forward, backward)
		}
		if s.Momentum != nil { // a start holds no x_{k−1}
			continue
		}
		head, tail := s, s
		head.Step, tail.Step = s.Step[:K-J], s.Step[K-J:]
		tail.Metric = nil
		if s.Metric != nil {
			tail.Metric = []diff.Metric{{From: max(1, s.Metric[0].From-(K-J)), Scale: s.Metric[0].Scale}}
		}
		run, err := diff.Iterate(p, head, nil)
		if err != nil {
			t.Fatal(err)
		}
		along.Step = along.Step[K-J:]
		_, late, err := diff.Forward(p, tail, run.X, diff.Mode{}, along)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(late[0].DX, truncated[0].DX); !(d <= 1e-12*(1+norm(late[0].DX))) {
			t.Errorf("seed %d, %s, J = %d of %d: off by %g", seed, name, J, K, d)
		}
	}
}

func reason(err error) diff.Reason {
	if r, ok := errors.AsType[*diff.Refusal](err); ok {
		return r.Reason
	}
	return 0
}
