package prox

import "math"

// L1 is g(x) = λ‖x‖₁, whose conjugate is 0 where ‖w‖∞ ≤ λ and +Inf elsewhere.
type L1 struct{ Lambda float64 }

// Check refuses a weight that is negative or not finite.
func (g L1) Check(int) error { return checkWeight("Lambda", g.Lambda) }

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

// Jacobian keeps the entries of t where |v_j| > τλ.
func (g L1) Jacobian(dst, v []float64, tau float64, t []float64) { jacobianOf(g, dst, v, tau, t) }

// FenchelYoung returns Σ |x_j| (λ − sign(x_j) w_j).
func (g L1) FenchelYoung(x, w []float64) float64 {
	checkPair("FenchelYoung", x, w)
	s := 0.0
	for j, t := range x {
		if t == 0 && math.Abs(w[j]) <= g.Lambda { // most of them
			continue
		}
		s += gapL1(t, w[j], g.Lambda)
	}
	return s
}

// DualScale returns min(1, λ/‖w‖∞), rounded so that no product of it with an entry of w exceeds λ.
func (g L1) DualScale(w []float64) float64 { return shrunk(1, largest(w), g.Lambda) }

// Distance uses ∂g(x)_j = {λ sign(x_j)} where x_j ≠ 0 and [−λ, λ] where x_j = 0.
func (g L1) Distance(w, x []float64) float64 { return distanceOf(g, w, x) }

// Free returns every coordinate at λ = 0.
func (g L1) Free(n int) []int { return every(n, g.Lambda == 0) }

// Blocks returns n: every coordinate is a block.
func (g L1) Blocks(n int) int { return n }

// Block returns nil, for {b}.
func (g L1) Block(int) []int { return nil }

// ProxBlock is soft thresholding at τλ.
func (g L1) ProxBlock(_ int, x []float64, tau float64) { x[0] = soft(x[0], tau*g.Lambda) }

// DistanceBlock is Distance in one coordinate.
func (g L1) DistanceBlock(_ int, w, x []float64) float64 { return distanceL1(w[0], x[0], g.Lambda) }

// Slack returns λ − |w|.
func (g L1) Slack(_ int, w []float64) float64 { return slackL1(w[0], g.Lambda) }

// LambdaMax returns ‖w‖∞.
func (g L1) LambdaMax(w []float64) float64 { return largest(w) }

// WithLambda returns the penalty at another λ.
func (g L1) WithLambda(lambda float64) Func { return L1{Lambda: lambda} }

func (g L1) value(_ int, x float64) float64       { return g.Lambda * math.Abs(x) }
func (g L1) prox(_ int, v, tau float64) float64   { return soft(v, tau*g.Lambda) }
func (g L1) slope(_ int, v, tau float64) float64  { return softSlope(v, tau*g.Lambda) }
func (g L1) gap(_ int, x, w float64) float64      { return gapL1(x, w, g.Lambda) }
func (g L1) distance(_ int, w, x float64) float64 { return distanceL1(w, x, g.Lambda) }
