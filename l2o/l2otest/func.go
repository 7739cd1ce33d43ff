package l2otest

import (
	"math"
	"math/rand/v2"

	"unroll/l2o/prox"
)

// Func is the conformance suite of a [prox.Func]. It needs no formula of the penalty: the proximal map is tested
// by the variational inequality against the value, the conjugate by its definition as a supremum, and the
// distance by the subgradients that the proximal map hands out.
func Func(t TB, g prox.Func) {
	t.Helper()
	accepted := 0
	rng := rand.New(rand.NewPCG(5, 0))
	for _, n := range []int{1, 2, 7} {
		if err := g.Check(n); err != nil {
			continue // a penalty with a parameter for each coordinate takes one n
		}
		accepted++
		for _, tau := range []float64{0.05, 1, 3} {
			for range 10 {
				checkProx(t, g, rng, gaussian(rng, n), tau)
				checkConjugate(t, g, inside(g, gaussian(rng, n)), gaussian(rng, n))
				checkJacobian(t, g, rng, n, tau, 1e-6, 1e-12)
			}
		}
		checkFree(t, g, n)
		if s, ok := g.(prox.Separable); ok {
			checkSeparable(t, s, rng, n)
		}
	}
	if accepted == 0 {
		t.Errorf("penalty: Check: it refuses 1, 2 and 7 unknowns: %v", g.Check(7))
	}
}

// checkProx tests p = prox_{τg}(v) by its variational inequality, and that the subgradient it hands out is one for Distance and FenchelYoung.
func checkProx(t TB, g prox.Func, rng *rand.Rand, v []float64, tau float64) {
	t.Helper()
	n := len(v)
	p, s := checkVariational(t, g, rng, v, tau, 1e-12)
	size := 1 + g.Value(p) + dot(v, v)/tau
	if d := g.Distance(s, p); !(d <= 1e-12*size) {
		t.Errorf("penalty: Distance of the subgradient (v−p)/τ at p is %.3g, want 0", d)
	}
	s = scaled(s, g.DualScale(s)) // rounding may have left s just outside the domain of g*
	for _, j := range g.Free(n) {
		s[j] = 0
	}
	if d := g.FenchelYoung(p, s); !(d <= 1e-9*size) {
		t.Errorf("penalty: FenchelYoung at the subgradient (v−p)/τ is %.3g, want 0", d)
	}
}

// checkConjugate tests FenchelYoung, DualScale and Distance at x and w.
func checkConjugate(t TB, g prox.Func, x, w []float64) {
	t.Helper()
	n := len(x)
	s := g.DualScale(w)
	if !(s >= 0 && s <= 1) {
		t.Errorf("penalty: DualScale is %v, want a number in [0,1]", s)
	}
	feasible := scaled(w, s)
	gap := g.FenchelYoung(x, feasible)
	if !(gap >= 0) || math.IsInf(gap, 0) {
		t.Errorf("penalty: FenchelYoung is %v at DualScale·w, want a finite number ≥ 0", gap)
	}
	if s < 1 && !math.IsInf(g.FenchelYoung(x, scaled(w, s+1e-9)), 1) {
		t.Errorf("penalty: DualScale is %v but more than that is in the domain of g* too", s)
	}
	sup := math.Inf(-1) // of ⟨z,w⟩ − g(z), which the conjugate must not be below and must come near
	probe := func(z []float64) { sup = max(sup, dot(z, feasible)-g.Value(z)) }
	probe(x)
	ascend(g, feasible, inside(g, make([]float64, n)), probe)
	conjugate := gap + dot(x, feasible) - g.Value(x)
	size := 1 + g.Value(x) + dot(x, x) + dot(w, w)
	if !(math.Abs(conjugate-sup) <= 1e-6*size) {
		t.Errorf("penalty: FenchelYoung makes g*(w) = %.9g, but the supremum of ⟨z,w⟩ − g(z) is %.9g", conjugate, sup)
	}
	checkOutside(t, g, scaled(w, -3), feasible)
	checkDistance(t, g, w, x)
	clear(x[:n/2+n%2]) // ∂g is often larger at 0
	checkDistance(t, g, w, inside(g, x))
	g.Prox(x, scaled(x, 10), 1) // as it is at the bounds of a domain
	checkDistance(t, g, w, x)
}

// checkOutside tests that outside the domain of g, if x is there, there is no subgradient.
func checkOutside(t TB, g prox.Func, x, w []float64) {
	t.Helper()
	if !math.IsInf(g.Value(x), 1) {
		return
	}
	if gap, d := g.FenchelYoung(x, w), g.Distance(w, x); !math.IsInf(gap, 1) || !math.IsInf(d, 1) {
		t.Errorf("penalty: outside its domain, at %v, FenchelYoung is %v and Distance %v, want +Inf", x, gap, d)
	}
}

// ascend climbs ⟨z,w⟩ − g(z) from z by the proximal point method z ← prox_{τg}(z + τw) and probes every z.
func ascend(g prox.Func, w, z []float64, probe func(z []float64)) {
	probe(z)
	for tau := 1.0; tau < 1e9; tau *= 2 {
		for j := range z {
			z[j] += tau * w[j]
		}
		g.Prox(z, z, tau)
		probe(z)
	}
}

// checkDistance uses that ‖x − prox_{τg}(x + τw)‖/τ tends to the distance of w to ∂g(x) as τ → 0: it is the
// first step of the flow of w − ∂g, which sets out with the element of least norm (Brézis 1973, Theorem 3.1).
func checkDistance(t TB, g prox.Func, w, x []float64) {
	t.Helper()
	const tau = 1e-8
	p := make([]float64, len(x))
	for j := range p {
		p[j] = x[j] + tau*w[j]
	}
	g.Prox(p, p, tau)
	for j := range p {
		p[j] = (x[j] - p[j]) / tau
	}
	want := math.Sqrt(dot(p, p))
	size := 1 + math.Sqrt(dot(w, w)) + math.Sqrt(dot(x, x)) + g.Value(x)
	if d := g.Distance(w, x); !(math.Abs(d-want) <= 1e-5*size) {
		t.Errorf("penalty: Distance of %v to ∂g(%v) is %.9g, want %.9g", w, x, d, want)
	}
}
