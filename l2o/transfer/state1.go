package transfer

import "math"

// pooled holds stage 1's order parameters and what the scalar problem needs of them.
//
//	v_k = q₁ − 2m_k + ρ_k + σ_k²         variance of the cavity residual of data set k
//	Q̂₁  = Σα_k/(1+χ₁),  m̂_k = α_k/(1+χ₁),  ĉ₁₁ = Σα_k v_k/(1+χ₁)²
//	β₁  = S_{λ₁}(u)/Q̂₁,  u = h₁ + Σ_k m̂_k r_k,  h₁ ~ N(0, ĉ₁₁)
//	q₁  = E β₁²,  m_k = E r_k β₁,  χ₁ = P(β₁≠0)/Q̂₁
//
// At K = 1 it is the state evolution of the Lasso (Bayati and Montanari, "The LASSO risk for Gaussian matrices", 2012).
type pooled struct {
	e      Ensemble
	lambda float64

	q, chi float64
	m      []float64 // (K)
	c, qh  float64   // ĉ₁₁, Q̂₁
}

// rest sets the conjugate parameters from q, m and chi, and reports whether they are those of a law.
func (p *pooled) rest() bool {
	if !(p.chi >= 0 && finite(p.chi)) {
		return false
	}
	rows := 0.0
	p.c = 0
	for k, l := range p.e.Sets {
		v := p.variance(k)
		if !(v >= 0 && finite(v)) {
			return false
		}
		rows += l.Rows
		p.c += l.Rows * v / ((1 + p.chi) * (1 + p.chi))
	}
	p.qh = rows / (1 + p.chi)
	return true
}

// variance is v_k.
func (p *pooled) variance(k int) float64 {
	s := p.e.Sets[k].Sigma
	return p.risk(k) + s*s
}

// risk is E (r_k − β₁)².
func (p *pooled) risk(k int) float64 { return p.q - 2*p.m[k] + p.e.power(k) }

// field returns the coefficient a of the class's value x in u, and the standard deviation of u.
func (p *pooled) field(c class) (a, sd float64) {
	for k, l := range p.e.Sets {
		if c.in(k) {
			a += l.Rows / (1 + p.chi)
		}
	}
	return a, math.Sqrt(p.c + a*a)
}

// set reads the parameters from x = (q, χ, m…).
func (p *pooled) set(x []float64) bool {
	p.q, p.chi = x[0], x[1]
	p.m = append(p.m[:0], x[2:]...)
	return p.rest()
}

// sweep is the map of the equations of state. E xβ₁ = a·P(β₁≠0)/Q̂₁ by Stein's lemma.
func (p *pooled) sweep(dst, x []float64) bool {
	if !p.set(x) {
		return false
	}
	clear(dst)
	for _, c := range p.e.classes() {
		a, sd := p.field(c)
		t := threshold(0, sd, p.lambda)
		dst[0] += c.weight * t.square / (p.qh * p.qh)
		dst[1] += c.weight * t.active / p.qh
		for k := range p.e.Sets {
			if c.in(k) {
				dst[2+k] += c.weight * a * t.active / p.qh
			}
		}
	}
	return true
}

// solve finds the fixed point, from the start where nothing is learned.
func (p *pooled) solve() (residual float64, sweeps int) {
	start := make([]float64, 2+len(p.e.Sets))
	start[1] = 0.5
	x, residual, sweeps := iteration{0.5, plainRun, residualGoal, p.sweep}.solve(start)
	p.set(x)
	return residual, sweeps
}

// rates returns the fractions of the nonzeros and of the zeros of r_k at which β₁ is not 0.
func (p *pooled) rates(k int) (truePositive, falsePositive float64) {
	var r rates
	for _, c := range p.e.classes() {
		_, sd := p.field(c)
		r.add(c, k, threshold(0, sd, p.lambda).active)
	}
	return r.fractions()
}

// rates sums probabilities of being selected over the coordinates where a truth is not 0 and where it is.
type rates struct{ hit, nonzero, wrong, zero float64 }

func (r *rates) add(c class, k int, selected float64) {
	if c.in(k) {
		r.hit += c.weight * selected
		r.nonzero += c.weight
		return
	}
	r.wrong += c.weight * selected
	r.zero += c.weight
}

// fractions are 0 where there is nothing to divide by.
func (r *rates) fractions() (truePositive, falsePositive float64) {
	if r.nonzero > 0 {
		truePositive = r.hit / r.nonzero
	}
	if r.zero > 0 {
		falsePositive = r.wrong / r.zero
	}
	return truePositive, falsePositive
}
