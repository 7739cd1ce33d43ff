package l2o

import "iter"

// ISTA is the proximal gradient method, iterative soft thresholding where g is λ‖·‖₁.
//
//	x₀ = 0
//	x_k = prox_{τg}(x_{k−1} − τ Aᵀ(A x_{k−1} − y))    (1.4), (3.1) with τ = 1/L
//
// If g is convex and τ ≤ 1/‖A‖², then F(x_k) never rises and F(x_k) − F* ≤ ‖x₀−x*‖²/(2τk) (Theorem 3.1).
//
// Reference: A. Beck, M. Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse
// problems", SIAM J. Imaging Sciences 2(1), 2009.
type ISTA struct {
	Step float64 // τ; 0 means 1/‖A‖², computed at the start of a sequence
}

// Check refuses a negative step and what [Problem.Check] refuses; the penalty must be there.
func (s ISTA) Check(p *Problem) error { return checkProximal(p, s.Step) }

// Iterates yields x₀, x₁, … without end.
func (s ISTA) Iterates(p *Problem) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		m, n := p.A.Dims()
		x, v, r := make([]float64, n), make([]float64, n), make([]float64, m)
		tau := p.step(s.Step)
		for k := 0; yield(k, x); k++ {
			p.forward(v, x, tau, r)
			p.G.Prox(x, v, tau)
		}
	}
}

// forward sets v = x − τ Aᵀ(Ax − y), with r of length m as working memory.
func (p *Problem) forward(v, x []float64, tau float64, r []float64) {
	p.residual(r, x)
	p.A.Adjoint(v, r)
	for j, t := range x {
		v[j] = t + tau*v[j]
	}
}
