package l2o

import "iter"

// FISTA is ISTA with Nesterov's momentum. It yields the x_k; the proximal gradient step is taken at z_k, which
// the paper calls y_k.
//
//	x₀ = 0,  z₁ = x₀,  t₁ = 1
//	x_k = prox_{τg}(z_k − τ ∇f(z_k))                   (4.1) with τ = 1/L
//	t_{k+1} = (1 + √(1 + 4t_k²)) / 2                   (4.2)
//	z_{k+1} = x_k + (t_k − 1)/t_{k+1} · (x_k − x_{k−1})   (4.3)
//
// If g is convex and τ ≤ 1/L, L = ‖A‖²·sup ℓ″, then F(x_k) − F* ≤ 2‖x₀−x*‖²/(τ(k+1)²) (Theorem 4.4); F(x_k) may rise. With backtracking the
// same holds with τ ≥ 1/(2L), the last one. Any other momentum μ_k may stand for (t_k − 1)/t_{k+1}.
//
// Reference: A. Beck, M. Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse
// problems", SIAM J. Imaging Sciences 2(1), 2009.
type FISTA struct {
	Step      float64  // τ; 0 means 1/L, computed at the start of a sequence, or with Backtrack a guess that is not below it
	Steps     Schedule // τ_k in place of Step; nil means a constant step
	Backtrack bool     // halve τ where it is too long
	Momentum  Schedule // μ_k; nil means (t_k − 1)/t_{k+1}
}

// Check refuses a negative step and what [Problem.Check] refuses; the penalty must be there.
func (s FISTA) Check(p *Problem) error { return checkSteps(p, s.Step, s.Steps, s.Backtrack) }

// Iterates yields x₀ = 0, x₁, … without end.
func (s FISTA) Iterates(p *Problem) iter.Seq2[int, []float64] { return s.IteratesFrom(p, nil) }

// IteratesFrom yields x₀ = x0, x₁, … without end; nil stands for 0.
func (s FISTA) IteratesFrom(p *Problem, x0 []float64) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		x, prev, z := p.startAt(x0), p.startAt(nil), p.startAt(x0)
		step := newProxStep(p, s.Step, s.Steps, s.Backtrack)
		for k, t := 0, 1.0; yield(k, x); {
			k++
			prev, x = x, prev
			step.take(k, x, z)
			next := nextT(t)
			momentum := (t - 1) / next
			if s.Momentum != nil {
				momentum = s.Momentum(k)
			}
			t = next
			extrapolate(z, x, prev, momentum)
		}
	}
}

// extrapolate sets z = x + μ(x − prev).
func extrapolate(z, x, prev []float64, momentum float64) {
	for j := range z {
		z[j] = x[j] + momentum*(x[j]-prev[j])
	}
}
