package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// LISTA: every number of ISTA's step is learned, in each layer anew, or with the same matrices in all layers where the config is Shared, as in
// the paper.
//
//	x_{k+1} = S_{θ_k}(y W₁ᵏ + x_k W₂ᵏ)                W₁ (m, n), W₂ (n, n), θ_k > 0
//
// With W₁ = A/L, W₂ = I − AᵀA/L and θ = λ/L, where it starts, it is ISTA. A enters through the weights alone.
//
// Reference: K. Gregor, Y. LeCun, "Learning fast approximations of sparse coding", ICML 2010, §3.
var listaArrays = []array{
	{name: "W1", shape: []axis{rows, cols}}, {name: "W2", shape: []axis{cols, cols}, later: true}, {name: "logtheta", shape: []axis{one}},
}

func listaStart(c Config, a *linop.Dense) values {
	w1, w2 := c.first(a), identity(c.N, 1)
	kernel.Gemm(true, false, c.N, c.N, c.M, -1, a.Data, c.N, w1, c.N, true, w2, c.N) // I − AᵀW₁ (n, n)
	return values{"W1": w1, "W2": w2, "logtheta": log(c.Lambda * step(a))}
}

func listaLayers(c Config, w weights, p batch) layer {
	v, fromX := p.sought(), p.sought()
	return func(k int, x []float64) {
		times(v, p.y, w.matrix(k, "W1"))
		if k > 0 {
			times(fromX, x, w.matrix(k, "W2"))
			kernel.Add(v, v, fromX)
		}
		c.shrink(k, x, v, w.positive(k, "logtheta"))
	}
}
