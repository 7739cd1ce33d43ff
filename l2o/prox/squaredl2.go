package prox

import "math"

// SquaredL2 is g(x) = ½λ‖x‖², whose conjugate is ‖w‖²/(2λ); at λ = 0 that is 0 at w = 0 and +Inf elsewhere.
type SquaredL2 struct{ Lambda float64 }

// Check refuses a weight that is negative or not finite.
func (g SquaredL2) Check(int) error { return checkWeight("Lambda", g.Lambda) }

// Value returns ½λ‖x‖².
func (g SquaredL2) Value(x []float64) float64 { return valueOf(g, x) }

// Prox divides by 1 + τλ.
func (g SquaredL2) Prox(dst, v []float64, tau float64) { proxOf(g, dst, v, tau) }

// Jacobian divides by 1 + τλ, too.
func (g SquaredL2) Jacobian(dst, v []float64, tau float64, t []float64) {
	jacobianOf(g, dst, v, tau, t)
}

// FenchelYoung returns Σ (λx_j − w_j)² / (2λ).
func (g SquaredL2) FenchelYoung(x, w []float64) float64 { return fenchelYoungOf(g, x, w) }

// DualScale returns 1, except that at λ = 0 only w = 0 is in the domain.
func (g SquaredL2) DualScale(w []float64) float64 {
	if g.Lambda > 0 {
		return 1
	}
	return shrunk(1, largest(w), 0)
}

// Distance returns ‖w − λx‖, as the only subgradient is λx.
func (g SquaredL2) Distance(w, x []float64) float64 { return distanceOf(g, w, x) }

// Free returns every coordinate at λ = 0.
func (g SquaredL2) Free(n int) []int { return every(n, g.Lambda == 0) }

// Blocks returns n: every coordinate is a block.
func (g SquaredL2) Blocks(n int) int { return n }

// Block returns nil, for {b}.
func (g SquaredL2) Block(int) []int { return nil }

// ProxBlock divides by 1 + τλ.
func (g SquaredL2) ProxBlock(b int, x []float64, tau float64) { x[0] = g.prox(b, x[0], tau) }

// DistanceBlock is Distance in one coordinate.
func (g SquaredL2) DistanceBlock(b int, w, x []float64) float64 { return g.distance(b, w[0], x[0]) }

// Slack returns −Inf: ∂g_b(0) = {0}, so that 0 is never the minimiser for a neighbourhood of dual points.
func (g SquaredL2) Slack(int, []float64) float64 { return math.Inf(-1) }

func (g SquaredL2) value(_ int, x float64) float64      { return 0.5 * g.Lambda * x * x }
func (g SquaredL2) prox(_ int, v, tau float64) float64  { return v / (1 + tau*g.Lambda) }
func (g SquaredL2) slope(_ int, _, tau float64) float64 { return 1 / (1 + tau*g.Lambda) }

func (g SquaredL2) gap(_ int, x, w float64) float64 {
	d := g.Lambda*x - w
	if d == 0 {
		return 0 // also at λ = 0
	}
	return d * d / (2 * g.Lambda)
}

func (g SquaredL2) distance(_ int, w, x float64) float64 { return math.Abs(w - g.Lambda*x) }
