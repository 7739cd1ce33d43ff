package l2o

import "iter"

// ISTA is the proximal gradient method, iterative soft thresholding where g is λ‖·‖₁.
//
//	x₀ = 0
//	x_k = prox_{τg}(x_{k−1} − τ ∇f(x_{k−1}))    (1.4), (3.1) with τ = 1/L;  ∇f(x) = Aᵀ(Ax − y) for the squared loss
//
// If g is convex and τ ≤ 1/L, L = ‖A‖²·sup ℓ″, then F(x_k) never rises and F(x_k) − F* ≤ ‖x₀−x*‖²/(2τk) (Theorem 3.1). With backtracking
// the same holds with τ ≥ 1/(2L), the last one.
//
// Reference: A. Beck, M. Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse
// problems", SIAM J. Imaging Sciences 2(1), 2009.
type ISTA struct {
	Step      float64  // τ; 0 means 1/L, computed at the start of a sequence, or with Backtrack a guess that is not below it
	Steps     Schedule // τ_k in place of Step; nil means a constant step
	Backtrack bool     // halve τ where it is too long
}

// Check refuses a negative step and what [Problem.Check] refuses; the penalty must be there.
func (s ISTA) Check(p *Problem) error { return checkSteps(p, s.Step, s.Steps, s.Backtrack) }

// Iterates yields x₀ = 0, x₁, … without end.
func (s ISTA) Iterates(p *Problem) iter.Seq2[int, []float64] { return s.IteratesFrom(p, nil) }

// IteratesFrom yields x₀ = x0, x₁, … without end; nil stands for 0.
func (s ISTA) IteratesFrom(p *Problem, x0 []float64) iter.Seq2[int, []float64] {
	mustCheck(s, p)
	return func(yield func(int, []float64) bool) {
		x, prev := p.startAt(x0), p.startAt(nil)
		step := newProxStep(p, s.Step, s.Steps, s.Backtrack)
		for k := 0; yield(k, x); k++ {
			prev, x = x, prev
			step.take(k+1, x, prev)
		}
	}
}
