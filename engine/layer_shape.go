package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// LayerShape fixes a transformer layer for batches of one size:
//
//	A  = weight ∘ Σ_h (act(H Q_h (H K_h)ᵀ) ∘ seen) H V_h O_h    // (B, T, W)
//	H' = H + [0 | A]                                            // (B, T, D)
//	H  ← [H'_fixed | sat(H'_free + ReLU(H' W₁) W₂)]             // (B, T, D)
//
// with W = Width − Fixed, and seen and weight what the Sights say. sat is the identity within ±Saturate and
// ±(c + ½c·tanh((|v|−c)/½c)) beyond; 0 leaves it out.
//
// The first Fixed slots of a token are data: a layer does not write them, and the gradient in them is left at zero.
type LayerShape struct {
	Batch, Tokens int
	Queries       int // so many tokens at the end are computed and put out, 1 … Tokens; all tokens are keys
	Width, Fixed  int
	Hidden, Heads int
	ReLU          bool // act(s) = max(s, 0); else s
	Saturate      float64
	Data          bool // the tokens are data in all slots: the layer is differentiable in its weights alone
}

// A Sight is what one query sees: the first Keys tokens, each with the same weight.
type Sight struct {
	Keys   int
	Weight float64
}

func (s LayerShape) writable() int { return s.Width - s.Fixed }

// blockPrompts prompts go through the whole layer together, so that what they write is still in the second-level cache when it is read.
func (s LayerShape) blockPrompts() int { return min(s.Batch, max(1, blockRows/s.Tokens)) }

const blockRows = 96

// check panics unless the shape and the sights of its T tokens describe a layer.
func (s LayerShape) check(sights []Sight) {
	ok := s.Batch >= 1 && s.Queries >= 1 && s.Queries <= s.Tokens && s.Fixed >= 0 && s.Width > s.Fixed && s.Hidden >= 1 && s.Heads >= 1 &&
		len(sights) == s.Tokens
	last := 0
	for _, v := range sights {
		ok = ok && v.Keys >= last && v.Keys <= s.Tokens
		last = v.Keys
	}
	if !ok {
		panic(fmt.Sprintf("engine: impossible layer %+v with sights %v", s, sights))
	}
}

// layerState is what the forward and backward ops of one layer share. R = B·queries. Between the two they keep little: what attention and
// MLP compute on the way is formed again, block by block, which takes less time than to write it to memory and read it back.
type layerState[F kernel.Float] struct {
	LayerShape
	keys   []int // (queries) seen by a query
	weight []F   // (queries) of its keys
	chunks []chunk
	span   int // of a row of weights

	h, k, o, q, v, w1, w2 []F // the inputs of the run

	score []F // Q Kᵀ (D, H·D): formed on the weights, because H Q (H K)ᵀ = H (Q Kᵀ) Hᵀ whatever follows the score
	write []F // V O (H·D, W)
	after []F // H' (R, D)
	out   []F // (R, D)

	dH             []F // (B, T, D)
	dK, dO, dQ, dV []F // (heads, D, D), dO (heads, D, W)
	dW1, dW2       []F // (D, F), (F, W)

	layerScratch[F]
}

func newLayerState[F kernel.Float](s LayerShape, sights []Sight) *layerState[F] {
	s.check(sights)
	d, w, f, heads, rows := s.Width, s.writable(), s.Hidden, s.Heads, s.Batch*s.Queries
	st := &layerState[F]{LayerShape: s,
		score: make([]F, d*heads*d), write: make([]F, heads*d*w), after: make([]F, rows*d), out: make([]F, rows*d),
		dH: make([]F, s.Batch*s.Tokens*d), dK: make([]F, heads*d*d), dO: make([]F, heads*d*w), dQ: make([]F, heads*d*d), dV: make([]F, heads*d*d),
		dW1: make([]F, d*f), dW2: make([]F, f*w)}
	for _, v := range sights[s.Tokens-s.Queries:] {
		st.keys, st.weight = append(st.keys, v.Keys), append(st.weight, F(v.Weight))
	}
	st.chunks, st.span = chunks(st.keys, d, !s.ReLU)
	st.layerScratch = newLayerScratch[F](s, st.span)
	return st
}

func (s *layerState[F]) set(in []*tensor.Dense) {
	for i, to := range []*[]F{&s.h, &s.k, &s.o, &s.q, &s.v, &s.w1, &s.w2} {
		*to = values[F](in[i])
	}
}
