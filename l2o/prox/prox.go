// Package prox holds penalties g: Rⁿ → R ∪ {+∞}, convex and closed. A penalty owns its optimality: beside its value and
// its proximal map it knows its conjugate, its subdifferential and the derivative of that map, which is all that solvers,
// certificates and derivatives of solvers need.
package prox

import "fmt"

// A Func is a penalty g with conjugate g*(w) = sup_x ⟨x,w⟩ − g(x). Vectors have length n; a pair of vectors of
// different lengths panics.
type Func interface {
	// Check returns nil, or a *[ParamError] for parameters that make g no convex function of n unknowns.
	Check(n int) error
	// Value returns g(x).
	Value(x []float64) float64
	// Prox sets dst = argmin_z ½‖z−v‖² + τ g(z), for τ > 0 (Moreau 1965). dst may be v.
	Prox(dst, v []float64, tau float64)
	// Jacobian sets dst = J t, with J an element of the generalised Jacobian of prox_{τg} at v: symmetric, 0 ≼ J ≼ I.
	// At a kink J is the one of the side on which more entries of the prox are constant. dst may be t, not v.
	Jacobian(dst, v []float64, tau float64, t []float64)
	// FenchelYoung returns g(x) + g*(w) − ⟨x,w⟩ ≥ 0 as a sum of non-negative terms: +Inf outside the domains
	// of g and g*, and 0 if and only if w ∈ ∂g(x).
	FenchelYoung(x, w []float64) float64
	// DualScale returns the largest s ∈ [0,1] for which s·w, as rounded, is in the domain of g*.
	DualScale(w []float64) float64
	// Distance returns the Euclidean distance of w to ∂g(x), +Inf where that is empty.
	Distance(w, x []float64) float64
	// Free returns, ascending, the coordinates of which g does not depend, those without a penalty; nil for none. There the
	// domain of g* is {0}, and no scaling of w reaches it.
	Free(n int) []int
}

// A Separable penalty splits over blocks of coordinates, g(x) = Σ_b g_b(x_b), as coordinate descent needs. A block's
// vectors hold its entries alone, in the order of Block. All penalties of this package are separable but [TV], which is no Func.
type Separable interface {
	Func
	// Blocks returns the number of blocks of n unknowns.
	Blocks(n int) int
	// Block returns the coordinates of block b; nil stands for {b}.
	Block(b int) []int
	// ProxBlock replaces x by prox_{τg_b}(x).
	ProxBlock(b int, x []float64, tau float64)
	// DistanceBlock returns the distance of w to ∂g_b(x).
	DistanceBlock(b int, w, x []float64) float64
	// Slack returns the distance of w to the complement of ∂g_b(0), so that w+e ∈ ∂g_b(0) for every ‖e‖ below it: if w is
	// Aᵀu for a dual point u this near the optimal one, then x_b = 0. It is ≤ 0 outside the interior, and −Inf where
	// ∂g_b(0) has none or is empty.
	Slack(b int, w []float64) float64
}

// A Sparse penalty is one of a family λ·h, h(0) = 0, with 0 the minimiser for every large enough λ: those with a λ_max.
type Sparse interface {
	Separable
	// LambdaMax returns the smallest λ for which w ∈ ∂g(0), whatever this penalty's own. Entries of w at coordinates without a
	// penalty are not looked at.
	LambdaMax(w []float64) float64
	// WithLambda returns the member of the family at another λ.
	WithLambda(lambda float64) Func
}

// A ParamError names the parameter of a penalty that is not allowed.
type ParamError struct {
	Param string
	Value any
	Want  string
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("prox: %s is %v, want %s", e.Param, e.Value, e.Want)
}

// checkWeight is the Check of a weight named param.
func checkWeight(param string, lambda float64) error {
	if lambda >= 0 && lambda-lambda == 0 {
		return nil
	}
	return &ParamError{Param: param, Value: lambda, Want: "a finite number ≥ 0"}
}

func checkPair(method string, a, b []float64) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("prox: %s of vectors of length %d and %d", method, len(a), len(b)))
	}
}
