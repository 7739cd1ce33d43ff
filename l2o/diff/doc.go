// Package diff differentiates what an iteration finds with respect to what it was given, and says how far the derivative is from that of the
// solution.
//
// The iteration is proximal gradient, with or without momentum, at steps, momenta and a diagonal metric that may change in every iteration
// ([Schedule]), on a squared or logistic loss with an ℓ1 penalty, or one of the elastic net, or a squared ℓ2 penalty. Such a map has no limit
// when its steps have none, but all of them share the fixed point x*, and their derivatives converge to that of x* at the iteration's own rate
// (Mehmood and Ochs, "Automatic differentiation of optimization algorithms with time-varying updates", ICML 2025). How a problem is solved, the
// Schedule, and how the result is differentiated, the [Mode], are chosen apart:
//
//	[Forward]   derivatives of all unknowns along some directions of the parameters
//	[Reverse]   the derivative of one number with respect to all parameters, from O(√K) stored iterates
//
//	[Unrolled]  of x_K itself, through all iterations
//	[Truncated] through the last ones alone
//	[Implicit]  of x*, from the equation on its support
//
// Parameters are the weight λ, the penalty's weights ω_j, the data y, a change of A along a direction, and every step τ_k and momentum β_k.
// Every derivative comes with a bound on its distance to the derivative of x*, or with the reason why there is none ([Bar]); [Choose] picks
// the mode from a budget. A solution that was found by other means is differentiated by [NewLimit], and [Solve] finds one.
package diff
