package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// Reshape copies h into another shape of as many elements. The stock Reshape shares memory with its input, which Gorgonia's liveness
// analysis does not see: an elementwise op behind it silently overwrites what others still read.
func Reshape(h *gorgonia.Node, shape ...int) (*gorgonia.Node, error) {
	impossible := slices.ContainsFunc(shape, func(n int) bool { return n < 1 })
	if impossible || tensor.Shape(shape).TotalSize() != h.Shape().TotalSize() {
		return nil, fmt.Errorf("engine: %v does not reshape to %v", h.Shape(), shape)
	}
	if h.Dtype() == tensor.Float64 {
		return addReshape[float64](h, shape)
	}
	return addReshape[float32](h, shape)
}

func addReshape[F kernel.Float](h *gorgonia.Node, shape tensor.Shape) (*gorgonia.Node, error) {
	o := &reshapeOp[F]{op: newOp("Reshape", h.Dtype(), shape, h.Shape().Clone())}
	copied := make([]F, shape.TotalSize())
	out := dense(shape, copied)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		copy(copied, values[F](in[0]))
		return out, nil
	}
	return gorgonia.ApplyOp(o, h)
}

type reshapeOp[F kernel.Float] struct{ op }

func (o *reshapeOp[F]) DiffWRT(inputs int) []bool { return []bool{true} }

func (o *reshapeOp[F]) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	n, err := addReshape[F](grad, inputs[0].Shape())
	return gorgonia.Nodes{n}, err
}
