package model

import "unroll/engine/kernel"

// Labels are the two read-outs of the label ⟨x_{N+1}, β*⟩ from the tokens after the last layer (Liu et al. 2024, §5), in the units of y.
type Labels struct {
	// Quadratic is h_{N+1}ᵀV h_{N+1} with the V that pairs the query token's x-slots with its β-slots: ⟨x_{N+1}, β̂⟩, as good as the estimate.
	Quadratic float64
	// Linear is vᵀh_{N+1} after one more attention layer, whose heads score ±⟨x_{N+1}, β_i⟩ and write their mean over the tokens i that the
	// query attends to into the slot that v picks. Tokens of a causal prompt that have seen few pairs leak in.
	Linear float64
}

// Labels predicts the label of the query row (d) of the prompt x (N, d), y (N).
func (b *Bound) Labels(x, y, query []float64) Labels {
	if b.f64 != nil {
		return labels(b.f64, x, y, query)
	}
	return labels(b.f32, x, y, query)
}

func labels[F kernel.Float](c *network[F], x, y, query []float64) (l Labels) {
	ws := c.newWorkspace(len(y))
	last := ws.tokens - 1
	c.run(ws, x, y, query, last, func(int, []float64) bool { return true })
	read := func(token int) (label float64) {
		for j, v := range ws.h[token*c.Width+c.betaSlot():][:c.D] {
			label += float64(v) * query[j]
		}
		return label * c.Unit(y)
	}
	for token := range ws.keys[last] {
		l.Linear += read(token) / float64(ws.keys[last])
	}
	l.Quadratic = read(last)
	return l
}
