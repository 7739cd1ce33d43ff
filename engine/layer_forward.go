package engine

import (
	"math"

	"unroll/engine/kernel"
)

// forward fills out with the layer's output for the tokens h (B, T, D), and keeps what backward needs.
func (s *layerState[F]) forward(h, k, o, q, v, w1, w2 []F) {
	d, w := s.Width, s.writable()
	for i := range s.heads {
		hd, sq := &s.heads[i], d*d
		kernel.Gemm(false, true, d, d, d, 1, q[i*sq:(i+1)*sq], d, k[i*sq:(i+1)*sq], d, false, hd.score, d)
		kernel.Gemm(false, false, d, w, d, 1, v[i*sq:(i+1)*sq], d, o[i*d*w:(i+1)*d*w], w, false, hd.write, w)
	}
	for b := 0; b < s.Batch; b += s.blockPrompts() {
		s.forwardBlock(b, min(s.blockPrompts(), s.Batch-b), h, w1, w2)
	}
}

// forwardBlock runs the prompts b … b+n−1.
func (s *layerState[F]) forwardBlock(b, n int, h, w1, w2 []F) {
	t, d, w, f := s.Tokens, s.Width, s.writable(), s.Hidden
	from, rows := b*t, n*t
	x := h[from*d : (from+rows)*d] // (R, D)
	for i := range s.heads {
		hd := &s.heads[i]
		projected, mixed := hd.projected[from*d:(from+rows)*d], hd.mixed[from*d:(from+rows)*d]
		weights := hd.weights[from*t : (from+rows)*t]
		kernel.Gemm(false, false, rows, d, d, 1, x, d, hd.score, d, false, projected, d)                   // (R, D)
		kernel.GemmBatch(false, true, n, t, t, d, 1, projected, d, t*d, x, d, t*d, false, weights, t, t*t) // (n, T, T)
		s.activate(weights)
		kernel.GemmBatch(false, false, n, t, d, t, 1, weights, t, t*t, x, d, t*d, false, mixed, d, t*d) // (n, T, D)
		kernel.Gemm(false, false, rows, w, d, 1, mixed, d, hd.write, w, i > 0, s.attended, w)           // (R, W)
	}
	after, units, out := s.after[from*d:(from+rows)*d], s.units[from*f:(from+rows)*f], s.out[from*d:(from+rows)*d]
	copy(after, x)
	for r := range rows {
		free := after[r*d+s.Fixed : (r+1)*d]
		kernel.Add(free, free, s.attended[r*w:(r+1)*w])
	}
	kernel.Gemm(false, false, rows, f, d, 1, after, d, w1, f, false, units, f) // (R, F)
	kernel.ReLU(units, units)
	copy(out, after)
	kernel.Gemm(false, false, rows, w, f, 1, units, f, w2, w, true, out[s.Fixed:], d) // (R, W) into (R, D)
	if s.Saturate > 0 {
		for r := range rows {
			saturate(out[r*d+s.Fixed:(r+1)*d], F(s.Saturate))
		}
	}
}

// activate turns the scores of whole prompts into attention weights, in place.
func (s *layerState[F]) activate(scores []F) {
	if s.ReLU {
		kernel.ReLU(scores, scores)
	}
	for at := 0; at < len(scores); at += len(s.mask) {
		prompt := scores[at : at+len(s.mask)]
		for i, m := range s.mask {
			prompt[i] *= m
		}
	}
}

func saturate[F kernel.Float](v []F, c F) {
	for i, x := range v {
		if inside := min(max(x, -c), c); x != inside {
			v[i] = inside + c/2*F(math.Tanh(float64((x-inside)/(c/2))))
		}
	}
}
