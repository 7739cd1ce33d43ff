package dln_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"unroll/l2o"
	"unroll/l2o/linop"
	"unroll/model/dln"
)

// The two forms of the network are one: gradient descent on u and v, written out, gives the β of the steps on w₊ and w₋ as long as
// rounding leaves u² − v² alone.
func TestBothFormsOfTheNetwork(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 13))
	in := instance{"", gaussian(rng, 4, 6, 0), normals(rng, 4)}
	const alpha, step = 0.05, 0.05
	u, v := constant(6, math.Sqrt2*alpha), constant(6, 0)
	w := dln.NewNetwork(6, alpha, nil)
	beta, other := make([]float64, 6), make([]float64, 6)
	for range 20000 {
		for i := range beta {
			beta[i] = u[i] * v[i]
		}
		if w.Beta(other); gap(beta, other) > 1e-12 {
			t.Fatalf("the forms differ by %g", gap(beta, other))
		}
		g := gradient(in, beta)
		w.Step(g, step)
		for i := range u {
			u[i], v[i] = u[i]-step*g[i]*v[i], v[i]-step*g[i]*u[i]
		}
	}
	if largest(gradient(in, beta)) > 1e-3 {
		t.Error("the run was too short to say anything")
	}
}

// A network at a given β: u⊙v = β and u² − v² = 2α², at scales whose square vanishes beside β too.
func TestNetworkAtAStart(t *testing.T) {
	start := []float64{0, 3, -2, 1e-9}
	for _, alpha := range []float64{0.5, 1e-8, 1e-100} {
		w := dln.NewNetwork(4, alpha, start)
		beta := make([]float64, 4)
		w.Beta(beta)
		for i, want := range start {
			if math.Abs(beta[i]-want) > 1e-15*(math.Abs(want)+alpha*alpha) {
				t.Errorf("α = %g: β[%d] = %g, want %g", alpha, i, beta[i], want)
			}
			if product := w.Plus[i] * w.Minus[i] / alpha / alpha; math.Abs(product-2) > 1e-12 {
				t.Errorf("α = %g: (u²−v²)/α² = %g, want 2", alpha, product)
			}
		}
	}
}

// With a step that goes to 0 gradient descent is the flow: at the same time it is off by O(η), from 0 and from elsewhere.
func TestDescentTendsToFlow(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 13))
	in := instance{"", gaussian(rng, 4, 6, 0), normals(rng, 4)}
	const alpha, end = 1e-3, 4.0
	for _, start := range [][]float64{nil, {0, -1, 0, 0.5, 0, 0}} {
		flow := last(dln.Flow{X: in.x, Y: in.y, Alpha: alpha, Start: start, Tol: 1e-11}, end)
		var before float64
		for _, k := range []int{4000, 8000, 16000} {
			d := dln.Descent{Alpha: alpha, Step: end * -math.Log(alpha) / float64(k)}
			error := gap(iterate(d, in, start, k), flow)
			if before > 0 && math.Abs(before/error-2) > 0.1 {
				t.Errorf("from %v: half the step divides the distance %g by %g, want 2", start, before, before/error)
			}
			before = error
		}
	}
}

// A finite step is stable at a minimiser up to η·λ_max(|β|^½H|β|^½) = 1, by hand: one column with h = 1 and β* = 2 gives η < ½.
func TestDescentStability(t *testing.T) {
	in := instance{"", &linop.Dense{M: 1, N: 1, Data: []float64{1}}, []float64{2}}
	for _, c := range []struct {
		step   float64
		stable bool
	}{{0.49, true}, {0.51, false}} {
		got := iterate(dln.Descent{Alpha: 1e-3, Step: c.step}, in, nil, 3000)[0]
		if stable := math.Abs(got-2) < 1e-6; stable != c.stable {
			t.Errorf("step %g: β = %g", c.step, got)
		}
	}
}

func TestDescentChecks(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 1, Data: []float64{1}}, Y: []float64{2}}
	for _, d := range []dln.Descent{{Alpha: 0, Step: 1}, {Alpha: 1, Step: 1}, {Alpha: 0.1}, {Alpha: 0.1, Step: math.NaN()}} {
		if d.Check(p) == nil {
			t.Errorf("%+v was accepted", d)
		}
	}
	if (dln.Descent{Alpha: 0.1, Step: 0.1}).Check(&l2o.Problem{A: p.A}) == nil {
		t.Error("a problem without data was accepted")
	}
	if (dln.Descent{Alpha: 0.1, Step: 0.1}).Check(&l2o.Problem{A: p.A, Y: []float64{1}, Loss: l2o.Logistic{}}) == nil {
		t.Error("the logistic loss was accepted")
	}
}

func TestDescentRefusesStarts(t *testing.T) {
	p := &l2o.Problem{A: &linop.Dense{M: 1, N: 2, Data: []float64{1, 1}}, Y: []float64{2}}
	for _, start := range [][]float64{{}, {1}, {1, 2, 3}, {1, math.NaN()}} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "dln: start") {
					t.Errorf("a start %v: panic %v", start, text)
				}
			}()
			dln.Descent{Alpha: 0.1, Step: 0.1}.IteratesFrom(p, start)
		}()
	}
}

func iterate(d dln.Descent, in instance, start []float64, k int) []float64 {
	for i, x := range d.IteratesFrom(&l2o.Problem{A: in.x, Y: in.y}, start) {
		if i == k {
			return append([]float64(nil), x...)
		}
	}
	return nil
}
