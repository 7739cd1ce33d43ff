package l2o

// A proxStep is x = prox_{τg}(z − τ∇f(z)), which all proximal gradient methods share, with its rule for τ.
type proxStep struct {
	p         *Problem
	tau       float64
	steps     Schedule // of τ; nil for none
	backtrack bool
	r         []float64 // (m)
	w, v      []float64 // (n)
}

// newProxStep takes the step given, the schedule or, where both are missing, 1/L; to backtrack it needs no L to begin with.
func newProxStep(p *Problem, given float64, steps Schedule, backtrack bool) *proxStep {
	m, n := p.A.Dims()
	s := &proxStep{p: p, tau: given, steps: steps, backtrack: backtrack, r: make([]float64, m), w: make([]float64, n), v: make([]float64, n)}
	switch {
	case steps != nil || given != 0:
	case backtrack:
		s.tau = s.firstGuess()
	default:
		s.tau = p.step(0)
	}
	return s
}

// take sets x = prox_{τg}(z − τ∇f(z)) with the τ of iterate k. With backtracking it halves τ until
//
//	sup ℓ″ · ‖A(x−z)‖² ≤ ‖x−z‖²/τ,
//
// which has f(x) ≤ f(z) + ⟨∇f(z), x−z⟩ + ‖x−z‖²/(2τ), all that a rate needs of τ (Beck & Teboulle 2009, Lemma 2.3), and which no
// cancellation spoils. It holds for every τ ≤ 1/L, so τ stays above 1/(2L).
func (s *proxStep) take(k int, x, z []float64) {
	if s.steps != nil {
		s.tau = s.steps(k)
	}
	s.p.residual(s.r, z)
	s.p.A.Adjoint(s.w, s.r) // −∇f(z)
	for {
		for j, t := range z {
			s.v[j] = t + s.tau*s.w[j]
		}
		s.p.G.Prox(x, s.v, s.tau)
		if !s.backtrack || s.short(x, z) {
			return
		}
		s.tau /= 2
	}
}

// short reports whether τ is short enough between z and x, as it is in the end where it is too short to be told from 0.
func (s *proxStep) short(x, z []float64) bool {
	for j, t := range z {
		s.v[j] = x[j] - t
	}
	s.p.A.Apply(s.r, s.v)
	bend, move := s.p.loss().Curvature()*sumSquares(s.r), sumSquares(s.v)
	return finite(bend) && s.tau*bend <= move || s.tau == 0
}

// firstGuess returns 1/ρ with ρ ≤ L the Rayleigh quotient of sup ℓ″·AᵀA at ∇f(0): a step that is not too short.
func (s *proxStep) firstGuess() float64 {
	clear(s.v)
	s.p.residual(s.r, s.v)
	s.p.A.Adjoint(s.w, s.r)
	s.p.A.Apply(s.r, s.w)
	rho := s.p.loss().Curvature() * sumSquares(s.r) / sumSquares(s.w)
	if !(rho > 0) || !finite(1/rho) {
		return s.p.step(0) // ∇f(0) = 0, or nearly
	}
	return 1 / rho
}

// checkSteps is the Check of a proximal gradient method with these knobs.
func checkSteps(p *Problem, step float64, steps Schedule, backtrack bool) error {
	if steps != nil && (step != 0 || backtrack) {
		return &InputError{"Steps", "given", "no Step and no Backtrack beside it"}
	}
	return checkProximal(p, step)
}
