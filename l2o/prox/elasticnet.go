package prox

import "math"

// ElasticNet is g(x) = λ‖x‖₁ + ½ρ‖x‖² (Zou & Hastie 2005). For ρ > 0 its conjugate Σ max(|w_j| − λ, 0)²/(2ρ) is finite
// everywhere; ρ = 0 is [L1].
type ElasticNet struct {
	Lambda float64
	Ridge  float64 // ρ
}

// Check refuses weights that are negative or not finite.
func (g ElasticNet) Check(int) error {
	if err := checkWeight("Lambda", g.Lambda); err != nil {
		return err
	}
	return checkWeight("Ridge", g.Ridge)
}

// Value returns λ‖x‖₁ + ½ρ‖x‖².
func (g ElasticNet) Value(x []float64) float64 { return valueOf(g, x) }

// Prox is soft thresholding at τλ, divided by 1 + τρ.
func (g ElasticNet) Prox(dst, v []float64, tau float64) { proxOf(g, dst, v, tau) }

// Jacobian keeps the entries of t where |v_j| > τλ, divided by 1 + τρ.
func (g ElasticNet) Jacobian(dst, v []float64, tau float64, t []float64) {
	jacobianOf(g, dst, v, tau, t)
}

// FenchelYoung returns Σ |x_j| (λ − sign(x_j) c_j) + (ρx_j − e_j)²/(2ρ), where c_j is w_j clipped to [−λ, λ] and
// e_j = w_j − c_j the excess: as x_j w_j = x_j c_j + x_j e_j, it is the sum of the gaps of λ‖x‖₁ at c and of ½ρ‖x‖² at e.
func (g ElasticNet) FenchelYoung(x, w []float64) float64 { return fenchelYoungOf(g, x, w) }

// DualScale returns 1 for ρ > 0.
func (g ElasticNet) DualScale(w []float64) float64 {
	if g.Ridge > 0 {
		return 1
	}
	return L1{g.Lambda}.DualScale(w)
}

// Distance uses ∂g(x) = ρx + ∂(λ‖·‖₁)(x).
func (g ElasticNet) Distance(w, x []float64) float64 { return distanceOf(g, w, x) }

// Free returns every coordinate at λ = ρ = 0.
func (g ElasticNet) Free(n int) []int { return every(n, g.Lambda == 0 && g.Ridge == 0) }

// Blocks returns n: every coordinate is a block.
func (g ElasticNet) Blocks(n int) int { return n }

// Block returns nil, for {b}.
func (g ElasticNet) Block(int) []int { return nil }

// ProxBlock is Prox in one coordinate.
func (g ElasticNet) ProxBlock(b int, x []float64, tau float64) { x[0] = g.prox(b, x[0], tau) }

// DistanceBlock is Distance in one coordinate.
func (g ElasticNet) DistanceBlock(b int, w, x []float64) float64 { return g.distance(b, w[0], x[0]) }

// Slack returns λ − |w|.
func (g ElasticNet) Slack(_ int, w []float64) float64 { return slackL1(w[0], g.Lambda) }

// LambdaMax returns ‖w‖∞.
func (g ElasticNet) LambdaMax(w []float64) float64 { return largest(w) }

// WithLambda returns the penalty with the same ρ at another λ.
func (g ElasticNet) WithLambda(lambda float64) Func {
	return ElasticNet{Lambda: lambda, Ridge: g.Ridge}
}

func (g ElasticNet) value(_ int, x float64) float64 { return g.Lambda*math.Abs(x) + 0.5*g.Ridge*x*x }

func (g ElasticNet) prox(_ int, v, tau float64) float64 {
	return soft(v, tau*g.Lambda) / (1 + tau*g.Ridge)
}

func (g ElasticNet) slope(_ int, v, tau float64) float64 {
	return softSlope(v, tau*g.Lambda) / (1 + tau*g.Ridge)
}

func (g ElasticNet) gap(_ int, x, w float64) float64 {
	excess := soft(w, g.Lambda)
	return gapL1(x, min(max(w, -g.Lambda), g.Lambda), g.Lambda) + SquaredL2{g.Ridge}.gap(0, x, excess)
}

func (g ElasticNet) distance(_ int, w, x float64) float64 {
	return distanceL1(w-g.Ridge*x, x, g.Lambda)
}
