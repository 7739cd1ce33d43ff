package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/model"
)

// Plain is Graph from Gorgonia's stock ops, arranged as they run best: the products of weights formed first, tokens and heads together
// as the rows of one product, a batched product for the scores of all heads. It is the twin that the fused layer is held against, and
// the yardstick of its speed. Only the reshapes are engine's own, because the stock one shares memory that the graph's liveness analysis
// does not see.
func (t Transformer) Plain(w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error) {
	return t.build(w, in, n, t.plainLayer)
}

func (t Transformer) plainLayer(_, n int, h *gorgonia.Node, w gorgonia.Nodes) (out *gorgonia.Node, err error) {
	defer func() { // must panics with the error of an op
		if r := recover(); r != nil {
			err = fmt.Errorf("graph: %v", r)
		}
	}()
	batch, tokens, heads, width := h.Shape()[0], t.Tokens(n), t.Heads, t.Width
	rows := reshape(h, batch*tokens, width)                                           // (B·T, D)
	score := reshape(batched(w[0], w[2], true), 1, heads*width, width)                // K Qᵀ (1, H·D, D)
	pad := t.padNode(h)                                                               // (W, D)
	write := mul(reshape(batched(w[3], w[1], false), heads*width, t.Writable()), pad) // [0 | V O] (H·D, D)

	projected := batched(reshape(h, 1, batch*tokens, width), score, true)       // (1, B·T, H·D)
	weights := batched(reshape(projected, batch, tokens*heads, width), h, true) // (B, T·H, T)
	if t.Attention == model.ReLU {
		weights = must(gorgonia.Rectify(weights))
	}
	weights = must(gorgonia.HadamardProd(weights, t.maskNode(h, n)))
	mixed := reshape(batched(weights, h, false), batch*tokens, heads*width) // (B·T, H·D)
	next := must(gorgonia.Add(rows, mul(mixed, write)))                     // (B·T, D)

	units := must(gorgonia.Rectify(mul(next, w[4])))            // (B·T, F)
	next = must(gorgonia.Add(next, mul(units, mul(w[5], pad)))) // (B·T, D)
	if t.Saturate > 0 {
		next = t.plainSaturate(next)
	}
	return reshape(next, batch, tokens, width), nil // (B, T, D)
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

// maskNode is the mask of each prompt (B, T·H, T), its rows repeated for every head.
func (t Transformer) maskNode(h *gorgonia.Node, n int) *gorgonia.Node {
	batch, tokens := h.Shape()[0], t.Tokens(n)
	mask := make([]float64, tokens*tokens)
	model.Mask(t.Config, mask, n)
	var prompt []float64 // (T·H, T)
	for row := range slices.Chunk(mask, tokens) {
		prompt = append(prompt, slices.Repeat(row, t.Heads)...)
	}
	return t.input(h, "mask", slices.Repeat(prompt, batch), batch, tokens*t.Heads, tokens)
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

// batched is a product a b, or a bᵀ, for each index of the first dimension.
func batched(a, b *gorgonia.Node, transposed bool) *gorgonia.Node {
	return must(gorgonia.BatchedMatMul(a, b, false, transposed))
}

func reshape(n *gorgonia.Node, shape ...int) *gorgonia.Node { return must(engine.Reshape(n, shape...)) }

func must(n *gorgonia.Node, err error) *gorgonia.Node { return gorgonia.Must(n, err) }
