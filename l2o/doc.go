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
//	f, g, F   f(x) = ½‖Ax−y‖², without 1/m; the penalty; F = f + g
//	λ         weight of the penalty, lambda in code
//	τ, L      step, Lipschitz constant of ∇f, which is ‖A‖²
//	θ         threshold, or the parameters of a learned solver
//	σ         noise
//	r, u      residual y − Ax, dual point
//
// NMSE is 10·log₁₀(Σ‖x̂−x*‖² / Σ‖x*‖²) dB.
//
// # Solvers
//
//	ISTA    proximal gradient             F(x_k) − F* ≤ L‖x₀−x*‖²/(2k)
//	FISTA   with Nesterov's momentum      F(x_k) − F* ≤ 2L‖x₀−x*‖²/(k+1)²
package l2o
