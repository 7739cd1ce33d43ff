package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// LISTA-VM: LISTA-CP for varying measurements, W = A M with the A of the problem and a learned preconditioner. It is what one layer of the
// in-context transformer does, as a solver that stands alone.
//
//	x_{k+1} = S_{θ_k}(x_k + (y − A x_k) A M_k)         M_k (n, n), θ_k > 0
//
// With M = τI, τ = 1/L, and θ = λ/L, where it starts, it is ISTA for the L of the matrix that it started from.
//
// Reference: R. Liu, R. Zhou, C. Shen, J. Yang, "On the learn-to-optimize capabilities of transformers in in-context sparse recovery", ICLR
// 2025, §4.
var vmArrays = []array{{name: "M", shape: []axis{cols, cols}}, {name: "logtheta", shape: []axis{one}}}

func vmStart(c Config, a *linop.Dense) values {
	tau := step(a)
	return values{"M": identity(c.N, tau), "logtheta": log(c.Lambda * tau)}
}

func vmLayers(c Config, w weights, p batch) layer {
	r, g, v := p.measured(), p.sought(), p.sought()
	return func(k int, x []float64) {
		p.residual(r, x)
		p.adjoint(g, r)
		times(v, g, w.matrix(k, "M"))
		kernel.Add(v, v, x)
		c.shrink(k, x, v, w.positive(k, "logtheta"))
	}
}
