package transfer

import "math"

// A corrected holds stage 2's order parameters; w = κβ₁ + β₂ and r = r₁, the target's truth.
//
//	A = v₁,  B = ρ₁ − 2m₂ + q₂ + σ₁²,  C = ρ₁ − m₁ − m₂ + q₁₂ + σ₁²
//	γ = χ₂₁/(1+χ₁),  Q̂₂ = α₁/(1+χ₂₂)
//	ĉ₂₂ = α₁(B − 2γC + γ²A)/(1+χ₂₂)²,  ĉ₁₂ = α₁(C − γA)/((1+χ₁)(1+χ₂₂))
//	β₂ = S_t(h₂ + Q̂₂[(1−γ)r − (κ−γ)β₁])/Q̂₂,  t = λ₂ + Δλ·[β₁=0],  Cov(h₁,h₂) = ĉ₁₂
//	q₂ = E w²,  m₂ = E r w,  q₁₂ = E β₁w,  χ₂₂ = P(β₂≠0)/Q̂₂,  χ₂₁ = (E h₁w − ĉ₁₂χ₂₂)/ĉ₁₁
//
// γ and ĉ₁₂ are what the two uses of the target's data leave; with fresh data they are 0.
//
// Derivation: cavity method; it has the structure of the replica calculation of Okajima and Obuchi (2024).
type corrected struct {
	first *pooled
	knobs TwoStage
	rule  rule

	q, m, q12, chi22, chi21 float64
	gamma, qh, c22, c12     float64
	cross                   []float64 // (K): E r_k w
	rates                   rates
}

// set reads the parameters from x = (q₂, m₂, q₁₂, χ₂₂, χ₂₁) and reports whether they are those of a law.
func (s *corrected) set(x []float64) bool {
	s.q, s.m, s.q12, s.chi22, s.chi21 = x[0], x[1], x[2], x[3], x[4]
	p, target := s.first, s.first.e.Sets[0]
	noise := target.Sigma*target.Sigma + p.e.power(0)
	a, b, c := p.variance(0), noise-2*s.m+s.q, noise-p.m[0]-s.m+s.q12
	s.gamma, s.c12 = s.chi21/(1+p.chi), 0
	if p.e.Fresh {
		s.gamma = 0
	}
	spread := b - 2*s.gamma*c + s.gamma*s.gamma*a
	if !(s.chi22 >= 0 && finite(s.chi22) && b >= 0 && spread >= 0 && finite(spread)) {
		return false
	}
	s.qh = target.Rows / (1 + s.chi22)
	s.c22 = target.Rows * spread / ((1 + s.chi22) * (1 + s.chi22))
	if !p.e.Fresh {
		s.c12 = target.Rows * (c - s.gamma*a) / ((1 + p.chi) * (1 + s.chi22))
	}
	return true
}

// sweep is the map of the equations of state.
func (s *corrected) sweep(dst, x []float64) bool {
	if !s.set(x) {
		return false
	}
	p, kappa := s.first, s.knobs.Kappa
	s.cross = append(s.cross[:0], p.m...)
	for k := range s.cross {
		s.cross[k] *= kappa
	}
	s.rates = rates{}
	dst[0], dst[2], dst[3], dst[4] = kappa*kappa*p.q, kappa*p.q, 0, kappa*p.chi
	for _, c := range p.e.classes() {
		j := s.joint(c)
		f := j.moments(s.rule)
		chi := f.active / s.qh
		dst[0] += c.weight * (2*kappa*f.withFirst + f.square)
		dst[2] += c.weight * f.withFirst
		dst[3] += c.weight * chi
		dst[4] += c.weight * (f.withField - j.slope*chi)
		// Given u, x has mean (a/s²)u and covariance p − a·Cov(u,g)/s² with g; the rest is Stein's lemma.
		value := j.a*f.withField + (j.p-j.a*j.slope)*chi
		for k := range s.cross {
			if c.in(k) {
				s.cross[k] += c.weight * value
			}
		}
		s.rates.add(c, 0, f.selected)
	}
	dst[1] = s.cross[0]
	return true
}

// joint returns the law of (u, g) on a class: u is stage 1's field, g = h₂ + Q̂₂(1−γ)r.
func (s *corrected) joint(c class) joint {
	a, sd := s.first.field(c)
	j := joint{a: a, sd: sd, qh1: s.first.qh, qh2: s.qh, kappa: s.knobs.Kappa,
		lambda1: s.first.lambda, inside: s.knobs.Lambda2, outside: s.knobs.Lambda2 + s.knobs.DeltaLambda}
	j.pull = s.qh * (s.knobs.Kappa - s.gamma)
	if c.in(0) {
		j.p = s.qh * (1 - s.gamma)
	}
	covariance := s.c12 + a*j.p
	if sd > 0 {
		j.slope = covariance / (sd * sd)
	}
	j.tau = math.Sqrt(max(0, s.c22+j.p*j.p-covariance*j.slope))
	return j
}

// start is the point from which the damped iteration finds the solution: stage 2 has changed nothing.
func (s *corrected) start() []float64 {
	p := s.first
	return []float64{p.q, p.m[0], p.q, 0.5, s.knobs.Kappa * p.chi}
}
