package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// LISTA-CP: the two matrices of LISTA coupled, W₂ = I − AᵀW₁, which they must be in the limit if the layers are to converge.
//
//	x_{k+1} = S_{θ_k}(x_k + (y − A x_k) W_k)           W_k (m, n), θ_k > 0
//
// There are W and θ_k with ‖x_k − x*‖ ≤ sB·e^{−ck} for all x* of at most s entries up to B (Theorem 2). With W = A/L and θ = λ/L, where it
// starts, it is ISTA.
//
// Reference: X. Chen, J. Liu, Z. Wang, W. Yin, "Theoretical linear convergence of unfolded ISTA and its practical weights and thresholds",
// NeurIPS 2018, §3.
var coupledArrays = []array{{name: "W", shape: []axis{rows, cols}}, {name: "logtheta", shape: []axis{one}}}

func coupledStart(c Config, a *linop.Dense) values {
	return values{"W": c.first(a), "logtheta": log(c.Lambda * step(a))}
}

func coupledLayers(c Config, w weights, p batch) layer {
	r, v := p.measured(), p.sought()
	return func(k int, x []float64) {
		p.residual(r, x)
		times(v, r, w.matrix(k, "W"))
		kernel.Add(v, v, x)
		c.shrink(k, x, v, w.positive(k, "logtheta"))
	}
}
