// Package denoise holds a convolutional denoiser D_σ(v) for plug-and-play iterations, in plain loops: K steps along the responses of F learned
// filters a layer, as in the trained reaction diffusion of Chen and Pock ("Trainable nonlinear reaction diffusion", 2017, eq. 3), each with
// bounded responses instead of free influence functions:
//
//	x₀ = v,   x_{k+1} = x_k − w_kᵀ ∗ clip(w_k ∗ x_k, θ_k),   clip(z, θ) = min(max(z, −θ), θ),   log θ_{k,f} = p_{k,f}·log σ + a_{k,f}
//
// # Why these layers
//
// A layer is a gradient step on Σ h_θ(w_k ∗ x), h_θ Huber's function, whose Jacobian is I − wᵀ∗ diag(|z| < θ) w∗ with eigenvalues in
// [1 − ‖w_k∗‖², 1]. So
//
//	‖w_k∗‖² ≤ 2 for every k   ⇒   D_σ is nonexpansive, for all σ > 0 and whatever the weights are otherwise,
//
// and below 2 it is averaged, as a composition of averaged maps (Bauschke and Combettes, "Convex analysis and monotone operator theory in
// Hilbert spaces", 2nd ed., prop. 4.44): forward–backward steps with D_σ then converge for τ < 2/L where they have a fixed point. A residual of
// free convolutions, v − net(v), has no such bound, and plug-and-play with one diverges once it expands. [Config.Project] keeps the norms at
// most [Config.Cap] while weights are learned, and [Bound.Lipschitz] is a certified bound of what they are. Edges are kept, because a large
// response is moved by θ and not in proportion.
//
// Images are (C, H, W) with zeros outside, as in [kernel.Conv]; the same denoiser takes every size. The layers on Gorgonia's computation graph,
// to train them, are in l2o/denoise/graph; this package links no Gorgonia.
package denoise
