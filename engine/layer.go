package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// TransformerLayer adds one layer to the graph of h. Inputs are the tokens h (B, T, D), the weights k, q, v (heads, D, D),
// o (heads, D, W), w1 (D, F), w2 (F, W), all float32 or all float64, and the mask (T, T), row j the weights of the keys for query j;
// the result is (B, T, D). It is one fused op, differentiable in h and all weights.
func TransformerLayer(s LayerShape, mask []float64, h, k, o, q, v, w1, w2 *gorgonia.Node) (*gorgonia.Node, error) {
	if h.Dtype() == tensor.Float64 {
		return addLayer(newLayerState[float64](s, mask), tensor.Float64, h, k, o, q, v, w1, w2)
	}
	return addLayer(newLayerState[float32](s, mask), tensor.Float32, h, k, o, q, v, w1, w2)
}

func addLayer[F kernel.Float](s *layerState[F], dt tensor.Dtype, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	d, w, f := s.Width, s.writable(), s.Hidden
	tokens, square := tensor.Shape{s.Batch, s.Tokens, d}, tensor.Shape{s.Heads, d, d}
	l := &layerOp[F]{
		op:    newOp("TransformerLayer", dt, tokens, tokens, square, tensor.Shape{s.Heads, d, w}, square, square, tensor.Shape{d, f}, tensor.Shape{f, w}),
		state: s,
	}
	out := dense(tokens, s.out)
	l.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		a := slicesOf[F](in)
		s.forward(a[0], a[1], a[2], a[3], a[4], a[5], a[6])
		return out, nil
	}
	n, err := gorgonia.ApplyOp(l, inputs...)
	if err != nil {
		return nil, fmt.Errorf("engine: transformer layer: %w", err)
	}
	return n, nil
}

// layerOp is the forward pass as a node; its derivative is one backward node, and a node for each weight that hands out the gradient
// which the backward node owns.
type layerOp[F kernel.Float] struct {
	op
	state *layerState[F]
}

func (l *layerOp[F]) DiffWRT(inputs int) []bool {
	all := make([]bool, inputs)
	for i := range all {
		all[i] = true
	}
	return all
}

func (l *layerOp[F]) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	s := l.state
	back := newOp("TransformerLayerGrad", l.dtype, l.output, append(append([]tensor.Shape{}, l.inputs...), l.output, l.output)...)
	dH := dense(l.output, s.dH)
	back.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		a := slicesOf[F](in)
		s.backward(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8])
		return dH, nil
	}
	dInput, err := gorgonia.ApplyOp(&back, append(append(gorgonia.Nodes{}, inputs...), output, grad)...)
	if err != nil {
		return nil, err
	}
	grads := gorgonia.Nodes{dInput}
	for i, g := range [][]F{s.dK, s.dO, s.dQ, s.dV, s.dW1, s.dW2} {
		n, err := handOut(dInput, dense(l.inputs[i+1], g))
		if err != nil {
			return nil, err
		}
		grads = append(grads, n)
	}
	return grads, nil
}

// handOut is a node whose value is a tensor that the node before it filled.
func handOut(after *gorgonia.Node, value *tensor.Dense) (*gorgonia.Node, error) {
	o := newOp("GradOf", value.Dtype(), value.Shape(), after.Shape())
	o.compute = func([]*tensor.Dense) (*tensor.Dense, error) { return value, nil }
	return gorgonia.ApplyOp(&o, after)
}

func dense[F kernel.Float](s tensor.Shape, backing []F) *tensor.Dense {
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(backing))
}

func slicesOf[F kernel.Float](in []*tensor.Dense) [][]F {
	out := make([][]F, len(in))
	for i, t := range in {
		out[i] = t.Data().([]F)
	}
	return out
}
