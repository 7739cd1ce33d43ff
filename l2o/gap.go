package l2o

// Gap returns the duality gap of x, a bound on F(x) − F* that needs no knowledge of the minimiser.
//
// The dual of F is D(u) = ½‖y‖² − ½‖y−u‖² − g*(Aᵀu). With r = y − Ax,
//
//	F(x) − D(u) = ½‖r‖² + ½‖u‖² − ⟨y,u⟩ + g(x) + g*(Aᵀu)          and ⟨y,u⟩ = ⟨r,u⟩ + ⟨x,Aᵀu⟩
//	            = ½‖u−r‖² + [g(x) + g*(Aᵀu) − ⟨x,Aᵀu⟩],
//
// both terms non-negative (the second by Fenchel and Young), so that rounding never makes it negative. The dual
// point is u = s·r with the largest s ∈ [0,1] that keeps Aᵀu in the domain of g*: at the minimiser s = 1 and the
// gap is 0. Where g = 0 that domain is {0}, and the gap becomes small only with the residual itself.
// It is NaN or +Inf for an x that is not finite. It panics if x has the wrong length.
func Gap(p *Problem, x []float64) float64 {
	m, n := p.A.Dims()
	return p.gap(x, make([]float64, m), make([]float64, n))
}

// gap is Gap with r (m) and w (n) as working memory.
func (p *Problem) gap(x, r, w []float64) float64 {
	p.residual(r, x)
	p.A.Adjoint(w, r)
	s := p.G.DualScale(w)
	for j := range w {
		w[j] *= s
	}
	return 0.5*(1-s)*(1-s)*sumSquares(r) + p.G.FenchelYoung(x, w)
}
