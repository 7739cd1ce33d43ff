package lista

import (
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// Ada-LISTA: the weights multiply the A of the problem, so that one network serves every A with as many rows.
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

func adaLayers(c Config, w weights, p problem) layer {
	w2 := w.matrix("W2")
	fromY, z, s, v := make([]float64, c.M), make([]float64, c.M), make([]float64, c.M), make([]float64, c.N)
	w.matrix("W1").Adjoint(fromY, p.y)
	return func(k int, x []float64) {
		p.a.Apply(z, x)
		w2.Apply(s, z)
		w2.Adjoint(z, s) // W₂ᵀW₂ A x
		for i, t := range z {
			z[i] = fromY[i] - t
		}
		p.a.Adjoint(v, z)
		kernel.Scale(v, w.positive(inLayer(k, "loggamma")), v)
		kernel.Add(v, v, x)
		shrink(x, v, w.positive(inLayer(k, "logtheta")), c.passing(k))
	}
}
