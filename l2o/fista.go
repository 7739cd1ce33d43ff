package l2o

import (
	"iter"
	"math"
)

// FISTA is ISTA with Nesterov's momentum. It yields the x_k; the proximal gradient step is taken at z_k, which
// the paper calls y_k.
//
//	x₀ = 0,  z₁ = x₀,  t₁ = 1
//	x_k = prox_{τg}(z_k − τ Aᵀ(A z_k − y))             (4.1) with τ = 1/L
//	t_{k+1} = (1 + √(1 + 4t_k²)) / 2                   (4.2)
//	z_{k+1} = x_k + (t_k − 1)/t_{k+1} · (x_k − x_{k−1})   (4.3)
//
// If g is convex and τ ≤ 1/‖A‖², then F(x_k) − F* ≤ 2‖x₀−x*‖²/(τ(k+1)²) (Theorem 4.4); F(x_k) may rise.
//
// Reference: A. Beck, M. Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse
// problems", SIAM J. Imaging Sciences 2(1), 2009.
type FISTA struct {
	Step float64 // τ; 0 means 1/‖A‖², computed at the start of a sequence
}

// Check refuses a negative step and what [Problem.Check] refuses; the penalty must be there.
func (s FISTA) Check(p *Problem) error { return checkProximal(p, s.Step) }

// Iterates yields x₀, x₁, … without end.
func (s FISTA) Iterates(p *Problem) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		m, n := p.A.Dims()
		x, prev, z := make([]float64, n), make([]float64, n), make([]float64, n)
		v, r := make([]float64, n), make([]float64, m)
		tau, t := p.step(s.Step), 1.0
		for k := 0; yield(k, x); k++ {
			prev, x = x, prev
			p.forward(v, z, tau, r)
			p.G.Prox(x, v, tau)
			next := (1 + math.Sqrt(1+4*t*t)) / 2
			momentum := (t - 1) / next
			for j := range z {
				z[j] = x[j] + momentum*(x[j]-prev[j])
			}
			t = next
		}
	}
}
