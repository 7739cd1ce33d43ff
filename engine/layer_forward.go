package engine

import (
	"math"

	"unroll/engine/kernel"
)

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
		s.forwardBlock(b, min(s.blockPrompts(), s.Batch-b))
	}
}

// forwardBlock runs the prompts b … b+n−1.
func (s *layerState[F]) forwardBlock(b, n int) {
	t, d, w, f, wide, fixed := s.Tokens, s.Width, s.writable(), s.Hidden, s.Heads*s.Width, s.Fixed
	from, rows := b*s.Queries, n*s.Queries
	x := s.h[b*t*d : (b+n)*t*d] // (n, T, D)
	queries := s.lastTokens(x, n)
	mixed := s.mix(n, x, queries)
	kernel.Gemm(false, false, rows, w, wide, 1, mixed, wide, s.write, w, false, s.attended, w) // (r, W)

	after, out := s.after[from*d:(from+rows)*d], s.out[from*d:(from+rows)*d]
	copy(after, queries)
	for r := range rows {
		kernel.Axpy(s.weight[r%s.Queries], s.attended[r*w:(r+1)*w], after[r*d+fixed:(r+1)*d])
	}
	copy(out, after)
	kernel.Gemm(false, false, rows, w, f, 1, s.mlpUnits(after), f, s.w2, w, true, out[fixed:], d) // (r, W) into (r, D)
	if s.Saturate > 0 {
		for r := range rows {
			saturate(out[r*d+fixed:(r+1)*d], F(s.Saturate))
		}
	}
}

// mix returns the keys mixed for the queries (r, D) of n prompts with tokens x (n, T, D), all heads (r, H·D), and leaves projected and
// weights beside them.
func (s *layerState[F]) mix(n int, x, queries []F) []F {
	d, rows, wide := s.Width, n*s.Queries, s.Heads*s.Width
	mixed := s.mixed[:rows*wide]
	kernel.Gemm(false, false, rows, wide, d, 1, queries, d, s.score, wide, false, s.projected, wide) // (r, H·D)
	s.attend(n, x, s.projected, s.weights, mixed)
	return mixed
}

// mlpUnits are ReLU(after W₁) (r, F) of rows after (r, D).
func (s *layerState[F]) mlpUnits(after []F) []F {
	rows := len(after) / s.Width
	units := s.units[:rows*s.Hidden]
	kernel.Gemm(false, false, rows, s.Hidden, s.Width, 1, after, s.Width, s.w1, s.Hidden, false, units, s.Hidden)
	kernel.ReLU(units, units)
	return units
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

func saturate[F kernel.Float](v []F, c F) {
	for i, x := range v {
		if -c <= x && x <= c {
			continue
		}
		inside := min(max(x, -c), c)
		v[i] = inside + c/2*F(math.Tanh(float64((x-inside)/(c/2))))
	}
}
