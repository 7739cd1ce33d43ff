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

const blockRows = 256

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

// layerState is what the forward and backward ops of one layer share. R = B·queries. Forward keeps what backward needs: to read it back from
// memory takes less time than to form it again.
type layerState[F kernel.Float] struct {
	LayerShape
	keys   []int // (queries) seen by a query
	weight []F   // (queries) of its keys
	folds  bool  // attention is one matrix for each prompt, and no chunks
	chunks []chunk
	span   int // of a row of weights

	h, k, o, q, v, w1, w2 []F // the inputs of the run

	score []F // Q Kᵀ (D, H·D): formed on the weights, because H Q (H K)ᵀ = H (Q Kᵀ) Hᵀ whatever follows the score
	write []F // V O (H·D, W)
	after []F // H' (R, D)
	units []F // ReLU(H' W₁) (R, F)
	out   []F // (R, D)

	// Of chunks. The heads of a token lie side by side, (R, H·D), so that a product that all heads share is one product, and as rows
	// (R·H, D) where they meet the keys.
	projected []F // H Q Kᵀ (R, H·D)
	weights   []F // act(scores) of the keys that are seen one by one (R·H, span)
	mixed     []F // weights H (R, H·D)

	fold[F]

	dH             []F // (B, T, D), nil where the tokens are data
	dK, dO, dQ, dV []F // (heads, D, D), dO (heads, D, W)
	dW1, dW2       []F // (D, F), (F, W)

	layerScratch[F]
}

func newLayerState[F kernel.Float](s LayerShape, sights []Sight) *layerState[F] {
	s.check(sights)
	d, w, f, heads, rows := s.Width, s.writable(), s.Hidden, s.Heads, s.Batch*s.Queries
	st := &layerState[F]{LayerShape: s,
		score: make([]F, d*heads*d), write: make([]F, heads*d*w), after: make([]F, rows*d), units: make([]F, rows*f), out: make([]F, rows*d),
		dK: make([]F, heads*d*d), dO: make([]F, heads*d*w), dQ: make([]F, heads*d*d), dV: make([]F, heads*d*d),
		dW1: make([]F, d*f), dW2: make([]F, f*w)}
	if !s.Data {
		st.dH = make([]F, s.Batch*s.Tokens*d)
	}
	for _, v := range sights[s.Tokens-s.Queries:] {
		st.keys, st.weight = append(st.keys, v.Keys), append(st.weight, F(v.Weight))
	}
	if st.folds = folds(s, sights[s.Tokens-s.Queries:]); st.folds {
		st.fold = newFold[F](s)
	} else {
		st.chunks, st.span = chunks(st.keys, d, !s.ReLU)
		st.projected, st.mixed, st.weights = make([]F, rows*heads*d), make([]F, rows*heads*d), make([]F, rows*heads*st.span)
	}
	st.layerScratch = newLayerScratch[F](s, st.folds, st.span)
	return st
}

// A layerBlock is the part of a layer that n prompts have, with r = n·queries.
type layerBlock[F kernel.Float] struct {
	b, n, rows          int
	x                   []F // tokens (n, T, D)
	queries, after, out []F // (r, D)
	units               []F // (r, F)

	projected, weights, mixed []F // as the layer's
}

// block returns the prompts b … b+n−1.
func (s *layerState[F]) block(b int) (k layerBlock[F]) {
	k.b, k.n = b, min(s.blockPrompts(), s.Batch-b)
	from, rows, t, d, f, wide := b*s.Queries, k.n*s.Queries, s.Tokens, s.Width, s.Hidden, s.Heads*s.Width
	k.rows = rows
	k.x = s.h[b*t*d : (b+k.n)*t*d]
	k.queries, k.after, k.out = s.lastTokens(k.x, k.n), s.after[from*d:][:rows*d], s.out[from*d:][:rows*d]
	k.units = s.units[from*f:][:rows*f]
	if !s.folds {
		k.projected, k.mixed, k.weights = s.projected[from*wide:][:rows*wide], s.mixed[from*wide:][:rows*wide], s.weights[from*s.Heads*s.span:][:rows*s.Heads*s.span]
	}
	return k
}

func (s *layerState[F]) set(in []*tensor.Dense) {
	for i, to := range []*[]F{&s.h, &s.k, &s.o, &s.q, &s.v, &s.w1, &s.w2} {
		*to = values[F](in[i])
	}
}
