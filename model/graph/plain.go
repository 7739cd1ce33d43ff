package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/model"
)

// Plain is Graph from Gorgonia's stock ops, written from the recurrence of model.Config product by product: the twin that the fused
// layer is held against, and the yardstick of its speed. Only reshapes and slices are engine's own, because the stock ones share memory
// that the graph's liveness analysis does not see.
func (t Transformer) Plain(w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error) {
	return t.build(w, in, n, t.plainLayer)
}

func (t Transformer) plainLayer(n int, h *gorgonia.Node, w gorgonia.Nodes) (out *gorgonia.Node, err error) {
	defer func() { // must panics with the error of a stock op
		if r := recover(); r != nil {
			err = fmt.Errorf("graph: %v", r)
		}
	}()
	tokens := h.Shape().Clone()                                                                    // B, T, D
	rows := must(engine.Reshape(h, tokens[0]*tokens[1], t.Width))                                  // (B·T, D)
	batched := func(x *gorgonia.Node) *gorgonia.Node { return must(engine.Reshape(x, tokens...)) } // (B, T, D)
	mask, pad := t.maskNode(h, n), t.padNode(h)

	next := rows
	for i := range t.Heads {
		q := batched(mul(rows, head(w[2], i)))
		k := batched(mul(rows, head(w[0], i)))
		v := batched(mul(rows, head(w[3], i)))
		scores := must(gorgonia.BatchedMatMul(q, k, false, true)) // (B, T, T)
		if t.Attention == model.ReLU {
			scores = must(gorgonia.Rectify(scores))
		}
		mixed := must(gorgonia.BatchedMatMul(must(gorgonia.HadamardProd(scores, mask)), v)) // (B, T, D)
		o := mul(head(w[1], i), pad)                                                        // (D, D)
		next = must(gorgonia.Add(next, mul(must(engine.Reshape(mixed, rows.Shape()...)), o)))
	}
	units := must(gorgonia.Rectify(mul(next, w[4])))            // (B·T, F)
	next = must(gorgonia.Add(next, mul(units, mul(w[5], pad)))) // (B·T, D)
	if t.Saturate > 0 {
		next = t.plainSaturate(next)
	}
	return batched(next), nil
}

// plainSaturate is sat(v) = v − e + ½c·tanh(e/½c) on the writable slots, where e = ReLU(v−c) − ReLU(−v−c) is what sticks out of ±c.
func (t Transformer) plainSaturate(v *gorgonia.Node) *gorgonia.Node {
	c, half, perHalf := constant(v, t.Saturate), constant(v, t.Saturate/2), constant(v, 2/t.Saturate)
	above := must(gorgonia.Rectify(must(gorgonia.Sub(v, c))))
	below := must(gorgonia.Rectify(must(gorgonia.Sub(must(gorgonia.Neg(v)), c))))
	excess := must(gorgonia.Sub(above, below))
	soft := must(gorgonia.HadamardProd(must(gorgonia.Tanh(must(gorgonia.HadamardProd(excess, perHalf)))), half))
	cut := must(gorgonia.HadamardProd(must(gorgonia.Sub(excess, soft)), t.writableNode(v)))
	return must(gorgonia.Sub(v, cut))
}

// head copies the i-th matrix (m, n) out of w (heads, m, n).
func head(w *gorgonia.Node, i int) *gorgonia.Node {
	s := w.Shape()
	flat := must(engine.Reshape(w, 1, s[0], s[1]*s[2]))
	return must(engine.Reshape(must(engine.Slots(flat, i, 0, s[1]*s[2])), s[1], s[2]))
}

// maskNode is the mask of each prompt (B, T, T).
func (t Transformer) maskNode(h *gorgonia.Node, n int) *gorgonia.Node {
	batch, tokens := h.Shape()[0], h.Shape()[1]
	values := make([]float64, batch*tokens*tokens)
	for at := 0; at < len(values); at += tokens * tokens {
		model.Mask(t.Config, values[at:at+tokens*tokens], n)
	}
	return t.input(h, "mask", values, batch, tokens, tokens)
}

// padNode is [0 | I] (W, D): a product with it puts zeros before the writable slots.
func (t Transformer) padNode(h *gorgonia.Node) *gorgonia.Node {
	values := make([]float64, t.Writable()*t.Width)
	for i := range t.Writable() {
		values[i*t.Width+t.Fixed()+i] = 1
	}
	return t.input(h, "pad", values, t.Writable(), t.Width)
}

// writableNode is 1 in the writable slots of every row of v (B·T, D) and 0 in the others.
func (t Transformer) writableNode(v *gorgonia.Node) *gorgonia.Node {
	values := make([]float64, v.Shape().TotalSize())
	for i := range values {
		if i%t.Width >= t.Fixed() {
			values[i] = 1
		}
	}
	return t.input(v, "writable", values, v.Shape()...)
}

// input adds constants as a named input in the graph and precision of like. Gorgonia tells large constants apart by a print that leaves
// out their middle, and makes inputs of one name and shape one node: the config in the name lets those of all layers share one, rightly.
func (t Transformer) input(like *gorgonia.Node, name string, values []float64, shape ...int) *gorgonia.Node {
	var backing any = values
	if like.Dtype() == tensor.Float32 {
		narrow := make([]float32, len(values))
		for i, v := range values {
			narrow[i] = float32(v)
		}
		backing = narrow
	}
	return gorgonia.NewTensor(like.Graph(), like.Dtype(), len(shape), gorgonia.WithShape(shape...),
		gorgonia.WithName(fmt.Sprintf("%s of %+v", name, t.Config)),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))))
}

func constant(like *gorgonia.Node, v float64) *gorgonia.Node {
	if like.Dtype() == tensor.Float32 {
		return gorgonia.NewConstant(float32(v))
	}
	return gorgonia.NewConstant(v)
}

func mul(a, b *gorgonia.Node) *gorgonia.Node { return must(gorgonia.Mul(a, b)) }

func must(n *gorgonia.Node, err error) *gorgonia.Node { return gorgonia.Must(n, err) }
