package engine

import (
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// TransformerLayer adds one layer to the graph of h. Inputs are the tokens h (B, T, D), the weights k, q, v (heads, D, D),
// o (heads, D, W), w1 (D, F), w2 (F, W), all float32 or all float64, and what each of the T tokens sees; the result is (B, queries, D).
// It is one fused op, differentiable in h's writable slots, unless the shape says that h is data, and in all weights.
func TransformerLayer(s LayerShape, sights []Sight, h, k, o, q, v, w1, w2 *gorgonia.Node) (*gorgonia.Node, error) {
	if h.Dtype() == tensor.Float64 {
		return addLayer(newLayerState[float64](s, sights), tensor.Float64, h, k, o, q, v, w1, w2)
	}
	return addLayer(newLayerState[float32](s, sights), tensor.Float32, h, k, o, q, v, w1, w2)
}

func addLayer[F kernel.Float](s *layerState[F], dt tensor.Dtype, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	d, w, f := s.Width, s.writable(), s.Hidden
	square, result := tensor.Shape{s.Heads, d, d}, tensor.Shape{s.Batch, s.Queries, d}
	o := &layerOp[F]{state: s, gradOp: gradOp{
		op: newOp("TransformerLayer", dt, result, tensor.Shape{s.Batch, s.Tokens, d},
			square, tensor.Shape{s.Heads, d, w}, square, square, tensor.Shape{d, f}, tensor.Shape{f, w}),
		wrt: []bool{!s.Data, true, true, true, true, true, true},
	}}
	o.grads = make([]*tensor.Dense, len(inputs))
	for i, g := range [][]F{s.dH, s.dK, s.dO, s.dQ, s.dV, s.dW1, s.dW2} {
		if o.wrt[i] {
			o.grads[i] = dense(o.inputs[i], g)
		}
	}
	out := dense(result, s.out)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		s.set(in)
		s.forward()
		return out, nil
	}
	o.back = func(in []*tensor.Dense) {
		s.set(in)
		s.backward(values[F](in[7]), values[F](in[8]))
	}
	n, err := gorgonia.ApplyOp(o, inputs...)
	if err != nil {
		return nil, fmt.Errorf("engine: transformer layer: %w", err)
	}
	return n, nil
}

type layerOp[F kernel.Float] struct {
	gradOp
	state *layerState[F]
}

func dense[F kernel.Float](s tensor.Shape, backing []F) *tensor.Dense {
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(backing))
}

// values are the numbers that a tensor of F holds; tensor's own Data allocates.
func values[F kernel.Float](t *tensor.Dense) []F {
	if t.Dtype() == tensor.Float64 {
		v := t.Float64s()
		return unsafe.Slice((*F)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
	}
	v := t.Float32s()
	return unsafe.Slice((*F)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}
