package main

// needed is the number of operations of a step's matrix products, forward and backward, that cannot be left out: the products of weights
// are formed first, no score is computed that is masked or that the keys' second moments make cheaper, the last layer computes the tokens
// that are read, and no gradient is taken in the slots that hold the prompt. A multiplication and an addition are two.
func (t task) needed() float64 {
	total := 0
	for k := range t.layers {
		total += t.neededInLayer(k == 0, k == t.layers-1)
	}
	return 2 * float64(total)
}

// neededInLayer counts products of numbers in the first, a middle or the last layer.
func (t task) neededInLayer(first, last bool) int {
	d, w, f, h := t.Width, t.Writable(), t.Hidden, t.Heads
	tokens := t.Tokens(t.n)
	queries := tokens
	if last {
		queries = 1
	}
	attend, keys := 0, 0 // of one prompt and head: scores and weights H; their gradients in the keys
	for j := tokens - queries; j < tokens; j++ {
		seen := 0
		for _, m := range t.mask[j*tokens : (j+1)*tokens] {
			if m != 0 {
				seen++
			}
		}
		attend += min(2*seen*d, d*d+d*d/h) // one by one, or by moments, which all heads share
		keys += min(2*seen*w, d*d+d*w/h)
	}
	rows := t.batch * queries
	weights := h * (d*d*d + d*d*w)                               // Q Kᵀ, V O
	forward := h*rows*(d*d+d*w) + rows*(d*f+f*w)                 // H (Q Kᵀ), mixed (V O), MLP
	inputs := h*rows*d*w + rows*(f*w+f*w)                        // gradients in what goes into V O, W₂ and W₁
	total := 3*weights + 2*forward + inputs + 2*h*t.batch*attend // forward, and gradients in the weights
	if !first {
		total += h*rows*d*w + h*t.batch*keys // gradients in the tokens
	}
	return total
}

// direct is what the peer computes: whole score matrices, all tokens in every layer and gradients in all of their slots but those of the
// first layer. A product costs as much again for the gradient of each factor.
func (t task) direct() float64 {
	rows, pairs := t.batch*t.Tokens(t.n), t.batch*len(t.mask)
	d, w, f := t.Width, t.Writable(), t.Hidden
	weights := d*d*d + d*d*w                     // Q Kᵀ, V O
	attention := rows*d*d + 2*pairs*d + rows*d*w // H (Q Kᵀ), scores, weights H, mixed (V O)
	mlp := rows*d*f + rows*f*w
	first := t.Heads * (rows*d*d + 2*pairs*d) // gradients in H: of H (Q Kᵀ), and of scores and weights H as keys
	return 2 * float64(3*t.layers*(t.Heads*(weights+attention)+mlp)-first)
}
