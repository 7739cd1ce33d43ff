// Package dln holds the diagonal linear network β = u⊙v, which learns in jumps: its gradient flow from a small start α, and the sequence of
// saddles and jump times that the flow follows as α → 0, computed without a flow and without a weight λ ([Saddles]).
//
// # The network and its flow
//
// L(β) = ‖Xβ−y‖²/(2n) with H = XᵀX/n, and F(u, v) = L(u⊙v) from u = √2·α, v = 0. Then u²−v² = 2α² is conserved, and gradient flow on F is
// mirror flow on L with the hyperbolic entropy φ_α (Woodworth et al. 2020; Pesme and Flammarion, Saddle-to-saddle dynamics in diagonal linear
// networks, 2023). In the accelerated time t = time/ln(1/α) and the dual s = ∇φ_α(β)/ln(1/α) it reads
//
//	ds/dt = −∇L(β),   s = 0 at t = 0,   β_i = α² sinh(2 ln(1/α) s_i)
//
// As α → 0 the dual is confined to [−1, 1], s_i = ±1 where β_i ≠ 0, and β is constant but for jumps at the times when a dual coordinate
// reaches the boundary.
//
// # Scaling
//
// This room keeps the paper's 1/(2n), where l2o has ½‖Ax−y‖². The Lasso that belongs to the time t has weight 1/t here and λ = n/t there:
// [Path.Lambda] is the one place that converts.
//
// # Notation
//
//	n, d    rows and columns of X
//	α, s    scale of the start (Alpha), dual (Dual)
//	t       accelerated time
//	η       step of gradient descent
package dln
