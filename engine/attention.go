package engine

import "unroll/engine/kernel"

// A chunk is a run of queries that meet the keys together. Where scores are linear, those keys that all of them see need not be met one
// by one: Σᵢ (p·xᵢ) xᵢ = (Σᵢ xᵢxᵢᵀ) p, one product with the keys' second moments, which are shared by queries and heads and carried from
// chunk to chunk (Katharopoulos, Vyas, Pappas and Fleuret, Transformers are RNNs, 2020, in chunks).
type chunk struct {
	from, to   int // queries
	base, last int // keys below base as moments, keys base … last−1 one by one
}

// chunkQueries is one vector of keys where a chunk sees its own.
const chunkQueries = 16

// chunks cuts the queries, which see so many keys each, and returns the most keys that a chunk meets one by one, at least 1. Moments cost
// d² a query, keys one by one 2d each.
func chunks(keys []int, d int, linear bool) (all []chunk, span int) {
	span = 1
	for from := 0; from < len(keys); {
		to := min(from+chunkQueries, len(keys))
		for to < len(keys) && keys[to] == keys[from] {
			to++
		}
		c := chunk{from: from, to: to, last: keys[to-1]}
		if linear && 2*keys[from] > d {
			c.base = keys[from]
		}
		all, span = append(all, c), max(span, c.last-c.base)
		from = to
	}
	return all, span
}

// oneByOne reports whether the product with single keys writes the chunk's result first, if only zeros.
func (c chunk) oneByOne() bool { return c.last > c.base || c.base == 0 }

// A stretch is where the rows of a chunk lie in the arrays of n prompts.
type stretch[F kernel.Float] struct {
	n, rows, keys        int
	wide, wideStride     int // in arrays (R·H, D)
	narrow, narrowStride int // in arrays (R·H, span)
	base, tokensStride   int // in arrays (B·T, D)
}

func (s *layerState[F]) stretch(c chunk, n int) stretch[F] {
	h, d := s.Heads, s.Width
	return stretch[F]{n, (c.to - c.from) * h, c.last - c.base, c.from * h * d, s.Queries * h * d, c.from * h * s.span, s.Queries * h * s.span,
		c.base * d, s.Tokens * d}
}

// attend fills weights and mixed from projected, for n prompts with tokens x (n, T, D).
func (s *layerState[F]) attend(n int, x, projected, weights, mixed []F) {
	d, moments := s.Width, 0
	for _, c := range s.chunks {
		l := s.stretch(c, n)
		if c.oneByOne() {
			kernel.GemmBatch(false, true, n, l.rows, l.keys, d, 1, projected[l.wide:], d, l.wideStride, x[l.base:], d, l.tokensStride,
				false, weights[l.narrow:], s.span, l.narrowStride) // (n, rows, keys)
			s.activate(c, l, weights)
			kernel.GemmBatch(false, false, n, l.rows, d, l.keys, 1, weights[l.narrow:], s.span, l.narrowStride, x[l.base:], d, l.tokensStride,
				false, mixed[l.wide:], d, l.wideStride) // (n, rows, D)
		}
		if c.base > 0 {
			s.addMoments(n, x, moments, c.base)
			moments = c.base
			kernel.GemmBatch(false, false, n, l.rows, d, d, 1, projected[l.wide:], d, l.wideStride, s.moments, d, d*d,
				c.oneByOne(), mixed[l.wide:], d, l.wideStride) // (n, rows, D)
		}
	}
}

// addMoments adds xᵢxᵢᵀ of the keys from … to−1 of each prompt to the moments; from 0 they start anew.
func (s *layerState[F]) addMoments(n int, x []F, from, to int) {
	if d := s.Width; to > from {
		kernel.GemmBatch(true, false, n, d, d, to-from, 1, x[from*d:], d, s.Tokens*d, x[from*d:], d, s.Tokens*d, from > 0, s.moments, d, d*d)
	}
}

// activate turns scores of one chunk into attention weights, in place, zero where a query does not see.
func (s *layerState[F]) activate(c chunk, l stretch[F], scores []F) {
	for b := range l.n {
		rows := scores[l.narrow+b*l.narrowStride:][:l.rows*s.span]
		if s.ReLU {
			kernel.ReLU(rows, rows)
		}
		s.hide(c, rows)
	}
}

// hide zeroes what the queries of a chunk do not see in their rows (rows·H, span).
func (s *layerState[F]) hide(c chunk, rows []F) {
	for q := c.from; q < c.to && s.keys[q] < c.last; q++ {
		for h := range s.Heads {
			at := ((q-c.from)*s.Heads + h) * s.span
			clear(rows[at+s.keys[q]-c.base : at+c.last-c.base])
		}
	}
}

// attendBack fills dProjected from dMixed, and adds to the writable slots of dX (n, T, D), unless it is nil, what attention sends back to
// the keys.
func (s *layerState[F]) attendBack(n int, x, projected, weights, dMixed, dProjected, dX []F) {
	d, moments := s.Width, 0
	for _, c := range s.chunks {
		l := s.stretch(c, n)
		if c.oneByOne() {
			kernel.GemmBatch(false, true, n, l.rows, l.keys, d, 1, dMixed[l.wide:], d, l.wideStride, x[l.base:], d, l.tokensStride,
				false, s.dScores[l.narrow:], s.span, l.narrowStride) // (n, rows, keys)
			s.activateGrad(c, l, weights)
			kernel.GemmBatch(false, false, n, l.rows, d, l.keys, 1, s.dScores[l.narrow:], s.span, l.narrowStride, x[l.base:], d, l.tokensStride,
				false, dProjected[l.wide:], d, l.wideStride) // (n, rows, D)
		}
		if c.base > 0 { // moments are symmetric: what carried projected to mixed carries dMixed back
			s.addMoments(n, x, moments, c.base)
			moments = c.base
			kernel.GemmBatch(false, false, n, l.rows, d, d, 1, dMixed[l.wide:], d, l.wideStride, s.moments, d, d*d,
				c.oneByOne(), dProjected[l.wide:], d, l.wideStride) // (n, rows, D)
		}
	}
	if dX != nil {
		s.keysGrad(n, x, projected, weights, dMixed, dX)
	}
}

// activateGrad carries the gradient of one chunk's attention weights back to the scores, in place. A ReLU was active exactly where the
// weight is positive.
func (s *layerState[F]) activateGrad(c chunk, l stretch[F], weights []F) {
	for b := range l.n {
		at := l.narrow + b*l.narrowStride
		rows := s.dScores[at:][:l.rows*s.span]
		if s.ReLU {
			kernel.ReLUGrad(rows, rows, weights[at:][:len(rows)])
		} else {
			s.hide(c, rows)
		}
	}
}

// keysGrad is the keys' part of attendBack, from the last chunk to the first: the moments' gradient Σ p dmᵀ of all queries that see a key
// among them is carried on, and as they are Σᵢ xᵢxᵢᵀ, key i receives it and its transpose times xᵢ.
func (s *layerState[F]) keysGrad(n int, x, projected, weights, dMixed, dX []F) {
	d, w, fixed := s.Width, s.writable(), s.Fixed
	started := false
	for i := len(s.chunks) - 1; i >= 0; i-- {
		c := s.chunks[i]
		l := s.stretch(c, n)
		if l.keys > 0 {
			to := dX[l.base+fixed:]
			kernel.GemmBatch(true, false, n, l.keys, w, l.rows, 1, weights[l.narrow:], s.span, l.narrowStride, dMixed[l.wide+fixed:], d, l.wideStride,
				true, to, d, l.tokensStride) // (n, keys, W)
			kernel.GemmBatch(true, false, n, l.keys, w, l.rows, 1, s.dScores[l.narrow:], s.span, l.narrowStride, projected[l.wide+fixed:], d, l.wideStride,
				true, to, d, l.tokensStride) // (n, keys, W)
		}
		if c.base == 0 {
			continue
		}
		kernel.GemmBatch(true, false, n, d, d, l.rows, 1, projected[l.wide:], d, l.wideStride, dMixed[l.wide:], d, l.wideStride,
			started, s.dMoments, d, d*d) // (n, D, D)
		started = true
		from := 0
		if i > 0 {
			from = s.chunks[i-1].base
		}
		if c.base > from {
			s.momentsGrad(n, x, dX, from, c.base)
		}
	}
}

// momentsGrad adds to the writable slots of the keys from … to−1 what the moments' gradient sends them.
func (s *layerState[F]) momentsGrad(n int, x, dX []F, from, to int) {
	t, d, w, fixed := s.Tokens, s.Width, s.writable(), s.Fixed
	for b := range n {
		m := s.dMoments[b*d*d : (b+1)*d*d]
		for i := range d {
			for j := range w {
				s.dMomentsFree[i*w+j] = m[i*d+fixed+j] + m[(fixed+j)*d+i]
			}
		}
		at := (b*t + from) * d
		kernel.Gemm(false, false, to-from, w, d, 1, x[at:], d, s.dMomentsFree, w, true, dX[at+fixed:], d) // (keys, W)
	}
}
