package lista

import "unroll/l2o/linop"

// ALISTA: the matrix of TiLISTA computed from A alone by [Analytic]; the 2K numbers γ_k and θ_k are all that is learned.
//
//	x_{k+1} = S_{θ_k}(x_k + γ_k (y − A x_k) W),        W = argmin ‖WᵀA‖_F with w_jᵀa_j = 1
//
// Training starts at γ = 1, the step for which the diagonal of I − γWᵀA vanishes, and at ISTA's θ = λ/L. With W = A and γ = 1/L it is ISTA.
//
// Reference: J. Liu, X. Chen, Z. Wang, W. Yin, "ALISTA: analytic weights are as good as learned weights in LISTA", ICLR 2019, §3.
var alistaArrays = []array{
	{name: fixed + "W", shape: []axis{rows, cols}, shared: true},
	{name: "loggamma", shape: []axis{one}}, {name: "logtheta", shape: []axis{one}},
}

func alistaStart(c Config, a *linop.Dense) values {
	return values{fixed + "W": Analytic(a), "loggamma": log(1), "logtheta": log(c.Lambda * step(a))}
}

func alistaLayers(c Config, w weights, p batch) layer { return tied(c, w.matrix(0, fixed+"W"), w, p) }
