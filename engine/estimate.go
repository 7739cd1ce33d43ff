package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// Slots reads slots from … from+n−1 of one token out of tokens h (B, T, D); the result is (B, n). Stock slices cannot stand here: they
// share memory that Gorgonia's liveness analysis does not see.
func Slots(h *gorgonia.Node, token, from, n int) (*gorgonia.Node, error) {
	s := h.Shape()
	if s.Dims() != 3 || token < 0 || token >= s[1] || from < 0 || n < 1 || from+n > s[2] {
		return nil, fmt.Errorf("engine: slots %d to %d of token %d out of tokens of shape %v", from, from+n-1, token, s)
	}
	if h.Dtype() == tensor.Float64 {
		return addSlots[float64](h, token, from, n)
	}
	return addSlots[float32](h, token, from, n)
}

func addSlots[F kernel.Float](h *gorgonia.Node, token, from, n int) (*gorgonia.Node, error) {
	s := h.Shape()
	batch, tokens, width := s[0], s[1], s[2]
	o := &slotsOp{op: newOp("Slots", h.Dtype(), tensor.Shape{batch, n}, s.Clone())}
	row := func(b int) int { return (b*tokens+token)*width + from }
	read, grad := make([]F, batch*n), make([]F, batch*tokens*width)
	out, dH := dense(o.output, read), dense(o.inputs[0], grad)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		x := values[F](in[0])
		for b := range batch {
			copy(read[b*n:(b+1)*n], x[row(b):row(b)+n])
		}
		return out, nil
	}
	o.back = func(in []*tensor.Dense) (*tensor.Dense, error) {
		g := values[F](in[0])
		clear(grad) // Gorgonia may have added another gradient to it in place
		for b := range batch {
			copy(grad[row(b):row(b)+n], g[b*n:(b+1)*n])
		}
		return dH, nil
	}
	return gorgonia.ApplyOp(o, h)
}

type slotsOp struct {
	op
	back func([]*tensor.Dense) (*tensor.Dense, error)
}

func (o *slotsOp) DiffWRT(inputs int) []bool { return []bool{true} }

func (o *slotsOp) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	b := newOp("SlotsGrad", o.dtype, o.inputs[0], o.output)
	b.compute = o.back
	n, err := gorgonia.ApplyOp(&b, grad)
	return gorgonia.Nodes{n}, err
}
