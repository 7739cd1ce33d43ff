package engine

import "unroll/engine/kernel"

// forward fills out with the layer's output, and keeps what backward needs.
func (s *layerState[F]) forward() {
	defer s.borrow().giveBack()
	d, w, wide := s.Width, s.writable(), s.Heads*s.Width
	for i := range s.Heads {
		sq, rect := i*d*d, i*d*w
		kernel.Gemm(false, true, d, d, d, 1, s.q[sq:], d, s.k[sq:], d, false, s.score[i*d:], wide)  // Q Kᵀ
		kernel.Gemm(false, false, d, w, d, 1, s.v[sq:], d, s.o[rect:], w, false, s.write[rect:], w) // V O
	}
	for b := 0; b < s.Batch; b += s.blockPrompts() {
		s.forwardBlock(s.block(b))
	}
}

func (s *layerState[F]) forwardBlock(k layerBlock[F]) {
	d, w, f, fixed := s.Width, s.writable(), s.Hidden, s.Fixed
	copy(k.after, k.queries)
	if s.folds {
		s.attendFolded(k)
	} else {
		s.attendInChunks(k)
	}
	kernel.Gemm(false, false, k.rows, f, d, 1, k.after, d, s.w1, f, false, k.units, f) // (r, F)
	kernel.ReLU(k.units, k.units)
	copy(k.out, k.after)
	kernel.Gemm(false, false, k.rows, w, f, 1, k.units, f, s.w2, w, true, k.out[fixed:], d) // (r, W) into (r, D)
	if s.Saturate > 0 {
		for r := range k.rows {
			kernel.Saturate(k.out[r*d+fixed:(r+1)*d], F(s.Saturate))
		}
	}
}

// attendInChunks adds attention to the writable slots of after (r, D).
func (s *layerState[F]) attendInChunks(k layerBlock[F]) {
	d, w, wide := s.Width, s.writable(), s.Heads*s.Width
	kernel.Gemm(false, false, k.rows, wide, d, 1, k.queries, d, s.score, wide, false, k.projected, wide) // (r, H·D)
	s.attend(k.n, k.x, k.projected, k.weights, k.mixed)
	kernel.Gemm(false, false, k.rows, w, wide, 1, k.mixed, wide, s.write, w, false, s.attended, w) // (r, W)
	for r := range k.rows {
		kernel.Axpy(s.weight[r%s.Queries], s.attended[r*w:(r+1)*w], k.after[r*d+s.Fixed:(r+1)*d])
	}
}

// lastTokens are the rows (n·queries, D) of the tokens x (n, T, D) that the layer computes.
func (s *layerState[F]) lastTokens(x []F, n int) []F {
	if s.Queries == s.Tokens {
		return x
	}
	t, d, q := s.Tokens, s.Width, s.Queries
	for b := range n {
		copy(s.queries[b*q*d:(b+1)*q*d], x[((b+1)*t-q)*d:])
	}
	return s.queries[:n*q*d]
}
