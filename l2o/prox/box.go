package prox

import "math"

// Box is the indicator of Lo ≤ x_j ≤ Hi. Its conjugate Σ max(Lo·w_j, Hi·w_j) is finite everywhere.
type Box struct{ Lo, Hi float64 }

// Check refuses bounds that are not finite or in the wrong order.
func (g Box) Check(int) error {
	if g.Lo-g.Lo != 0 {
		return &ParamError{Param: "Lo", Value: g.Lo, Want: "a finite number"}
	}
	if g.Hi-g.Hi != 0 || g.Hi < g.Lo {
		return &ParamError{Param: "Hi", Value: g.Hi, Want: "a finite number ≥ Lo"}
	}
	return nil
}

// Value returns 0 inside and +Inf outside.
func (g Box) Value(x []float64) float64 { return valueOf(g, x) }

// Prox clips to the box, whatever τ.
func (g Box) Prox(dst, v []float64, tau float64) { proxOf(g, dst, v, tau) }

// Jacobian keeps the entries of t where Lo < v_j < Hi.
func (g Box) Jacobian(dst, v []float64, tau float64, t []float64) { jacobianOf(g, dst, v, tau, t) }

// FenchelYoung returns Σ (Hi − x_j) w_j where w_j > 0 and (x_j − Lo)|w_j| where w_j < 0.
func (g Box) FenchelYoung(x, w []float64) float64 { return fenchelYoungOf(g, x, w) }

// DualScale returns 1.
func (g Box) DualScale([]float64) float64 { return 1 }

// Distance uses that ∂g(x)_j, the normal cone, is {0} inside, [0, ∞) at Hi and (−∞, 0] at Lo.
func (g Box) Distance(w, x []float64) float64 { return distanceOf(g, w, x) }

// Free returns nil: the bounds are a constraint.
func (g Box) Free(int) []int { return nil }

// Blocks returns n: every coordinate is a block.
func (g Box) Blocks(n int) int { return n }

// Block returns nil, for {b}.
func (g Box) Block(int) []int { return nil }

// ProxBlock clips to the box.
func (g Box) ProxBlock(b int, x []float64, tau float64) { x[0] = g.prox(b, x[0], tau) }

// DistanceBlock is Distance in one coordinate.
func (g Box) DistanceBlock(b int, w, x []float64) float64 { return g.distance(b, w[0], x[0]) }

// Slack returns how deep w lies in the normal cone at 0, if 0 is a bound.
func (g Box) Slack(_ int, w []float64) float64 {
	switch {
	case g.Lo == 0 && g.Hi == 0:
		return math.Inf(1)
	case g.Lo == 0:
		return -w[0]
	case g.Hi == 0:
		return w[0]
	}
	return math.Inf(-1)
}

func (g Box) outside(x float64) bool { return !(g.Lo <= x && x <= g.Hi) }

func (g Box) value(_ int, x float64) float64 {
	if g.outside(x) {
		return math.Inf(1)
	}
	return 0
}

func (g Box) prox(_ int, v, _ float64) float64 { return min(max(v, g.Lo), g.Hi) }

func (g Box) slope(_ int, v, _ float64) float64 {
	if g.Lo < v && v < g.Hi {
		return 1
	}
	return 0
}

func (g Box) gap(_ int, x, w float64) float64 {
	switch {
	case g.outside(x):
		return math.Inf(1)
	case w > 0:
		return (g.Hi - x) * w
	}
	return (x - g.Lo) * -w
}

func (g Box) distance(_ int, w, x float64) float64 {
	switch {
	case g.outside(x):
		return math.Inf(1)
	case g.Lo == g.Hi:
		return 0
	case x == g.Hi:
		return max(-w, 0)
	case x == g.Lo:
		return max(w, 0)
	}
	return math.Abs(w)
}
