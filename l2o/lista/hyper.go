package lista

import (
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// HyperLISTA: thresholds, momentum and support selection follow from the instance by three learned numbers.
//
//	x_{k+1} = S^{ss}_{θ_k,p_k}(x_k + (y − A x_k) W + β_k (x_k − x_{k−1}))
//	θ_k = c₁ ‖A⁺(A x_k − y)‖₁,    β_k = c₂ ‖x_k‖₀,    p_k = c₃ · log(‖A⁺y‖₁ / ‖A⁺(A x_k − y)‖₁) within 0 … 1
//
// W is that of [Analytic], which up to the scale of its columns is the symmetric parametrisation of the paper. c₁ and c₂ are positive, as is c₃:
// p_k is a fraction of the entries. A⁺r = d∘(r W), with d_j = a_jᵀ(AAᵀ)⁻¹a_j. With θ_k frozen at λ/L, W = A/L and β = p = 0 it is ISTA.
//
// Reference: X. Chen, J. Liu, Z. Wang, W. Yin, "Hyperparameter tuning is all you need for LISTA", NeurIPS 2021, equations (17) to (20).
var hyperArrays = []array{
	{name: fixed + "W", shape: []axis{rows, cols}, shared: true}, {name: fixed + "d", shape: []axis{cols}, shared: true},
	{name: "logc1", shape: []axis{one}, shared: true}, {name: "logc2", shape: []axis{one}, shared: true},
	{name: "logc3", shape: []axis{one}, shared: true},
}

func hyperStart(c Config, a *linop.Dense) values {
	w, inverse, d := Analytic(a), pseudoInverse(a), make([]float64, c.N)
	for i, v := range inverse {
		d[i%c.N] += v * a.Data[i]
	}
	return values{fixed + "W": w, fixed + "d": d, "logc1": log(1e-2), "logc2": log(3e-3), "logc3": log(0.1)}
}

func hyperLayers(c Config, w weights, p batch) layer {
	matrix, d := w.matrix(0, fixed+"W"), w[fixed+"d"].F64
	c1, c2, c3 := w.positive(0, "logc1"), w.positive(0, "logc2"), w.positive(0, "logc3")
	r, g, prev, v := p.measured(), p.sought(), p.sought(), make([]float64, c.N)
	first := make([]float64, p.size)
	return func(k int, x []float64) {
		p.residual(r, x)
		times(g, r, matrix)
		for i := range p.size {
			x, g, prev := p.row(x, i), p.row(g, i), p.row(prev, i)
			size := 0.0 // ‖A⁺(A x − y)‖₁
			for j, t := range g {
				size += math.Abs(d[j] * t)
			}
			if k == 0 {
				first[i] = size
			}
			momentum, pass := c2*float64(nonzeros(x)), 0.0
			if size > 0 {
				pass = min(max(c3*math.Log(first[i]/size), 0), 1)
			}
			hyperStep(x, prev, g, v, c1*size, momentum, int(math.Round(pass*float64(c.N))))
		}
	}
}

// hyperStep takes x and the iterate before it one step on along g; v is scratch.
func hyperStep(x, prev, g, v []float64, theta, momentum float64, pass int) {
	kernel.Add(v, x, g)
	kernel.Axpy(momentum, x, v)
	kernel.Axpy(-momentum, prev, v)
	copy(prev, x)
	shrink(x, v, theta, pass)
}

func nonzeros(x []float64) (count int) {
	for _, v := range x {
		if v != 0 {
			count++
		}
	}
	return count
}
