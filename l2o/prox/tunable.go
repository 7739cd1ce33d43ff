package prox

import "math"

// A Tunable is a penalty g = Σ_k ω_k h_k whose weights can be learned, by their logarithms θ_k = log ω_k: beside the derivative of its proximal
// map in the point it knows the one in θ, along a direction and transposed, as reverse mode needs it. It need not be a [Func], whose
// conjugate and subdifferential learning does not use.
//
// As prox_{τg} depends on the products τω_k alone, the derivative in log τ, and in the logarithm of a factor of all weights, is that along
// t = (1, …, 1); where many ω_k are functions of a few parameters, sum over those of each.
type Tunable interface {
	Value(x []float64) float64
	Prox(dst, v []float64, tau float64)
	Jacobian(dst, v []float64, tau float64, t []float64) // as of a Func: symmetric, so its own transpose
	// Parameters returns the number of weights.
	Parameters() int
	// WeightJacobian sets dst = Σ_k t_k ∂prox_{τg}(v)/∂θ_k, (n) from (Parameters). At a kink it is the one of the side of Jacobian.
	WeightJacobian(dst, v []float64, tau float64, t []float64)
	// WeightAdjoint sets dst_k = ⟨∂prox_{τg}(v)/∂θ_k, t⟩, (Parameters) from (n).
	WeightAdjoint(dst, v []float64, tau float64, t []float64)
}

// Parameters returns 1, for λ.
func (g L1) Parameters() int { return 1 }

// WeightJacobian is −τλ·sign(v_j)·t₀ where |v_j| > τλ.
func (g L1) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightJacobian", dst, v)
	theta := tau * g.Lambda
	for j, x := range v {
		dst[j] = softByLog(x, theta) * t[0]
	}
}

// WeightAdjoint is the adjoint of WeightJacobian.
func (g L1) WeightAdjoint(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightAdjoint", v, t)
	theta, s := tau*g.Lambda, 0.0
	for j, x := range v {
		s += softByLog(x, theta) * t[j]
	}
	dst[0] = s
}

// Parameters returns n: the weights are those of Weights, and λ is a factor of all.
func (g WeightedL1) Parameters() int { return len(g.Weights) }

// WeightJacobian is −τλω_j·sign(v_j)·t_j where |v_j| > τλω_j: a diagonal matrix.
func (g WeightedL1) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightJacobian", dst, v)
	checkPair("WeightJacobian", v, t)
	for j, x := range v {
		dst[j] = softByLog(x, tau*g.weight(j)) * t[j]
	}
}

// WeightAdjoint is WeightJacobian.
func (g WeightedL1) WeightAdjoint(dst, v []float64, tau float64, t []float64) {
	g.WeightJacobian(dst, v, tau, t)
}

// softByLog is the derivative of soft at v in log θ.
func softByLog(v, theta float64) float64 {
	if math.Abs(v) > theta {
		return -math.Copysign(theta, v)
	}
	return 0
}

// Parameters returns the number of groups, also where nil Weights stand for √size.
func (g Group) Parameters() int { return len(g.Groups) }

// WeightJacobian is −θ e t_b with θ = τλω_b and e = v_b/‖v_b‖, or 0 where ‖v_b‖ ≤ θ.
func (g Group) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightJacobian", dst, v)
	for b, group := range g.Groups {
		c := g.byLog(b, v, tau) * t[b]
		for _, j := range group {
			dst[j] = c * v[j]
		}
	}
}

// WeightAdjoint is the adjoint of WeightJacobian.
func (g Group) WeightAdjoint(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightAdjoint", v, t)
	for b, group := range g.Groups {
		s := 0.0
		for _, j := range group {
			s += v[j] * t[j]
		}
		dst[b] = g.byLog(b, v, tau) * s
	}
}

// byLog returns the factor of v_b in the derivative of its proximal map in log ω_b.
func (g Group) byLog(b int, v []float64, tau float64) float64 {
	theta := tau * g.weight(b)
	if norm := normAt(v, g.Groups[b], 1); norm > theta {
		return -theta / norm
	}
	return 0
}
