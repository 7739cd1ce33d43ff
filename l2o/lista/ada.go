package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// Ada-LISTA: the weights multiply the A of the problem, so that one network serves every A of its shape.
//
//	x_{k+1} = S_{θ_k}(x_k + γ_k (y W₁ − x_k Aᵀ W₂ᵀW₂) A)         W₁, W₂ (m, m), γ_k > 0, θ_k > 0
//
// With W₁ = W₂ = I, γ = 1/L and θ = λ/L, where it starts, it is ISTA for the L of the matrix that it started from.
//
// Reference: A. Aberdam, A. Golts, M. Elad, "Ada-LISTA: learned solvers adaptive to varying models", IEEE Trans. PAMI 2022, Algorithm 1.
var adaArrays = []array{
	{name: "W1", shape: []axis{rows, rows}, shared: true}, {name: "W2", shape: []axis{rows, rows}, shared: true},
	{name: "loggamma", shape: []axis{one}}, {name: "logtheta", shape: []axis{one}},
}

func adaStart(c Config, a *linop.Dense) values {
	tau := step(a)
	return values{"W1": identity(c.M, 1), "W2": identity(c.M, 1), "loggamma": log(tau), "logtheta": log(c.Lambda * tau)}
}

func adaLayers(c Config, w weights, p batch) layer {
	w2, gram := w.matrix(0, "W2"), &linop.Dense{M: c.M, N: c.M, Data: make([]float64, c.M*c.M)}
	kernel.Gemm(true, false, c.M, c.M, c.M, 1, w2.Data, c.M, w2.Data, c.M, false, gram.Data, c.M) // W₂ᵀW₂ (m, m)
	fromY, z, r, v := p.measured(), p.measured(), p.measured(), p.sought()
	times(fromY, p.y, w.matrix(0, "W1"))
	return func(k int, x []float64) {
		p.apply(z, x)
		times(r, z, gram)
		for i, t := range fromY {
			r[i] = t - r[i]
		}
		p.adjoint(v, r)
		kernel.Scale(v, w.positive(k, "loggamma"), v)
		kernel.Add(v, v, x)
		c.shrink(k, x, v, w.positive(k, "logtheta"))
	}
}
