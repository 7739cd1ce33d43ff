package prox

import "math"

// L1 is g(x) = λ‖x‖₁, whose conjugate is 0 where ‖w‖∞ ≤ λ and +Inf elsewhere.
type L1 struct{ Lambda float64 }

// Check refuses a weight that is negative or not finite.
func (g L1) Check() error { return checkWeight(g.Lambda) }

// Value returns λ‖x‖₁.
func (g L1) Value(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += math.Abs(v)
	}
	return g.Lambda * s
}

// Prox is soft thresholding at θ = τλ: dst_j = v_j − min(max(v_j, −θ), θ).
func (g L1) Prox(dst, v []float64, tau float64) {
	checkPair("Prox", dst, v)
	theta := tau * g.Lambda
	for j, t := range v {
		dst[j] = t - min(max(t, -theta), theta)
	}
}

// FenchelYoung returns Σ |x_j| (λ − sign(x_j) w_j).
func (g L1) FenchelYoung(x, w []float64) float64 {
	checkPair("FenchelYoung", x, w)
	s := 0.0
	for j, t := range x {
		if math.Abs(w[j]) > g.Lambda {
			return math.Inf(1)
		}
		s += math.Abs(t) * (g.Lambda - math.Copysign(1, t)*w[j])
	}
	return s
}

// DualScale returns min(1, λ/‖w‖∞), rounded so that no product of it with an entry of w exceeds λ.
func (g L1) DualScale(w []float64) float64 {
	top := 0.0
	for _, v := range w {
		top = max(top, math.Abs(v))
	}
	if top <= g.Lambda {
		return 1
	}
	s := g.Lambda / top
	for s*top > g.Lambda {
		s = math.Nextafter(s, 0)
	}
	return s
}

// Distance uses ∂g(x)_j = {λ sign(x_j)} where x_j ≠ 0 and [−λ, λ] where x_j = 0.
func (g L1) Distance(w, x []float64) float64 {
	checkPair("Distance", w, x)
	s := 0.0
	for j, t := range x {
		d := math.Abs(w[j] - math.Copysign(g.Lambda, t))
		if t == 0 {
			d = max(math.Abs(w[j])-g.Lambda, 0)
		}
		s += d * d
	}
	return math.Sqrt(s)
}
