package model

import "unroll/engine/kernel"

// Trace carries one prompt, x (N, d) and y (N) with a zero query row, through the layers of an order, each counted from 0, and yields all its
// tokens (T, D) after 0, 1, 2, … of them, in the units of the embedding. The slice is valid until the next one. With the order 0, …, K−1 it
// is what [Bound.Iterates] runs; another one repeats layers or leaves some out.
func (b *Bound) Trace(order []int, x, y []float64, yield func(k int, tokens []float64) bool) {
	if b.f64 != nil {
		trace(b.f64, order, x, y, yield)
		return
	}
	trace(b.f32, order, x, y, yield)
}

func trace[F kernel.Float](c *network[F], order []int, x, y []float64, yield func(k int, tokens []float64) bool) {
	ws := c.newWorkspace(len(y))
	h := ws.h[:ws.tokens*c.Width]
	embed(c.Config, h, x, y, nil, &ws.spectral)
	wide := make([]float64, len(h))
	for k := 0; k <= len(order); k++ {
		if k > 0 {
			c.layer(order[k-1], ws, 1, h)
		}
		for i, v := range h {
			wide[i] = float64(v)
		}
		if !yield(k, wide) {
			return
		}
	}
}
