package l2otest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A proximal is what the tests of a proximal map need of a penalty.
type proximal interface {
	Value(x []float64) float64
	Prox(dst, v []float64, tau float64)
	Jacobian(dst, v []float64, tau float64, t []float64)
}

// inside moves x into the domain of g, by a step so short that it does nothing to a point there but near a kink.
func inside(g proximal, x []float64) []float64 {
	g.Prox(x, x, 1e-12)
	return x
}

// checkVariational tests p = prox_{τg}(v), which holds if and only if s = (v−p)/τ is a subgradient at p:
// g(z) ≥ g(p) + ⟨s, z−p⟩ for all z. It returns p and s.
func checkVariational(t TB, g proximal, rng *rand.Rand, v []float64, tau, tol float64) (p, s []float64) {
	t.Helper()
	n := len(v)
	kept := slices.Clone(v)
	p, s = slices.Repeat([]float64{math.NaN()}, n), make([]float64, n)
	g.Prox(p, v, tau)
	if !slices.Equal(v, kept) {
		t.Errorf("penalty: Prox changes its argument")
	}
	if g.Prox(kept, kept, tau); !slices.Equal(kept, p) {
		t.Errorf("penalty: Prox in place gives %v, want %v", kept, p)
	}
	for j := range s {
		s[j] = (v[j] - p[j]) / tau
	}
	size := 1 + g.Value(p) + dot(v, v)/tau
	for i := range 20 {
		z := gaussian(rng, n)
		for j := range z {
			z[j] = p[j] + z[j]*math.Pow(0.5, float64(i))
		}
		if i%2 == 0 {
			inside(g, z)
		}
		if below := g.Value(p) + dot(s, z) - dot(s, p) - g.Value(z); !(below <= tol*size) {
			t.Errorf("penalty: prox inequality: g(z) is %.3g below g(p) + ⟨v−p, z−p⟩/τ at v = %v, τ = %v", below, v, tau)
			return p, s
		}
	}
	return p, s
}

// checkJacobian compares the Jacobian along a direction with differences of the prox; it also tests symmetry and 0 ≼ J ≼ I. It returns
// whether there was no kink in the way.
func checkJacobian(t TB, g proximal, rng *rand.Rand, n int, tau, h, tol float64) (compared bool) {
	t.Helper()
	v, d, e := gaussian(rng, n), gaussian(rng, n), gaussian(rng, n)
	jd, je := make([]float64, n), make([]float64, n)
	g.Jacobian(jd, v, tau, d)
	g.Jacobian(je, v, tau, e)
	compared = checkSlope(t, fmt.Sprintf("Jacobian: at v = %v, τ = %v along %v", v, tau, d), jd, h, func(h float64) []float64 {
		p := make([]float64, n)
		for j := range p {
			p[j] = v[j] + h*d[j]
		}
		g.Prox(p, p, tau)
		return p
	})
	norm := 1 + math.Sqrt(dot(d, d))
	if a, b := dot(e, jd), dot(d, je); !(math.Abs(a-b) <= tol*norm*norm) {
		t.Errorf("penalty: Jacobian: it is not symmetric: %v and %v", a, b)
	}
	if a := dot(d, jd); !(a >= -tol && a <= dot(d, d)*(1+tol)) {
		t.Errorf("penalty: Jacobian: ⟨d, Jd⟩ = %v, want a number from 0 to ‖d‖² = %v", a, dot(d, d))
	}
	return compared
}

// checkSlope compares a derivative with central differences of p at 0. Where those of step h and h/2 disagree, or those to the left and to the
// right, there is a kink between or nearby, and it returns false.
func checkSlope(t TB, what string, got []float64, h float64, p func(h float64) []float64) (compared bool) {
	t.Helper()
	norm := 1 + math.Sqrt(dot(got, got))
	quotient := func(from, to float64) []float64 {
		q, p0 := p(to), p(from)
		for j := range q {
			q[j] = (q[j] - p0[j]) / (to - from)
		}
		return q
	}
	coarse, fine := quotient(-h, h), quotient(-h/2, h/2)
	if !(distance(coarse, fine) <= 1e-6*norm) || !(distance(quotient(-h, 0), quotient(0, h)) <= 1e-3*norm) {
		return false
	}
	if !(distance(fine, got) <= 1e-6*norm) {
		t.Errorf("penalty: %s: it is %v, differences are %v", what, got, fine)
	}
	return true
}
