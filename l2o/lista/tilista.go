package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// TiLISTA: one learned matrix for all layers.
//
//	x_{k+1} = S_{θ_k}(x_k + γ_k (y − A x_k) W)         W (m, n), γ_k > 0, θ_k > 0
//
// With W = A, γ = 1/L and θ = λ/L, where it starts, it is ISTA.
//
// Reference: J. Liu, X. Chen, Z. Wang, W. Yin, "ALISTA: analytic weights are as good as learned weights in LISTA", ICLR 2019, §2.
var tilistaArrays = []array{
	{name: "W", shape: []axis{rows, cols}, shared: true}, {name: "loggamma", shape: []axis{one}}, {name: "logtheta", shape: []axis{one}},
}

func tilistaStart(c Config, a *linop.Dense) values {
	tau := step(a)
	if c.Analytic {
		return values{"W": Analytic(a), "loggamma": log(1), "logtheta": log(c.Lambda * tau)}
	}
	return values{"W": a.Data, "loggamma": log(tau), "logtheta": log(c.Lambda * tau)}
}

func tilistaLayers(c Config, w weights, p batch) layer { return tied(c, w.matrix(0, "W"), w, p) }

// tied are the layers of TiLISTA and of ALISTA for their matrix.
func tied(c Config, matrix *linop.Dense, w weights, p batch) layer {
	r, v := p.measured(), p.sought()
	return func(k int, x []float64) {
		p.residual(r, x)
		times(v, r, matrix)
		kernel.Scale(v, w.positive(k, "loggamma"), v)
		kernel.Add(v, v, x)
		c.shrink(k, x, v, w.positive(k, "logtheta"))
	}
}
