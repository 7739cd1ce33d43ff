package l2o

import (
	"iter"
	"math"
)

// ADMM is the alternating direction method of multipliers, for the squared loss. It yields the z_k, which are where the penalty wants them.
//
//	z₀ = 0,  u₀ = −∇f(z₀)/ρ
//	x_k = argmin_x ½‖Ax−y‖² + ½ρ‖x − (z_{k−1} − u_{k−1})‖²          x̂_k = 1.6 x_k − 0.6 z_{k−1}
//	z_k = prox_{g/ρ}(x̂_k + u_{k−1})                                 u_k = u_{k−1} + x̂_k − z_k
//
// (§3.1, §6.4, over-relaxed as in §3.4.3). With v = z − u, x_k = v + (AᵀA + ρI)⁻¹Aᵀ(y − Av) = v + Aᵀ(AAᵀ + ρI)⁻¹(y − Av), and one
// eigendecomposition of the smaller of the two, O(min(m,n)³), serves every ρ. F(z_k) → F* for any ρ > 0; the rate depends much on it.
//
// Reference: S. Boyd, N. Parikh, E. Chu, B. Peleato, J. Eckstein, "Distributed optimization and statistical learning via the alternating
// direction method of multipliers", Foundations and Trends in Machine Learning 3(1), 2011.
type ADMM struct {
	// Rho is ρ. 0 means the mean eigenvalue to begin with, balanced at k = 8, 16, …, 2¹⁶ by the root of the ratio of the primal to
	// the dual residual, each relative to its terms (Wohlberg, "ADMM penalty parameter selection by residual balancing", 2017).
	Rho float64
}

const (
	relaxation    = 1.6
	firstBalance  = 8
	lastBalance   = 1 << 16 // that ρ stays in the end is what convergence needs
	balanceFactor = 10      // most that ρ changes at once
)

// Check refuses a negative ρ, a loss that is not squared and what [Problem.Check] refuses; the penalty must be there.
func (s ADMM) Check(p *Problem) error {
	if s.Rho < 0 || !finite(s.Rho) {
		return &InputError{"Rho", s.Rho, "a finite number > 0, or 0 for a balanced one"}
	}
	if err := checkProximal(p, 0); err != nil {
		return err
	}
	if _, ok := p.loss().(Squared); !ok {
		return unsupported(s, p, "the squared loss alone")
	}
	return nil
}

// Iterates yields z₀ = 0, z₁, … without end.
func (s ADMM) Iterates(p *Problem) iter.Seq2[int, []float64] { return s.IteratesFrom(p, nil) }

// IteratesFrom yields z₀ = x0, z₁, … without end; nil stands for 0.
func (s ADMM) IteratesFrom(p *Problem, x0 []float64) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		z, prev, u := p.startAt(x0), p.startAt(nil), p.startAt(nil)
		x, v := p.startAt(nil), p.startAt(nil)
		r := make([]float64, len(p.Y))
		solve := newShiftedGram(p.A)
		rho := s.Rho
		if rho == 0 {
			rho = solve.mean()
		}
		p.residual(r, z)
		p.A.Adjoint(u, r)
		for j := range u {
			u[j] /= rho
		}
		for k := 0; yield(k, z); {
			k++
			z, prev = prev, z
			for j := range v {
				v[j] = prev[j] - u[j]
			}
			p.residual(r, v)
			solve.step(x, r, rho)
			for j := range x {
				x[j] += v[j]
				v[j] = relaxation*x[j] + (1-relaxation)*prev[j] + u[j]
			}
			p.G.Prox(z, v, 1/rho)
			for j := range u {
				u[j] = v[j] - z[j]
			}
			if s.Rho == 0 && k >= firstBalance && k <= lastBalance && k&(k-1) == 0 {
				rho = balance(rho, x, z, prev, u)
			}
		}
	}
}

// balance returns the next ρ and rescales u, which is the multiplier divided by ρ.
func balance(rho float64, x, z, prev, u []float64) float64 {
	var primal, dual, sizeX, sizeZ float64
	for j, t := range z {
		primal += (x[j] - t) * (x[j] - t)
		dual += (t - prev[j]) * (t - prev[j])
		sizeX += x[j] * x[j]
		sizeZ += t * t
	}
	ratio := math.Sqrt(math.Sqrt(primal * sumSquares(u) / (dual * max(sizeX, sizeZ))))
	if !(ratio > 0) || !finite(ratio) {
		return rho // converged, or there is nothing to compare
	}
	ratio = min(max(ratio, 1.0/balanceFactor), balanceFactor)
	for j := range u {
		u[j] /= ratio
	}
	return rho * ratio
}
