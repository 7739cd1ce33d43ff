package main

// needed is the number of operations of a step's matrix products, forward and backward, that cannot be left out: with the products of
// weights formed first, masked scores skipped, and no gradient in the first layer's tokens.
func (t task) needed() float64 {
	shown := 0
	for _, m := range t.mask {
		if m != 0 {
			shown++
		}
	}
	return t.flops(shown)
}

// direct is needed with whole score matrices, which is what the peer computes.
func (t task) direct() float64 { return t.flops(len(t.mask)) }

// flops counts a multiplication and an addition as two, for a number of scores in one prompt and head. A product costs as much again
// for the gradient of each factor.
func (t task) flops(scores int) float64 {
	rows, pairs := t.batch*t.Tokens(t.n), t.batch*scores
	d, w, f := t.Width, t.Writable(), t.Hidden
	weights := d*d*d + d*d*w                     // Q Kᵀ, V O
	attention := rows*d*d + 2*pairs*d + rows*d*w // H (Q Kᵀ), scores, weights H, mixed (V O)
	mlp := rows*d*f + rows*f*w
	first := t.Heads * (rows*d*d + 2*pairs*d) // gradients in H: of H (Q Kᵀ), and of scores and weights H as keys
	return 2 * float64(3*t.layers*(t.Heads*(weights+attention)+mlp)-first)
}
