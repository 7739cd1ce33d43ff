package diff

import (
	"fmt"
	"math"

	"unroll/l2o/linop"
)

// A Bar bounds the distance of a derivative to its limit, the derivative of the solution x*.
//
// With H = A_SᵀℓʺA_S + ∇²g at x*, of which μ is the least eigenvalue, the limit ẋ* solves Hẋ_S = b and is 0 off the support, so that for
// whatever ẋ an iteration, its truncation or its early end has left,
//
//	‖ẋ − ẋ*‖ ≤ ‖b − Hẋ_S‖/μ        (ẋ = 0 off S, as x_K is).
//
// Backwards, a sweep from the cotangent w has gathered v = Σ t_k q_k, the sum of what it multiplied with, and v* = H⁻¹w_S: the gradient of
// the solution is B v* with the B of the parameter, and the sweep's own is g = B v but for what came from iterates off the support:
//
//	‖g − B v*‖ ≤ ‖g − B v_S‖ + ‖B‖ ‖w_S − Hv_S‖/μ.
//
// Both are theorems for exact arithmetic; rounding is bounded to first order and added.
type Bar struct {
	Error   float64  // bound in the 2-norm; +Inf where Refusal says why there is none
	Refusal *Refusal // nil: the bound holds
}

// A Reason is why there is no bound, and no derivative of the solution.
type Reason int

const (
	NotIdentified Reason = 1 + iota // the support or the signs of the iterate are not those of the solution
	Degenerate                      // strict complementarity is within tolerance: the solution has a kink at these parameters
	RankDeficient                   // the columns on the support are dependent: the solution need not be unique
	NotFinite                       // the iterate, or the equation on its support
)

func (r Reason) String() string {
	switch r {
	case NotIdentified:
		return "the support is not identified"
	case Degenerate:
		return "strict complementarity is within tolerance"
	case RankDeficient:
		return "the columns on the support are dependent"
	case NotFinite:
		return "numbers are not finite"
	}
	return fmt.Sprintf("Reason(%d)", int(r))
}

// A Refusal is the error of a derivative that does not exist or cannot be told.
type Refusal struct {
	Reason     Reason
	Coordinate int     // that decided, −1 for none
	Value      float64 // what was measured there, by the reason: the margin of [Limit], a step of Newton's method, or μ/L
}

func (r *Refusal) Error() string {
	if r.Coordinate < 0 {
		return fmt.Sprintf("diff: %v: %.3g", r.Reason, r.Value)
	}
	return fmt.Sprintf("diff: %v: %.3g at coordinate %d", r.Reason, r.Value, r.Coordinate)
}

func refused(r *Refusal) Bar {
	if r == nil {
		return Bar{}
	}
	return Bar{math.Inf(1), r}
}

// bars bounds the distance of the parts of g to those of the limit. It is B v for the adjoint vector v, but for what came from iterates off
// the support; ‖B‖ is that of the map from v on the support to the part.
func (l *Limit) bars(g Gradient, v, w []float64, dA linop.Operator) Bars {
	exact := l.from(v, dA)
	short := l.short(l.on(w), l.on(v))
	b := Bars{Lambda: math.Abs(g.Lambda - exact.Lambda), Weights: distance(g.Weights, exact.Weights), Step: norm(g.Step), Momentum: norm(g.Momentum)}
	var lambda, weights, data float64
	var moved, back []float64
	if dA != nil {
		moved, back = l.moved(dA)
		b.A = math.Abs(g.A - exact.A)
	}
	for i, j := range l.Support {
		lambda += square(l.weight[j] * l.pulls[i])
		weights = max(weights, math.Abs(l.lambda*l.pulls[i]))
		if dA != nil {
			data += square(back[j] + l.a.DotColumn(j, moved))
		}
	}
	b.Lambda += math.Sqrt(lambda) * short
	b.Weights += weights * short
	b.A += math.Sqrt(data) * short
	if l.square {
		b.Y = distance(g.Y, exact.Y) + math.Sqrt(l.L)*short
	}
	return b
}
