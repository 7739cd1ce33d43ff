package engine

import "unroll/engine/kernel"

// backward fills dH and the weight gradients from the gradient g (B, T, D) of the output; h and the weights are forward's. out is the
// output that forward returned.
func (s *layerState[F]) backward(h, k, o, q, v, w1, w2, out, g []F) {
	d, w := s.Width, s.writable()
	clear(s.dW1)
	clear(s.dW2)
	for i := range s.heads {
		clear(s.heads[i].dScore)
		clear(s.heads[i].dWrite)
	}
	for b := 0; b < s.Batch; b += s.blockPrompts() {
		s.backwardBlock(b, min(s.blockPrompts(), s.Batch-b), h, w1, w2, out, g)
	}
	for i := range s.heads {
		hd, sq, rect := &s.heads[i], d*d, d*w
		at, to := i*sq, (i+1)*sq
		kernel.Gemm(false, false, d, d, d, 1, hd.dScore, d, k[at:to], d, false, s.dQ[at:to], d)            // dM K
		kernel.Gemm(true, false, d, d, d, 1, hd.dScore, d, q[at:to], d, false, s.dK[at:to], d)             // dMᵀ Q
		kernel.Gemm(false, true, d, d, w, 1, hd.dWrite, w, o[i*rect:(i+1)*rect], w, false, s.dV[at:to], d) // dP Oᵀ
		kernel.Gemm(true, false, d, w, d, 1, v[at:to], d, hd.dWrite, w, false, s.dO[i*rect:(i+1)*rect], w) // Vᵀ dP
	}
}

// backwardBlock takes the prompts b … b+n−1 back through the MLP and then through attention.
func (s *layerState[F]) backwardBlock(b, n int, h, w1, w2, out, g []F) {
	t, d, w, f := s.Tokens, s.Width, s.writable(), s.Hidden
	from, rows := b*t, n*t
	after, units := s.after[from*d:(from+rows)*d], s.units[from*f:(from+rows)*f]
	dAfter, dUnits, dFree := s.dAfter[:rows*d], s.dUnits[:rows*f], s.dAttended[:rows*w]
	copy(dAfter, g[from*d:(from+rows)*d])
	if s.Saturate > 0 {
		for r := range rows {
			saturateGrad(dAfter[r*d+s.Fixed:(r+1)*d], out[(from+r)*d+s.Fixed:(from+r+1)*d], F(s.Saturate))
		}
	}
	s.gather(dFree, dAfter)
	kernel.Gemm(true, false, f, w, rows, 1, units, f, dFree, w, true, s.dW2, w) // (F, W)
	kernel.Gemm(false, true, rows, f, w, 1, dFree, w, w2, w, false, dUnits, f)  // (R, F)
	kernel.ReLUGrad(dUnits, dUnits, units)
	kernel.Gemm(true, false, d, f, rows, 1, after, d, dUnits, f, true, s.dW1, f) // (D, F)
	kernel.Gemm(false, true, rows, d, f, 1, dUnits, f, w1, f, true, dAfter, d)   // (R, D)
	s.gather(dFree, dAfter)

	x, dX := h[from*d:(from+rows)*d], s.dH[from*d:(from+rows)*d]
	copy(dX, dAfter)
	for i := range s.heads {
		s.backwardHead(&s.heads[i], from, n, x, dX, dFree)
	}
}

// backwardHead adds to dX (R, D) what dA (R, W), the gradient of attention's output, sends back through one head.
func (s *layerState[F]) backwardHead(hd *head[F], from, n int, x, dX, dA []F) {
	t, d, w, rows := s.Tokens, s.Width, s.writable(), n*s.Tokens
	projected, mixed := hd.projected[from*d:(from+rows)*d], hd.mixed[from*d:(from+rows)*d]
	weights := hd.weights[from*t : (from+rows)*t]
	dMixed, dProjected, dScores := s.dMixed[:rows*d], s.dProjected[:rows*d], s.dScores[:rows*t]
	kernel.Gemm(true, false, d, w, rows, 1, mixed, d, dA, w, true, hd.dWrite, w)                    // (D, W)
	kernel.Gemm(false, true, rows, d, w, 1, dA, w, hd.write, w, false, dMixed, d)                   // (R, D)
	kernel.GemmBatch(false, true, n, t, t, d, 1, dMixed, d, t*d, x, d, t*d, false, dScores, t, t*t) // (n, T, T)
	kernel.GemmBatch(true, false, n, t, d, t, 1, weights, t, t*t, dMixed, d, t*d, true, dX, d, t*d) // (n, T, D)
	s.activateGrad(dScores, weights)
	kernel.GemmBatch(false, false, n, t, d, t, 1, dScores, t, t*t, x, d, t*d, false, dProjected, d, t*d) // (n, T, D)
	kernel.GemmBatch(true, false, n, t, d, t, 1, dScores, t, t*t, projected, d, t*d, true, dX, d, t*d)   // (n, T, D)
	kernel.Gemm(true, false, d, d, rows, 1, x, d, dProjected, d, true, hd.dScore, d)                     // (D, D)
	kernel.Gemm(false, true, rows, d, d, 1, dProjected, d, hd.score, d, true, dX, d)                     // (R, D)
}

// activateGrad carries the gradient of the attention weights back to the scores, in place. Where the mask is not zero, a ReLU was
// active exactly where the weight is positive.
func (s *layerState[F]) activateGrad(dScores, weights []F) {
	for at := 0; at < len(dScores); at += len(s.mask) {
		prompt := dScores[at : at+len(s.mask)]
		for i, m := range s.mask {
			prompt[i] *= m
		}
	}
	if s.ReLU {
		kernel.ReLUGrad(dScores, dScores, weights)
	}
}

// gather copies the writable slots of full rows (R, D) into free (R, W).
func (s *layerState[F]) gather(free, full []F) {
	w := s.writable()
	for r := range len(free) / w {
		copy(free[r*w:(r+1)*w], full[r*s.Width+s.Fixed:(r+1)*s.Width])
	}
}

// saturateGrad multiplies dv by sat'(u), told from v = sat(u): 1 inside, 1 − tanh² outside.
func saturateGrad[F kernel.Float](dv, v []F, c F) {
	for i, x := range v {
		if inside := min(max(x, -c), c); x != inside {
			th := (x - inside) / (c / 2)
			dv[i] *= 1 - th*th
		}
	}
}
