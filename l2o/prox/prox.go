// Package prox holds penalties g: Rⁿ → R, convex and closed. A penalty owns its optimality: beside its value and
// its proximal map it knows its conjugate and its subdifferential, which is all that a certificate needs.
package prox

import "fmt"

// A Func is a penalty g with conjugate g*(w) = sup_x ⟨x,w⟩ − g(x). Vectors have length n; a pair of vectors of
// different lengths panics.
type Func interface {
	// Check returns nil, or a *[ParamError] for parameters that make g no convex function.
	Check() error
	// Value returns g(x).
	Value(x []float64) float64
	// Prox sets dst = argmin_z ½‖z−v‖² + τ g(z), for τ > 0 (Moreau 1965). dst may be v.
	Prox(dst, v []float64, tau float64)
	// FenchelYoung returns g(x) + g*(w) − ⟨x,w⟩ ≥ 0 as a sum of non-negative terms: +Inf outside the domain
	// of g*, and 0 if and only if w ∈ ∂g(x).
	FenchelYoung(x, w []float64) float64
	// DualScale returns the largest s ∈ [0,1] for which s·w, as rounded, is in the domain of g*.
	DualScale(w []float64) float64
	// Distance returns the Euclidean distance of w to ∂g(x).
	Distance(w, x []float64) float64
}

// A ParamError names the parameter of a penalty that is not allowed.
type ParamError struct {
	Param string
	Value float64
	Want  string
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("prox: %s is %v, want %s", e.Param, e.Value, e.Want)
}

// checkWeight is the Check of a penalty whose only parameter is its weight.
func checkWeight(lambda float64) error {
	if lambda >= 0 && lambda-lambda == 0 {
		return nil
	}
	return &ParamError{Param: "Lambda", Value: lambda, Want: "a finite number ≥ 0"}
}

func checkPair(method string, a, b []float64) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("prox: %s of vectors of length %d and %d", method, len(a), len(b)))
	}
}
