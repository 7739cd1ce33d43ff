package engine

import "unroll/engine/kernel"

// backward fills the weight gradients and, unless the tokens are data, dH from the gradient g (B, queries, D) of what forward put out.
func (s *layerState[F]) backward(out, g []F) {
	defer s.borrow().giveBack()
	d, w, f, wide := s.Width, s.writable(), s.Hidden, s.Heads*s.Width
	clear(s.dW1)
	clear(s.dW2T)
	clear(s.dScore)
	clear(s.dWriteT)
	kernel.Transpose(s.w1T, w, s.w1[s.Fixed*f:], f, w, f)
	kernel.Transpose(s.w2T, f, s.w2, w, f, w)
	for i := range s.Heads {
		sq, rect := i*d*d, i*d*w
		kernel.Gemm(true, true, w, d, d, 1, s.o[rect:], w, s.v[sq:], d, false, s.writeT[i*d:], wide) // Oᵀ Vᵀ
		if !s.folds {
			kernel.Gemm(false, true, d, w, d, 1, s.k[sq:], d, s.q[sq+s.Fixed*d:], d, false, s.scoreT[rect:], w) // (K Qᵀ)'s writable columns
		}
	}
	for b := 0; b < s.Batch; b += s.blockPrompts() {
		s.backwardBlock(s.block(b), out, g)
	}
	kernel.Transpose(s.dW2, w, s.dW2T, f, w, f)
	for i := range s.Heads {
		sq, rect := i*d*d, i*d*w
		dM, dPT := s.dScore[i*d:], s.dWriteT[i*d:]
		kernel.Gemm(false, false, d, d, d, 1, dM, wide, s.k[sq:], d, false, s.dQ[sq:], d)  // dM K
		kernel.Gemm(true, false, d, d, d, 1, dM, wide, s.q[sq:], d, false, s.dK[sq:], d)   // dMᵀ Q
		kernel.Gemm(true, true, d, d, w, 1, dPT, wide, s.o[rect:], w, false, s.dV[sq:], d) // dP Oᵀ
		kernel.Gemm(true, true, d, w, d, 1, s.v[sq:], d, dPT, wide, false, s.dO[rect:], w) // Vᵀ dP
	}
}

// backwardBlock goes back through the MLP and then through attention.
func (s *layerState[F]) backwardBlock(k layerBlock[F], out, g []F) {
	d, w, f, fixed, rows := s.Width, s.writable(), s.Hidden, s.Fixed, k.rows
	out, g = out[k.b*s.Queries*d:], g[k.b*s.Queries*d:]
	dUnits, dFree := s.dUnits[:rows*f], s.dFree[:rows*w]
	for r := range rows {
		free := dFree[r*w : (r+1)*w]
		copy(free, g[r*d+fixed:])
		if s.Saturate > 0 {
			saturateGrad(free, out[r*d+fixed:][:w], F(s.Saturate))
		}
	}
	kernel.Gemm(true, false, w, f, rows, 1, dFree, w, k.units, f, true, s.dW2T, f) // (W, F)
	kernel.Gemm(false, false, rows, f, w, 1, dFree, w, s.w2T, f, false, dUnits, f) // (r, F)
	kernel.ReLUGrad(dUnits, dUnits, k.units)
	kernel.Gemm(true, false, d, f, rows, 1, k.after, d, dUnits, f, true, s.dW1, f) // (D, F)
	kernel.Gemm(false, false, rows, w, f, 1, dUnits, f, s.w1T, w, true, dFree, w)  // (r, W)

	dX := s.residualGrad(k, dFree)
	if s.folds {
		s.attendFoldedBack(k, dFree, dX)
	} else {
		s.attendInChunksBack(k, dFree, dX)
	}
}

// attendInChunksBack adds to the gradients of score and write, and to the writable slots of dX (n, T, D) unless it is nil.
func (s *layerState[F]) attendInChunksBack(k layerBlock[F], dFree, dX []F) {
	t, d, w, wide, rows := s.Tokens, s.Width, s.writable(), s.Heads*s.Width, k.rows
	dA, dMixed, dProjected := s.dAttended[:rows*w], s.dMixed[:rows*wide], s.dProjected[:rows*wide]
	for r := range rows {
		kernel.Scale(dA[r*w:(r+1)*w], s.weight[r%s.Queries], dFree[r*w:(r+1)*w])
	}
	kernel.Gemm(true, false, w, wide, rows, 1, dA, w, k.mixed, wide, true, s.dWriteT, wide) // (W, H·D)
	kernel.Gemm(false, false, rows, wide, w, 1, dA, w, s.writeT, wide, false, dMixed, wide) // (r, H·D)
	s.attendBack(k.n, k.x, k.projected, k.weights, dMixed, dProjected, dX)
	kernel.Gemm(true, false, d, wide, rows, 1, k.queries, d, dProjected, wide, true, s.dScore, wide) // (D, H·D)
	if dX != nil {
		kernel.GemmBatch(false, false, k.n, s.Queries, w, wide, 1, dProjected, wide, s.Queries*wide, s.scoreT, w, 0,
			true, dX[(t-s.Queries)*d+s.Fixed:], d, t*d) // (r, W)
	}
}

// residualGrad starts the tokens' gradient (n, T, D) of a block with what goes past attention, and returns it, or nil where the tokens are
// data.
func (s *layerState[F]) residualGrad(k layerBlock[F], dFree []F) []F {
	if s.Data {
		return nil
	}
	t, d, w, q := s.Tokens, s.Width, s.writable(), s.Queries
	dX := s.dH[k.b*t*d : (k.b+k.n)*t*d]
	for b := range k.n {
		clear(dX[b*t*d : (b*t+t-q)*d])
	}
	for r := range k.rows {
		token := dX[(r/q*t+t-q+r%q)*d:][:d]
		clear(token[:s.Fixed])
		copy(token[s.Fixed:], dFree[r*w:(r+1)*w])
	}
	return dX
}

// saturateGrad multiplies dv by the derivative of kernel.Saturate at u, told from v = sat(u): 1 inside, 1 − tanh² outside.
func saturateGrad[F kernel.Float](dv, v []F, c F) {
	for i, x := range v {
		if -c <= x && x <= c {
			continue
		}
		th := (x - min(max(x, -c), c)) / (c / 2)
		dv[i] *= 1 - th*th
	}
}
