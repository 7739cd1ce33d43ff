package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// Linear is a product of a batch of rows x (B, p) with a matrix on the kernels: x W, or x Wᵀ where Transpose is set.
type Linear struct {
	Transpose bool
	Constant  bool // W is data: no gradient is computed in it
}

// Apply adds the product to the graph of x and w. It is differentiable in x and, unless it is Constant, in w.
func (l Linear) Apply(x, w *gorgonia.Node) (*gorgonia.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return addLinear[float64](l, x, w)
	}
	return addLinear[float32](l, x, w)
}

func addLinear[F kernel.Float](l Linear, x, w *gorgonia.Node) (*gorgonia.Node, error) {
	if x.Dims() != 2 || w.Dims() != 2 {
		return nil, fmt.Errorf("engine: a product of %v and %v, want matrices", x.Shape(), w.Shape())
	}
	b, rows, cols := x.Shape()[0], w.Shape()[0], w.Shape()[1]
	in, n := rows, cols
	if l.Transpose {
		in, n = cols, rows
	}
	if x.Shape()[1] != in {
		return nil, fmt.Errorf("engine: rows of %d numbers for a matrix of shape %v, want %d (transposed: %t)", x.Shape()[1], w.Shape(), in, l.Transpose)
	}
	product, dX, dW := make([]F, b*n), make([]F, b*in), []F(nil)
	o := &gradOp{op: newOp("Linear", x.Dtype(), tensor.Shape{b, n}, x.Shape().Clone(), w.Shape().Clone()), wrt: []bool{true, !l.Constant}}
	o.grads = []*tensor.Dense{dense(o.inputs[0], dX), nil}
	if !l.Constant {
		dW = make([]F, rows*cols)
		o.grads[1] = dense(o.inputs[1], dW)
	}
	out := dense(o.output, product)
	o.compute = func(args []*tensor.Dense) (*tensor.Dense, error) {
		kernel.Gemm(false, l.Transpose, b, n, in, 1, values[F](args[0]), in, values[F](args[1]), cols, false, product, n) // (B, n)
		return out, nil
	}
	o.back = func(args []*tensor.Dense) {
		x, w, g := values[F](args[0]), values[F](args[1]), values[F](args[3])
		kernel.Gemm(false, !l.Transpose, b, in, n, 1, g, n, w, cols, false, dX, in) // (B, p)
		switch {
		case l.Constant:
		case l.Transpose:
			kernel.Gemm(true, false, rows, cols, b, 1, g, n, x, in, false, dW, cols) // gᵀx
		default:
			kernel.Gemm(true, false, rows, cols, b, 1, x, in, g, n, false, dW, cols) // xᵀg
		}
	}
	return gorgonia.ApplyOp(o, x, w)
}
