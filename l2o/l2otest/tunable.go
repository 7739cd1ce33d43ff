package l2otest

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o/prox"
)

// TunableOptions says what is known of a penalty; the zero value will do for one whose proximal map is in closed form.
type TunableOptions struct {
	N    []int   // numbers of unknowns that it takes; nil means 1, 2, 7
	Tol  float64 // how far Prox may be from the proximal point, relative to the size of its argument; 0 means 1e-12
	Step float64 // of differences; 0 means 1e-6
}

// Tunable is the conformance suite of a [prox.Tunable]. With returns the penalty with its weights multiplied by e^(θ_k), for as many θ_k as
// it has parameters. The proximal map is tested by its variational inequality against the value; the derivatives, in the point and in θ, by
// central differences, but near kinks; the adjoint by its dot test; and the derivative in log τ by the one along (1, …, 1).
func Tunable(t TB, with func(theta []float64) prox.Tunable, o TunableOptions) {
	t.Helper()
	if o.N == nil {
		o.N = []int{1, 2, 7}
	}
	if o.Tol == 0 {
		o.Tol = 1e-12
	}
	if o.Step == 0 {
		o.Step = 1e-6
	}
	rng := rand.New(rand.NewPCG(6, 0))
	g := with(nil)
	compared, total := 0, 0
	for _, n := range o.N {
		for _, tau := range []float64{0.05, 1, 3} {
			for range 10 {
				checkVariational(t, g, rng, gaussian(rng, n), tau, o.Tol)
				a := checkJacobian(t, g, rng, n, tau, o.Step, o.Tol)
				b := checkWeights(t, with, rng, n, tau, o)
				if total++; a && b {
					compared++
				}
			}
		}
	}
	if 2*compared < total {
		t.Errorf("penalty: at %d of %d points there is a kink nearby, want at most half", total-compared, total)
	}
}

// checkWeights tests the derivatives in θ and in log τ. It returns whether there was no kink in the way.
func checkWeights(t TB, with func(theta []float64) prox.Tunable, rng *rand.Rand, n int, tau float64, o TunableOptions) (compared bool) {
	t.Helper()
	g := with(nil)
	v, direction, w := gaussian(rng, n), gaussian(rng, g.Parameters()), gaussian(rng, n)
	kept := slices.Clone(v)
	at := func(g prox.Tunable, tau float64) []float64 {
		p := make([]float64, n)
		g.Prox(p, v, tau)
		return p
	}
	jt := slices.Repeat([]float64{math.NaN()}, n)
	g.WeightJacobian(jt, v, tau, direction)
	a := checkSlope(t, "WeightJacobian", jt, o.Step, func(h float64) []float64 { return at(with(scaled(direction, h)), tau) })
	ones := slices.Repeat([]float64{1}, g.Parameters())
	byTau := slices.Repeat([]float64{math.NaN()}, n)
	g.WeightJacobian(byTau, v, tau, ones)
	b := checkSlope(t, "WeightJacobian along 1", byTau, o.Step, func(h float64) []float64 { return at(g, tau*math.Exp(h)) })
	jw := slices.Repeat([]float64{math.NaN()}, g.Parameters())
	g.WeightAdjoint(jw, v, tau, w)
	left, right := dot(jt, w), dot(direction, jw)
	if size := 1 + math.Sqrt(dot(jt, jt)*dot(w, w)); !(math.Abs(left-right) <= 1e-12*size) {
		t.Errorf("penalty: WeightAdjoint: ⟨Jt,w⟩ = %.17g but ⟨t,Jᵀw⟩ = %.17g", left, right)
	}
	if !slices.Equal(v, kept) {
		t.Errorf("penalty: the derivatives in the weights change their point")
	}
	return a && b
}
