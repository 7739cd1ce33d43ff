package lista

import (
	"math"

	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

// TISTA: steps along the pseudo-inverse, and for a threshold the posterior mean under the prior of x* and an estimate of the error so far.
//
//	r_k = x_k + γ_k A⁺(y − A x_k)                                                      (13)
//	v_k² = max((‖y − A x_k‖² − mσ²)/tr(AᵀA), ε)                                        (15)
//	τ_k² = v_k²/n·(n + (γ_k² − 2γ_k)m) + γ_k²σ²/n·tr(A⁺A⁺ᵀ)                             (16)
//	x_{k+1} = E[X | X + τ_k Z = r_k],   X = 0 or N(0, 1) with probability q, Z normal   (14)
//
// with γ_k > 0, at 1 to begin with. τ_k² ≥ v_k²(1 − m/n) > 0 for every γ_k where m < n.
//
// Reference: D. Ito, S. Takabe, T. Wadayama, "Trainable ISTA for sparse signal recovery", IEEE Trans. Signal Processing 67(12), 2019.
var tistaArrays = []array{
	{name: fixed + "W", shape: []axis{rows, cols}, shared: true}, {name: fixed + "traces", shape: []axis{traces}, shared: true},
	{name: "loggamma", shape: []axis{one}},
}

// tistaStart computes W = (A⁺)ᵀ (m, n), tr(AᵀA) and tr(A⁺A⁺ᵀ).
func tistaStart(c Config, a *linop.Dense) values {
	w := pseudoInverse(a)
	return values{fixed + "W": w, fixed + "traces": {kernel.SumSquares(a.Data), kernel.SumSquares(w)}, "loggamma": log(1)}
}

func tistaLayers(c Config, w weights, p batch) layer {
	matrix, traces := w.matrix(0, fixed+"W"), w[fixed+"traces"].F64
	r, v := p.measured(), p.sought()
	m, n := float64(c.M), float64(c.N)
	return func(k int, x []float64) {
		p.residual(r, x)
		gamma := w.positive(k, "loggamma")
		times(v, r, matrix)
		kernel.Axpy(gamma, v, x)
		for i := range p.size {
			spread := max((kernel.SumSquares(r[i*p.m:(i+1)*p.m])-m*c.Sigma*c.Sigma)/traces[0], leastError)
			variance := spread/n*(n+(gamma*gamma-2*gamma)*m) + gamma*gamma*c.Sigma*c.Sigma/n*traces[1]
			for j, t := range p.row(x, i) {
				x[i*p.n+j] = PosteriorMean(t, variance, c.Density)
			}
		}
	}
}

// leastError is TISTA's ε.
const leastError = 1e-9

// PosteriorMean returns E[X | X + τZ = r] for X = 0 with probability 1 − q and N(0, 1) otherwise, with variance = τ² > 0:
//
//	r/(1+τ²) · q φ(r; 1+τ²) / ((1−q) φ(r; τ²) + q φ(r; 1+τ²)),    φ(r; s) = e^{−r²/2s}/√(2πs)
func PosteriorMean(r, variance, density float64) float64 {
	wide := 1 + variance
	// the odds of X = 0, through logarithms: either density may underflow
	odds := math.Log((1-density)/density) + 0.5*math.Log(wide/variance) - 0.5*r*r*(1/variance-1/wide)
	return r / wide / (1 + math.Exp(odds))
}
