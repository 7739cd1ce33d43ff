// Package bilevel tunes the weights of an ℓ1 penalty by descent on a criterion of the solution,
//
//	min_θ C(x(θ)),    x(θ) = argmin_x Σ ℓ((Ax)ᵢ, yᵢ) + Σ_j e^{θ_j} |x_j|,
//
// with one θ for all unknowns (λ = e^θ) or one for each. Three choices are apart: the [Criterion] C, held-out error, cross-validation, SURE or
// the distance to a known truth; the [Inner], how x is found and differentiated; the [Search] over θ, gradient descent with a line search.
// The gradient is that of package unroll/l2o/diff,
//
//	∂C/∂θ_j = e^{θ_j} ⟨∂C/∂x, ∂x/∂κ_j⟩,
//
// and costs less than the solution (Bertrand, Klopfenstein, Massias, Blondel, Vaiter, Gramfort and Salmon, "Implicit differentiation for fast
// hyperparameter selection in non-smooth convex learning", JMLR 2022).
//
// [ReTune] is for what has more parameters than a weight for each unknown, and an iteration in the place of a solution: steps, weights of scales
// and bands, thresholds, a denoiser's own weights, learned at the equilibrium of any [Step], of which a [ForwardBackward] is one. [Contraction]
// measures what its bias hangs on, [LayersFor] and [RestartsFor] choose its K and T, [Learning] is its outer descent.
package bilevel
