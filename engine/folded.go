package engine

import (
	"slices"

	"unroll/engine/kernel"
)

// A fold is attention where every query sees the same keys X (keys, D) with the same weight and scores are linear: one matrix for each
// prompt,
//
//	A = H N,    N = weight Σ_h Q_hK_hᵀ M_h,    M_h = Xᵀ Y_h,    Y_h = X V_hO_h,
//
// the fast weights of Schlag, Irie and Schmidhuber ("Linear transformers are secretly fast weight programmers", ICML 2021), with all heads
// in one. M and N are kept transposed, so that the sums over prompts in their gradients are long chains.
type fold[F kernel.Float] struct {
	values []F // Y (B, T, H·W), in the rows of keys alone
	mT     []F // Mᵀ (B, W, H·D)
	nT     []F // Nᵀ (B, W, D)
}

// folds reports whether a layer's attention folds, and does so in fewer multiplications.
func folds(s LayerShape, sights []Sight) bool {
	q, k, d, w, h := s.Queries, sights[0].Keys, s.Width, s.writable(), s.Heads
	if s.ReLU || k == 0 || slices.ContainsFunc(sights, func(v Sight) bool { return v != sights[0] }) {
		return false
	}
	return 2*k*d*h*w+h*d*d*w+q*d*w < q*h*(d*d+d*w)+min(2*q*h*k*d, k*d*d+q*h*d*d)
}

func newFold[F kernel.Float](s LayerShape) fold[F] {
	d, w := s.Width, s.writable()
	return fold[F]{make([]F, s.Batch*s.Tokens*s.Heads*w), make([]F, s.Batch*w*s.Heads*d), make([]F, s.Batch*w*d)}
}

// of returns the part of a block.
func (f fold[F]) of(s LayerShape, b, n int) (values, mT, nT []F) {
	t, d, w, h := s.Tokens, s.Width, s.writable(), s.Heads
	return f.values[b*t*h*w:][:n*t*h*w], f.mT[b*w*h*d:][:n*w*h*d], f.nT[b*w*d:][:n*w*d]
}

// attendFolded adds attention to the writable slots of after (r, D).
func (s *layerState[F]) attendFolded(k layerBlock[F]) {
	n, t, q, keys, d, w, wide, narrow := k.n, s.Tokens, s.Queries, s.keys[0], s.Width, s.writable(), s.Heads*s.Width, s.Heads*s.writable()
	values, mT, nT := s.fold.of(s.LayerShape, k.b, n)
	for i := range s.Heads {
		kernel.GemmBatch(false, false, n, keys, w, d, 1, k.x, d, t*d, s.write[i*d*w:], w, 0, false, values[i*w:], narrow, t*narrow) // X P (keys, W)
		kernel.GemmBatch(true, false, n, w, d, keys, 1, values[i*w:], narrow, t*narrow, k.x, d, t*d, false, mT[i*d:], wide, w*wide) // Yᵀ X (W, D)
	}
	kernel.Gemm(false, true, n*w, d, wide, s.weight[0], mT, wide, s.score, wide, false, nT, d)                   // (n·W, D)
	kernel.GemmBatch(false, true, n, q, w, d, 1, k.queries, d, q*d, nT, d, w*d, true, k.after[s.Fixed:], d, q*d) // (r, W)
}

// attendFoldedBack adds to the gradients of score and write, and to the writable slots of dX (n, T, D) unless it is nil.
func (s *layerState[F]) attendFoldedBack(k layerBlock[F], dA, dX []F) {
	n, t, q, keys, d, w, wide, narrow, fixed := k.n, s.Tokens, s.Queries, s.keys[0], s.Width, s.writable(), s.Heads*s.Width, s.Heads*s.writable(), s.Fixed
	values, mT, nT := s.fold.of(s.LayerShape, k.b, n)
	dMT, dNT, dValues := s.dMT[:n*w*wide], s.dNT[:n*w*d], s.dValues[:n*t*narrow]
	kernel.GemmBatch(true, false, n, w, d, q, 1, dA, w, q*w, k.queries, d, q*d, false, dNT, d, w*d) // dAᵀ H (W, D)
	kernel.Gemm(true, false, d, wide, n*w, s.weight[0], dNT, d, mT, wide, true, s.dScore, wide)     // (D, H·D)
	kernel.Gemm(false, false, n*w, wide, d, s.weight[0], dNT, d, s.score, wide, false, dMT, wide)   // (n·W, H·D)
	for b := range n {
		clear(dValues[(b*t+keys)*narrow : (b+1)*t*narrow])
	}
	for i := range s.Heads {
		kernel.GemmBatch(false, true, n, keys, w, d, 1, k.x, d, t*d, dMT[i*d:], wide, w*wide, false, dValues[i*w:], narrow, t*narrow) // X dM (keys, W)
		kernel.Gemm(true, false, w, d, n*t, 1, dValues[i*w:], narrow, k.x, d, true, s.dWriteT[i*d:], wide)                            // dYᵀ X (W, D)
	}
	if dX == nil {
		return
	}
	kernel.GemmBatch(false, false, n, q, w, w, 1, dA, w, q*w, nT[fixed:], d, w*d, true, dX[(t-q)*d+fixed:], d, t*d) // dA Nᵀ (r, W)
	for i := range s.Heads {
		kernel.GemmBatch(false, false, n, keys, w, w, 1, values[i*w:], narrow, t*narrow, dMT[i*d+fixed:], wide, w*wide, true, dX[fixed:], d, t*d) // Y dMᵀ
		kernel.Gemm(false, false, n*t, w, w, 1, dValues[i*w:], narrow, s.writeT[i*d+fixed:], wide, true, dX[fixed:], d)                           // dY Pᵀ
	}
}
