package engine

import (
	"fmt"

	"unroll/engine/kernel"
)

// LayerShape fixes a transformer layer for batches of one size:
//
//	A  = Σ_h (act(H Q_h (H K_h)ᵀ) ∘ mask) H V_h O_h        // (B, T, W)
//	H' = H + [0 | A]                                       // (B, T, D)
//	H  ← [H'_fixed | sat(H'_free + ReLU(H' W₁) W₂)]        // (B, T, D)
//
// with W = Width − Fixed. sat is the identity within ±Saturate and ±(c + ½c·tanh((|v|−c)/½c)) beyond; 0 leaves it out.
type LayerShape struct {
	Batch, Tokens int
	Width, Fixed  int
	Hidden, Heads int
	ReLU          bool // act(s) = max(s, 0); else s
	Saturate      float64
}

func (s LayerShape) rows() int     { return s.Batch * s.Tokens }
func (s LayerShape) writable() int { return s.Width - s.Fixed }

// blockPrompts prompts go through the whole layer together, so that what they write is still in the second-level cache when it is read.
func (s LayerShape) blockPrompts() int { return max(1, blockRows/s.Tokens) }

const blockRows = 96

// layerState is what the forward and backward ops of one layer share.
type layerState[F kernel.Float] struct {
	LayerShape
	mask  []F // (T, T)
	heads []head[F]
	after []F // H' (B, T, D)
	units []F // ReLU(H' W₁) (B, T, F)
	out   []F // (B, T, D)

	dH             []F // (B, T, D)
	dK, dO, dQ, dV []F // (heads, D, D), dO (heads, D, W)
	dW1, dW2       []F // (D, F), (F, W)

	attended, dAttended []F // one block (R, W)
	dAfter              []F // one block (R, D)
	dUnits              []F // one block (R, F)
	dMixed, dProjected  []F // one block (R, D)
	dScores             []F // one block (R, T)
}

// head holds one head's activations; its products of weights are formed once a step, on the weights, because
// H Q (H K)ᵀ = H (Q Kᵀ) Hᵀ whatever follows the score.
type head[F kernel.Float] struct {
	score, dScore []F // Q Kᵀ (D, D)
	write, dWrite []F // V O (D, W)
	projected     []F // H Q Kᵀ (B, T, D)
	weights       []F // act(scores) ∘ mask (B, T, T)
	mixed         []F // weights H (B, T, D)
}

func newLayerState[F kernel.Float](s LayerShape, mask []float64) *layerState[F] {
	if s.Batch < 1 || s.Tokens < 1 || s.Fixed < 0 || s.Width <= s.Fixed || s.Hidden < 1 || s.Heads < 1 || len(mask) != s.Tokens*s.Tokens {
		panic(fmt.Sprintf("engine: impossible layer %+v with a mask of %d numbers", s, len(mask)))
	}
	r, d, w, f, t := s.rows(), s.Width, s.writable(), s.Hidden, s.Tokens
	b := min(s.Batch, s.blockPrompts()) * t
	st := &layerState[F]{LayerShape: s, mask: make([]F, len(mask)), heads: make([]head[F], s.Heads),
		after: make([]F, r*d), units: make([]F, r*f), out: make([]F, r*d), dH: make([]F, r*d),
		dK: make([]F, s.Heads*d*d), dO: make([]F, s.Heads*d*w), dQ: make([]F, s.Heads*d*d), dV: make([]F, s.Heads*d*d),
		dW1: make([]F, d*f), dW2: make([]F, f*w),
		attended: make([]F, b*w), dAttended: make([]F, b*w), dAfter: make([]F, b*d), dUnits: make([]F, b*f),
		dMixed: make([]F, b*d), dProjected: make([]F, b*d), dScores: make([]F, b*t)}
	for i, m := range mask {
		st.mask[i] = F(m)
	}
	for i := range st.heads {
		st.heads[i] = head[F]{score: make([]F, d*d), dScore: make([]F, d*d), write: make([]F, d*w), dWrite: make([]F, d*w),
			projected: make([]F, r*d), weights: make([]F, r*t), mixed: make([]F, r*d)}
	}
	return st
}
