package bilevel

import (
	"fmt"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// A Backward is the second half of a layer: the prox of a penalty or a denoiser, D_s(v), with strengths s > 0, one for each of its groups, and
// weights of its own, perhaps none. The rules of [Step] about dst and memory hold.
type Backward interface {
	Groups() int
	Weights() int
	// Apply sets dst = D_s(v).
	Apply(dst, v, s, weights []float64)
	// Tangent sets dst = ∂_vD_s(v) t.
	Tangent(dst, v, s, weights, t []float64)
	// Adjoint sets dst = ∂_vD_s(v)ᵀ w and ds (groups) = ∂_sD_s(v)ᵀ w, and adds that of the weights to dWeights. Both are nil where only dst
	// is asked for.
	Adjoint(dst, ds, dWeights, v, s, weights, w []float64)
}

// ForwardBackward is a layer of the forward–backward iteration for ½‖Au − y‖² + ½ρ‖u‖² and a penalty, or plug-and-play with a denoiser,
//
//	v = u − τ (Aᵀ(Au − y) + ρu),    φ(u) = D_s(v),
//
// with τ and s from θ by the Layout. Where D is a prox, nonexpansive, and τ ∈ (0, 2/(‖A‖²+ρ)), its factor is q ≤ max |1 − τ(h+ρ)| over the
// eigenvalues h of AᵀA (Bauschke and Combettes, "Convex analysis and monotone operator theory in Hilbert spaces", 2nd ed., prop. 26.16).
type ForwardBackward struct {
	A      linop.Operator // (m, n)
	Y      []float64      // (m)
	Ridge  float64        // ρ ≥ 0
	Back   Backward
	Layout *Layout

	residual       []float64 // (m)
	gradient, v, t []float64 // (n)
	s, ds          []float64 // (groups)
}

// NewForwardBackward checks that the parts fit and gives the step its memory. The error is an *[l2o.InputError].
func NewForwardBackward(a linop.Operator, y []float64, ridge float64, back Backward, layout *Layout) (*ForwardBackward, error) {
	m, n := a.Dims()
	if len(y) != m {
		return nil, &l2o.InputError{Arg: "Y", Value: fmt.Sprintf("of length %d", len(y)), Want: fmt.Sprintf("length %d, the rows of A", m)}
	}
	if !(ridge >= 0) || ridge-ridge != 0 {
		return nil, &l2o.InputError{Arg: "Ridge", Value: ridge, Want: "a finite number ≥ 0"}
	}
	if g := len(layout.factors[0]); g != back.Groups() {
		return nil, &l2o.InputError{Arg: "Layout", Value: fmt.Sprintf("for %d groups", g), Want: fmt.Sprintf("%d, those of the backward step", back.Groups())}
	}
	if w := len(layout.start) - len(layout.Names); w != back.Weights() {
		return nil, &l2o.InputError{Arg: "Layout", Value: fmt.Sprintf("with %d weights", w), Want: fmt.Sprintf("%d, those of the backward step", back.Weights())}
	}
	return &ForwardBackward{A: a, Y: y, Ridge: ridge, Back: back, Layout: layout, residual: make([]float64, m),
		gradient: make([]float64, n), v: make([]float64, n), t: make([]float64, n),
		s: make([]float64, back.Groups()), ds: make([]float64, back.Groups())}, nil
}

// Dims returns n and the length of θ.
func (f *ForwardBackward) Dims() (n, p int) { return len(f.v), len(f.Layout.start) }

// at sets v and s, and returns τ and the denoiser's weights.
func (f *ForwardBackward) at(u, theta []float64, k int) (tau float64, weights []float64) {
	tau = f.Layout.step(theta, k)
	f.Layout.strengths(f.s, theta, k)
	f.A.Apply(f.residual, u)
	for i, y := range f.Y {
		f.residual[i] -= y
	}
	f.A.Adjoint(f.gradient, f.residual)
	for j, g := range f.gradient {
		f.v[j] = u[j] - tau*(g+f.Ridge*u[j])
	}
	return tau, theta[len(f.Layout.Names):]
}

// hessian sets dst = t − τ (AᵀA + ρ) t; dst may be t.
func (f *ForwardBackward) hessian(dst, t []float64, tau float64) {
	f.A.Apply(f.residual, t)
	f.A.Adjoint(f.gradient, f.residual)
	for j, g := range f.gradient {
		dst[j] = t[j] - tau*(g+f.Ridge*t[j])
	}
}

// Apply is one layer.
func (f *ForwardBackward) Apply(dst, u, theta []float64, k int) {
	_, weights := f.at(u, theta, k)
	f.Back.Apply(dst, f.v, f.s, weights)
}

// Tangent is ∂D (I − τ(AᵀA + ρ)) t.
func (f *ForwardBackward) Tangent(dst, u, theta []float64, k int, t []float64) {
	tau, weights := f.at(u, theta, k)
	f.hessian(f.t, t, tau)
	f.Back.Tangent(dst, f.v, f.s, weights, f.t)
}

// Adjoint is (I − τ(AᵀA + ρ)) ∂Dᵀ w, with ∂v/∂log τ = v − u.
func (f *ForwardBackward) Adjoint(dst, slope, u, theta []float64, k int, w []float64) {
	tau, weights := f.at(u, theta, k)
	if slope == nil {
		f.Back.Adjoint(dst, nil, nil, f.v, f.s, weights, w)
	} else {
		f.Back.Adjoint(dst, f.ds, slope[len(f.Layout.Names):], f.v, f.s, weights, w)
		f.Layout.chain(slope, f.s, f.ds, k)
		if at := f.Layout.tau[k]; at >= 0 {
			for j, d := range dst {
				slope[at] += d * (f.v[j] - u[j])
			}
		}
	}
	f.hessian(dst, dst, tau)
}

// A Penalty is a Backward that is a prox, so that there is an objective.
type Penalty interface {
	Backward
	Value(u, s []float64) float64 // of the penalty whose prox with step 1 the strengths s belong to
}

// Objective returns ½‖Au − y‖² + ½ρ‖u‖² + g(u), of which the layers descend where they are all the same, with the strengths of layer 0 divided
// by its step. It panics unless Back is a [Penalty].
func (f *ForwardBackward) Objective(u, theta []float64) float64 {
	f.A.Apply(f.residual, u)
	sum := f.Ridge * dot(u, u)
	for i, y := range f.Y {
		d := f.residual[i] - y
		sum += d * d
	}
	f.Layout.strengths(f.s, theta, 0)
	return sum/2 + f.Back.(Penalty).Value(u, f.s)/f.Layout.step(theta, 0)
}
