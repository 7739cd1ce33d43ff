package main

import (
	"math"
	"slices"
)

// needed is the number of operations of a step's matrix products, forward and backward, that cannot be left out: the products of weights
// are formed first, attention goes the cheapest of the ways that we know, the last layer computes the tokens that are read, and no gradient
// is taken in the slots that hold the prompt. A multiplication and an addition are two.
func (t task) needed() float64 {
	total := 0
	for k := range t.layers {
		queries := t.Tokens(t.n)
		if k == t.layers-1 {
			queries = 1
		}
		total += t.neededInLayer(queries, k == 0)
	}
	return 2 * float64(total)
}

// neededInLayer counts products of numbers in the first or another layer.
func (t task) neededInLayer(queries int, first bool) int {
	d, w, f, h := t.Width, t.Writable(), t.Hidden, t.Heads
	rows := t.batch * queries
	forward, inputs := rows*(d*f+f*w), rows*(f*w+f*w) // MLP, and gradients in what goes into W₂ and W₁
	total := 3*h*(d*d*d+d*d*w) + 2*forward + inputs   // Q Kᵀ and V O, everything forward, and gradients in the weights
	return total + t.batch*min(t.chunked(queries, first), t.folded(queries, first))
}

// chunked counts the products of one prompt's attention where queries meet the keys: no score is computed that is masked or that the keys'
// second moments, which all heads share, make cheaper.
func (t task) chunked(queries int, first bool) int {
	d, w, h := t.Width, t.Writable(), t.Heads
	attend, keys := 0, 0 // of one head: scores and weights H; their gradients in the keys
	for _, seen := range t.seen(queries) {
		attend += min(2*seen*d, d*d+d*d/h)
		keys += min(2*seen*w, d*d+d*w/h)
	}
	total := 2*h*queries*(d*d+d*w) + h*queries*d*w + 2*h*attend // H (Q Kᵀ), mixed (V O), gradients in score and V O and in what goes into V O
	if !first {
		total += h*queries*d*w + h*keys // gradients in the tokens
	}
	return total
}

// folded counts those where all queries see the same keys, and so meet one matrix N = Σ Q Kᵀ Xᵀ(X V O).
func (t task) folded(queries int, first bool) int {
	d, w, h, seen := t.Width, t.Writable(), t.Heads, t.seen(queries)
	k := seen[0]
	if slices.Min(seen) != slices.Max(seen) {
		return math.MaxInt // no fold
	}
	forward := h*(2*k*d*w+d*d*w) + queries*d*w // X V O, Xᵀ of it, N, and H N
	total := 2*forward + h*d*d*w               // and as much again for gradients in all that is not the tokens, N's in both of its factors
	if !first {
		total += queries*w*w + 2*h*k*w*w // gradients in the tokens
	}
	return total
}

// seen is the number of keys that each of the last queries sees.
func (t task) seen(queries int) (all []int) {
	tokens := t.Tokens(t.n)
	for j := tokens - queries; j < tokens; j++ {
		n := 0
		for _, m := range t.mask[j*tokens : (j+1)*tokens] {
			if m != 0 {
				n++
			}
		}
		all = append(all, n)
	}
	return all
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
