package prox

import "math"

// NonNegL1 is g(x) = λ Σ x_j where x ≥ 0 and +Inf elsewhere. Its conjugate is 0 where w_j ≤ λ for all j and +Inf elsewhere.
type NonNegL1 struct{ Lambda float64 }

// Check refuses a weight that is negative or not finite.
func (g NonNegL1) Check(int) error { return checkWeight("Lambda", g.Lambda) }

// Value returns λ Σ x_j, +Inf if an entry is negative.
func (g NonNegL1) Value(x []float64) float64 { return valueOf(g, x) }

// Prox is dst_j = max(v_j − τλ, 0).
func (g NonNegL1) Prox(dst, v []float64, tau float64) { proxOf(g, dst, v, tau) }

// Jacobian keeps the entries of t where v_j > τλ.
func (g NonNegL1) Jacobian(dst, v []float64, tau float64, t []float64) { jacobianOf(g, dst, v, tau, t) }

// FenchelYoung returns Σ x_j (λ − w_j).
func (g NonNegL1) FenchelYoung(x, w []float64) float64 { return fenchelYoungOf(g, x, w) }

// DualScale returns min(1, λ/max w_j). At λ = 0 the domain is the cone w ≤ 0, which no scaling but 0 reaches: then the gap of
// non-negative least squares closes only with the residual, or where Aᵀr ≤ 0 holds exactly.
func (g NonNegL1) DualScale(w []float64) float64 { return shrunk(1, g.LambdaMax(w), g.Lambda) }

// Distance uses ∂g(x)_j = {λ} where x_j > 0 and (−∞, λ] where x_j = 0.
func (g NonNegL1) Distance(w, x []float64) float64 { return distanceOf(g, w, x) }

// Free returns nil: the sign is a constraint also at λ = 0.
func (g NonNegL1) Free(int) []int { return nil }

// Blocks returns n: every coordinate is a block.
func (g NonNegL1) Blocks(n int) int { return n }

// Block returns nil, for {b}.
func (g NonNegL1) Block(int) []int { return nil }

// ProxBlock is Prox in one coordinate.
func (g NonNegL1) ProxBlock(b int, x []float64, tau float64) { x[0] = g.prox(b, x[0], tau) }

// DistanceBlock is Distance in one coordinate.
func (g NonNegL1) DistanceBlock(b int, w, x []float64) float64 { return g.distance(b, w[0], x[0]) }

// Slack returns λ − w.
func (g NonNegL1) Slack(_ int, w []float64) float64 { return g.Lambda - w[0] }

// LambdaMax returns max w_j, 0 if none is positive.
func (g NonNegL1) LambdaMax(w []float64) float64 {
	top := 0.0
	for _, v := range w {
		top = max(top, v)
	}
	return top
}

// WithLambda returns the penalty at another λ.
func (g NonNegL1) WithLambda(lambda float64) Func { return NonNegL1{Lambda: lambda} }

func (g NonNegL1) value(_ int, x float64) float64 {
	if x < 0 {
		return math.Inf(1)
	}
	return g.Lambda * x
}

func (g NonNegL1) prox(_ int, v, tau float64) float64 { return max(v-tau*g.Lambda, 0) }

func (g NonNegL1) slope(_ int, v, tau float64) float64 {
	if v > tau*g.Lambda {
		return 1
	}
	return 0
}

func (g NonNegL1) gap(_ int, x, w float64) float64 {
	if x < 0 || w > g.Lambda {
		return math.Inf(1)
	}
	return x * (g.Lambda - w)
}

func (g NonNegL1) distance(_ int, w, x float64) float64 {
	switch {
	case x < 0:
		return math.Inf(1)
	case x == 0:
		return max(w-g.Lambda, 0)
	}
	return math.Abs(w - g.Lambda)
}
