package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// LISTA: every number of ISTA's step is learned, in each layer anew (its weights are not shared among layers).
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

func listaLayers(c Config, w weights, p problem) layer {
	v, fromX := make([]float64, c.N), make([]float64, c.N)
	return func(k int, x []float64) {
		w.matrix(inLayer(k, "W1")).Adjoint(v, p.y)
		if k > 0 {
			w.matrix(inLayer(k, "W2")).Adjoint(fromX, x)
			kernel.Add(v, v, fromX)
		}
		shrink(x, v, w.positive(inLayer(k, "logtheta")), c.passing(k))
	}
}
