// Package l2o poses the problems of the project, solves them by classical iterations and certifies the results.
//
// Everything that is compared here is a sequence of estimates x₀, x₁, … of one x*: a [Solver] takes a [Problem]
// and yields them. It neither stops, prints nor measures; [Solve] and the callers do.
//
// # Notation
//
// The same letters stand in code, comments and reports.
//
//	m, n      rows and unknowns of A
//	N, d, S   demonstration pairs of a prompt, its signal dimension, its nonzeros
//	K, B, k   layers or iterations, batch, index of one of them
//	A, y      operator and data; X are the rows of a prompt
//	x, x*     estimate and the point that is sought; β where it is a prompt's unknown
//	ℓ, f      loss of one row; f(x) = Σᵢ ℓ((Ax)ᵢ, yᵢ), which is ½‖Ax−y‖² unless said otherwise; nowhere 1/m
//	g, F      the penalty; F = f + g
//	λ         weight of the penalty, lambda in code
//	τ, L      step, Lipschitz constant of ∇f, which is ‖A‖²·sup ℓ″
//	ρ         weight of a ridge, or of ADMM's quadratic
//	θ         threshold, or the parameters of a learned solver
//	σ         noise
//	z, r, u   Ax, residual y − Ax, dual point −ℓ′(z) or near it
//
// NMSE is 10·log₁₀(Σ‖x̂−x*‖² / Σ‖x*‖²) dB.
//
// # Solvers
//
//	ISTA       proximal gradient                 F(x_k) − F* ≤ L‖x₀−x*‖²/(2k)
//	FISTA      with Nesterov's momentum          F(x_k) − F* ≤ 2L‖x₀−x*‖²/(k+1)²
//	Restart    forgetting it where it harms      linear in practice once the support is found
//	ADMM       splitting                         converges for every ρ
//	CD         coordinate descent                F(x_k) never rises; exact where its last step can be
//	Homotopy   the path from λ_max down          exact, in finitely many breakpoints
//	AMP        approximate message passing       for i.i.d. A, in the limit of large m and n
//	OMP        greedy, one column at a time      exact where the coherence is below 1/(2S−1)
//
// CD wants an operator with columns, a [linop.Columns]; the others take any. OMP looks at no penalty. What the others take of losses and
// penalties is this; the rest is an *[UnsupportedError] of Check.
//
//	                ISTA   FISTA   Restart   ADMM   CD   Homotopy   AMP
//	squared
//	  L1             •       •        •       •     •       •        •
//	  WeightedL1     •       •        •       •     •
//	  NonNegL1       •       •        •       •     •
//	  ElasticNet     •       •        •       •     •
//	  Group          •       •        •       •     •
//	  Box            •       •        •       •     •
//	  SquaredL2      •       •        •       •     •
//	logistic
//	  L1             •       •        •             •
//	  WeightedL1     •       •        •             •
//	  NonNegL1       •       •        •             •
//	  ElasticNet     •       •        •             •
//	  Group          •       •        •             •
//	  Box            •       •        •             •
//	  SquaredL2      •       •        •             •
//
// # Certificates
//
// [Certify] says of any vector how far from optimal it can be at most, by a duality gap that is a sum of non-negative terms. [Solve] stops on
// it, relative to F(0): it is the relative gap of every Solution.
package l2o
