package prox

import (
	"fmt"
	"math"

	"unroll/l2o/linop"
)

// TV is the total variation of an image (C, H, W), isotropic over directions and channels (Rudin, Osher and Fatemi 1992; Bresson and Chan 2008),
//
//	g(x) = λ Σ_i ‖(Dx)_i‖,
//
// with (Dx)_i the 2C forward differences at pixel i, see [linop.Gradient]. Its proximal map is no formula: an inner iteration on the dual ends
// with a bound on its error, which ProxCertified returns. Neither is the domain of its conjugate, {Dᵀp : ‖p_i‖ ≤ λ}, so *TV is no [Func] but a
// [Tunable]; its one parameter is λ. Several goroutines may use one.
type TV struct {
	Lambda float64
	Shape  linop.Shape
	// Tol is the error, relative to ‖v‖ or ‖t‖, that Prox and the derivatives may have; 0 means 1e-4. Less than 1e-8 of Prox cannot be
	// certified in the precision of a float64, though the error may be less.
	Tol float64
	// Most is the most iterations in search of it; 0 means 1,000.
	Most int
}

// A Certificate is what is known of a proximal point that was computed by an iteration.
type Certificate struct {
	Iterations int
	Gap        float64 // duality gap of ½‖x−v‖² + τg(x), as a sum of non-negative terms
	Distance   float64 // √(2·Gap), no less than the distance to the proximal point but for rounding
	Reached    bool    // whether Distance is at most Tol·‖v‖
}

// Check refuses a weight that is negative or not finite, an image of other than n numbers, and a negative Tol or Most.
func (g TV) Check(n int) error {
	if err := checkWeight("Lambda", g.Lambda); err != nil {
		return err
	}
	if err := g.Shape.Check(); err != nil {
		return &ParamError{Param: "Shape", Value: g.Shape, Want: "at least one channel, row and column"}
	}
	if g.Shape.Len() != n {
		return &ParamError{Param: "Shape", Value: g.Shape, Want: fmt.Sprintf("%d numbers", n)}
	}
	if err := checkWeight("Tol", g.Tol); err != nil {
		return err
	}
	if g.Most < 0 {
		return &ParamError{Param: "Most", Value: g.Most, Want: "a number ≥ 0"}
	}
	return nil
}

func (g TV) tol() float64 {
	if g.Tol == 0 {
		return 1e-4
	}
	return g.Tol
}

func (g TV) most() int {
	if g.Most == 0 {
		return 1000
	}
	return g.Most
}

// Value returns λ Σ_i ‖(Dx)_i‖.
func (g TV) Value(x []float64) float64 {
	m := g.lend()
	defer tvMemories.Put(m)
	m.gradient.Apply(m.u, x)
	m.norms(m.size, m.u)
	s := 0.0
	for _, v := range m.size {
		s += v
	}
	return g.Lambda * s
}

// Prox is ProxCertified without the certificate.
func (g TV) Prox(dst, v []float64, tau float64) { g.ProxCertified(dst, v, tau) }

// ProxCertified sets dst to the proximal point of v, as near as Tol says or Most allows, and returns how near that is. dst may be v.
func (g TV) ProxCertified(dst, v []float64, tau float64) Certificate {
	checkPair("Prox", dst, v)
	m := g.lend()
	defer tvMemories.Put(m)
	m.solve(g, v, tau)
	copy(dst, m.x)
	return m.certificate
}

// Parameters returns 1, for λ.
func (g TV) Parameters() int { return 1 }

// Jacobian is that of the proximal map on the images with the flat parts of the proximal point x: those constant on the pixels joined where
// (Dx)_i = 0. With P the projection onto them (the mean over such pixels, channel by channel) and e_i = (Dx)_i/‖(Dx)_i‖ elsewhere,
//
//	J = P (P H P)⁺ P,    H = I + τλ Σ_i D_iᵀ (I − e_i e_iᵀ) D_i / ‖(Dx)_i‖,
//
// applied by conjugate gradients; as H ≽ I their residual bounds their error. Pixel i is flat where the dual solution is held by no more than the
// ball it lies in, ‖p_i + σ(Dx)_i‖ ≤ τλ, with σ the step of the inner iteration.
func (g TV) Jacobian(dst, v []float64, tau float64, t []float64) {
	checkPair("Jacobian", dst, v)
	checkPair("Jacobian", v, t)
	m := g.lend()
	defer tvMemories.Put(m)
	m.solve(g, v, tau)
	m.differentiate(g, t)
	copy(dst, m.z)
}

// WeightJacobian is −J(v − x)·t₀: where x = v − τλDᵀ(p/τλ) with the flat parts fixed, H dx = −Dᵀe τλ dlog λ, and PDᵀeτλ = P(v − x).
func (g TV) WeightJacobian(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightJacobian", dst, v)
	m := g.lend()
	defer tvMemories.Put(m)
	m.solve(g, v, tau)
	for j, x := range m.x {
		dst[j] = -t[0] * (v[j] - x)
	}
	m.differentiate(g, dst)
	copy(dst, m.z)
}

// WeightAdjoint is −⟨v − x, Jt⟩.
func (g TV) WeightAdjoint(dst, v []float64, tau float64, t []float64) {
	checkPair("WeightAdjoint", v, t)
	m := g.lend()
	defer tvMemories.Put(m)
	m.solve(g, v, tau)
	m.differentiate(g, t)
	s := 0.0
	for j, x := range m.x {
		s -= (v[j] - x) * m.z[j]
	}
	dst[0] = s
}

// step is 1/‖D‖², or less: each direction in which there are differences adds 4 to the square of the norm.
func (g TV) step() float64 {
	bound := 0.0
	if g.Shape.H > 1 {
		bound += 4
	}
	if g.Shape.W > 1 {
		bound += 4
	}
	return 1 / math.Max(bound, 4)
}
