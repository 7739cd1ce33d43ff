package prox

import "math"

// SquaredL2 is g(x) = ½λ‖x‖², whose conjugate is ‖w‖²/(2λ); at λ = 0 that is 0 at w = 0 and +Inf elsewhere.
type SquaredL2 struct{ Lambda float64 }

// Check refuses a weight that is negative or not finite.
func (g SquaredL2) Check() error { return checkWeight(g.Lambda) }

// Value returns ½λ‖x‖².
func (g SquaredL2) Value(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v * v
	}
	return 0.5 * g.Lambda * s
}

// Prox divides by 1 + τλ.
func (g SquaredL2) Prox(dst, v []float64, tau float64) {
	checkPair("Prox", dst, v)
	c := 1 + tau*g.Lambda
	for j, t := range v {
		dst[j] = t / c
	}
}

// FenchelYoung returns Σ (λx_j − w_j)² / (2λ).
func (g SquaredL2) FenchelYoung(x, w []float64) float64 {
	checkPair("FenchelYoung", x, w)
	d := g.Distance(w, x)
	if d == 0 {
		return 0
	}
	return d * d / (2 * g.Lambda)
}

// DualScale returns 1, except that at λ = 0 only w = 0 is in the domain.
func (g SquaredL2) DualScale(w []float64) float64 {
	if g.Lambda > 0 {
		return 1
	}
	for _, v := range w {
		if v != 0 {
			return 0
		}
	}
	return 1
}

// Distance returns ‖w − λx‖, as the only subgradient is λx.
func (g SquaredL2) Distance(w, x []float64) float64 {
	checkPair("Distance", w, x)
	s := 0.0
	for j, t := range x {
		d := w[j] - g.Lambda*t
		s += d * d
	}
	return math.Sqrt(s)
}
