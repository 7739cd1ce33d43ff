package prox

import (
	"fmt"
	"math"
)

// WeightedL1 is g(x) = λ Σ ω_j |x_j|. Weight 0 leaves a coordinate free, and weight +Inf holds it at exactly 0, whatever λ.
// The conjugate is 0 where |w_j| ≤ λω_j for all j and +Inf elsewhere.
type WeightedL1 struct {
	Lambda  float64
	Weights []float64 // (n), each ≥ 0 or +Inf
}

// Check refuses a λ that is negative or not finite, and weights that are not n or of which one is negative or NaN.
func (g WeightedL1) Check(n int) error {
	if err := checkWeight("Lambda", g.Lambda); err != nil {
		return err
	}
	if len(g.Weights) != n {
		return &ParamError{Param: "Weights", Value: fmt.Sprintf("of length %d", len(g.Weights)), Want: fmt.Sprintf("length %d, the columns of A", n)}
	}
	for j, v := range g.Weights {
		if !(v >= 0) {
			return &ParamError{Param: fmt.Sprintf("Weights[%d]", j), Value: v, Want: "a number ≥ 0 or +Inf"}
		}
		if theta := g.Lambda * v; !math.IsInf(v, 1) && math.IsInf(theta, 1) {
			return &ParamError{Param: fmt.Sprintf("Weights[%d]", j), Value: v, Want: "a product with Lambda that does not overflow"}
		}
	}
	return nil
}

// weight returns λω_j, +Inf where ω_j is.
func (g WeightedL1) weight(j int) float64 {
	if math.IsInf(g.Weights[j], 1) {
		return g.Weights[j]
	}
	return g.Lambda * g.Weights[j]
}

// Value returns λ Σ ω_j |x_j|, +Inf if an entry with weight +Inf is not 0.
func (g WeightedL1) Value(x []float64) float64 {
	checkPair("Value", x, g.Weights)
	return valueOf(g, x)
}

// Prox is soft thresholding at τλω_j.
func (g WeightedL1) Prox(dst, v []float64, tau float64) {
	checkPair("Prox", v, g.Weights)
	proxOf(g, dst, v, tau)
}

// Jacobian keeps the entries of t where |v_j| > τλω_j.
func (g WeightedL1) Jacobian(dst, v []float64, tau float64, t []float64) {
	jacobianOf(g, dst, v, tau, t)
}

// FenchelYoung returns Σ |x_j| (λω_j − sign(x_j) w_j).
func (g WeightedL1) FenchelYoung(x, w []float64) float64 { return fenchelYoungOf(g, x, w) }

// DualScale returns the largest s ≤ 1 with s|w_j| ≤ λω_j for all j.
func (g WeightedL1) DualScale(w []float64) float64 {
	checkPair("DualScale", w, g.Weights)
	s := 1.0
	for j, v := range w {
		s = shrunk(s, math.Abs(v), g.weight(j))
	}
	return s
}

// Distance uses ∂g(x)_j = {λω_j sign(x_j)} where x_j ≠ 0 and [−λω_j, λω_j] where x_j = 0; at weight +Inf that is R at 0
// and empty elsewhere.
func (g WeightedL1) Distance(w, x []float64) float64 { return distanceOf(g, w, x) }

// Free returns the coordinates with λω_j = 0.
func (g WeightedL1) Free(n int) []int {
	var free []int
	for j := range n {
		if g.weight(j) == 0 {
			free = append(free, j)
		}
	}
	return free
}

// Blocks returns n: every coordinate is a block.
func (g WeightedL1) Blocks(n int) int { return n }

// Block returns nil, for {b}.
func (g WeightedL1) Block(int) []int { return nil }

// ProxBlock is soft thresholding at τλω_b.
func (g WeightedL1) ProxBlock(b int, x []float64, tau float64) { x[0] = g.prox(b, x[0], tau) }

// DistanceBlock is Distance in one coordinate.
func (g WeightedL1) DistanceBlock(b int, w, x []float64) float64 { return g.distance(b, w[0], x[0]) }

// Slack returns λω_b − |w|.
func (g WeightedL1) Slack(b int, w []float64) float64 { return slackL1(w[0], g.weight(b)) }

// LambdaMax returns max |w_j|/ω_j over the coordinates with ω_j > 0.
func (g WeightedL1) LambdaMax(w []float64) float64 {
	checkPair("LambdaMax", w, g.Weights)
	top := 0.0
	for j, v := range w {
		if g.Weights[j] > 0 {
			top = max(top, math.Abs(v)/g.Weights[j])
		}
	}
	return top
}

// WithLambda returns the penalty with the same weights at another λ.
func (g WeightedL1) WithLambda(lambda float64) Func {
	return WeightedL1{Lambda: lambda, Weights: g.Weights}
}

func (g WeightedL1) value(j int, x float64) float64 {
	if x == 0 {
		return 0 // also at weight +Inf
	}
	return g.weight(j) * math.Abs(x)
}

func (g WeightedL1) prox(j int, v, tau float64) float64 { return soft(v, tau*g.weight(j)) }

func (g WeightedL1) slope(j int, v, tau float64) float64 { return softSlope(v, tau*g.weight(j)) }

func (g WeightedL1) gap(j int, x, w float64) float64 {
	if x == 0 && math.Abs(w) <= g.weight(j) {
		return 0
	}
	return gapL1(x, w, g.weight(j))
}

func (g WeightedL1) distance(j int, w, x float64) float64 { return distanceL1(w, x, g.weight(j)) }
