package kernel

import "math"

// AdamStep holds the numbers of one update. The bias corrections of step t belong to the
// caller: Rate = η·√(1−β₂ᵗ)/(1−β₁ᵗ) and Eps = ε·√(1−β₂ᵗ) give the algorithm as published
// (Kingma and Ba, Adam: a method for stochastic optimization, 2015, section 2).
// Decay is the fraction of the weight that is taken off before the step, η times the
// weight decay (Loshchilov and Hutter, Decoupled weight decay regularization, 2019).
type AdamStep[F Float] struct{ Beta1, Beta2, Rate, Eps, Decay F }

// Adam updates weights w and moments m and v from the gradient g.
//
//	for i := range w {
//		m[i] = fma(β₁, m[i], (1-β₁)*g[i])
//		v[i] = fma((1-β₂)*g[i], g[i], β₂*v[i])
//		w[i] = fma(-decay, w[i], w[i])
//		w[i] = fma(-rate, m[i]/(√v[i]+ε), w[i])
//	}
func Adam[F Float](w, m, v, g []F, s AdamStep[F]) {
	same("Adam", len(w), len(m))
	same("Adam", len(w), len(v))
	same("Adam", len(w), len(g))
	if adam(w, m, v, g, s) {
		return
	}
	c1, c2 := 1-s.Beta1, 1-s.Beta2
	for i := range w {
		m[i] = fma(s.Beta1, m[i], F(c1*g[i]))
		v[i] = fma(F(c2*g[i]), g[i], F(s.Beta2*v[i]))
		x := fma(-s.Decay, w[i], w[i])
		w[i] = fma(-s.Rate, m[i]/(F(math.Sqrt(float64(v[i])))+s.Eps), x)
	}
}
