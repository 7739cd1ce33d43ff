// Package lista holds the learned sparse solvers: iterations of K steps, the layers, whose numbers are trained. Each stands in a file of its
// own with its recurrence and its source, starts at the constants of ISTA or at those of its paper, and runs in plain loops as an
// [l2o.Solver] that nothing can tell from ISTA. The same layers on Gorgonia's computation graph, to train them, are in l2o/lista/graph; this
// package links no Gorgonia.
//
// # Methods
//
//	                parameters        reads of the problem    bound to the A it was trained on by
//	lista           K(mn+n²+1) − n²   y                       W₁, W₂ (of all layers where Shared: mn + n² + K)
//	lista-cp        K(mn + 1)         A, y                    W_k
//	lista-cpss      K(mn + 1)         A, y                    W_k
//	tista           K                 A, y                    A⁺
//	tilista         mn + 2K           A, y                    W
//	alista          2K                A, y                    W
//	hyperlista      3                 A, y                    W
//	ada-lista       2m² + 2K          A, y                    nothing but m and n
//	lista-vm        K(n² + 1)         A, y                    nothing but n
//
// All of them solve y ≈ Ax for x with few nonzeros, with the squared loss; they look at no penalty, as their thresholds are their own.
//
// # Parametrisation
//
// A threshold or a step must be positive. What is trained is its logarithm: every parameter whose name begins with "log" enters the recurrence
// through exp, here and on the graph, and nowhere else is a sign forced. Matrices that stand for columns of A have A's shape (m, n), and all
// act on rows: v = u W.
package lista
