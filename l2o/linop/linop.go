// Package linop holds linear operators and their adjoints.
package linop

// An Operator is a linear map A: Rⁿ → Rᵐ together with its adjoint.
//
// Apply and Adjoint overwrite dst completely, leave their argument as it is, and panic when a length is wrong;
// dst must not overlap the argument. NaN or ±Inf among the numbers that A is made of must show in Aᵀy, whatever
// y (so no shortcut for y_i = 0): that is how a broken operator is noticed.
type Operator interface {
	Dims() (m, n int)
	Apply(dst, x []float64)   // dst = A x, (m) from (n)
	Adjoint(dst, y []float64) // dst = Aᵀ y, (n) from (m)
}
