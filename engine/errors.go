package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// SquaredErrors adds the squared errors ‖β_k − target‖² (K) of the estimates β_1 … β_K, each of the shape of target, over all entries: one
// op for what would be a dozen small ones for each layer. It is differentiable in the estimates; target is data.
func SquaredErrors(target *gorgonia.Node, estimates ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(estimates) == 0 {
		return nil, fmt.Errorf("engine: squared errors of no estimates")
	}
	if target.Dtype() == tensor.Float64 {
		return addErrors[float64](target, estimates)
	}
	return addErrors[float32](target, estimates)
}

func addErrors[F kernel.Float](target *gorgonia.Node, estimates gorgonia.Nodes) (*gorgonia.Node, error) {
	size, k := target.Shape().TotalSize(), len(estimates)
	shapes := []tensor.Shape{target.Shape().Clone()}
	o := &gradOp{wrt: []bool{false}, grads: []*tensor.Dense{nil}}
	apart := make([][]F, k) // β_k − target, and then its gradient
	for i := range estimates {
		apart[i] = make([]F, size)
		shapes = append(shapes, shapes[0])
		o.wrt, o.grads = append(o.wrt, true), append(o.grads, dense(shapes[0], apart[i]))
	}
	o.op = newOp("SquaredErrors", target.Dtype(), tensor.Shape{k}, shapes...)
	errors := make([]F, k)
	out := dense(o.output, errors)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		for i := range errors {
			copy(apart[i], values[F](in[i+1]))
			kernel.Axpy(-1, values[F](in[0]), apart[i])
			errors[i] = kernel.SumSquares(apart[i])
		}
		return out, nil
	}
	o.back = func(in []*tensor.Dense) { // once for each compute
		for i, g := range values[F](in[len(in)-1]) {
			kernel.Scale(apart[i], 2*g, apart[i])
		}
	}
	n, err := gorgonia.ApplyOp(o, append(gorgonia.Nodes{target}, estimates...)...)
	if err != nil {
		return nil, fmt.Errorf("engine: squared errors: %w", err)
	}
	return n, nil
}
