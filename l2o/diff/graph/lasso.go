// Package graph makes the solution of a Lasso a differentiable node of Gorgonia's graph.
package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/l2o/diff"
)

// Lasso adds the solution of
//
//	x*(A, y, λ) = argmin_x ½‖Ax − y‖² + λ‖x‖₁       (n)
//
// to the graph of A (m, n), y (m) and λ (1), all float64, and is differentiable in the three. The forward pass solves until the support is
// identified, from the last solution; the backward pass solves the implicit equation on the support once for all three gradients. Where the
// solution has no derivative the backward pass ends with a *[diff.Refusal], the forward pass does not. Like every node that keeps a solution
// it belongs to one graph, and a graph to one goroutine at a time.
func Lasso(a, y, lambda *gorgonia.Node) (*gorgonia.Node, error) {
	for _, n := range []*gorgonia.Node{a, y, lambda} {
		if n.Dtype() != tensor.Float64 {
			return nil, fmt.Errorf("graph: Lasso on %v, want float64", n.Dtype())
		}
	}
	if a.Dims() != 2 {
		return nil, fmt.Errorf("graph: Lasso with an A of shape %v, want a matrix", a.Shape())
	}
	m, n := a.Shape()[0], a.Shape()[1]
	o := &lasso{op: newOp("Lasso", tensor.Shape{n}, tensor.Shape{m, n}, tensor.Shape{m}, tensor.Shape{1})}
	o.x = make([]float64, n)
	out := vector(o.output, o.x)
	o.compute = func(in [][]float64) (tensor.Tensor, error) {
		x, limit, err := diff.Solve(diff.Lasso(m, n, slices.Clone(in[0]), slices.Clone(in[1]), in[2][0]), o.x)
		if x == nil {
			return nil, err
		}
		o.limit, o.refusal = limit, err
		copy(o.x, x)
		return out, nil
	}
	return gorgonia.ApplyOp(o, a, y, lambda)
}

func vector(s tensor.Shape, backing []float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(backing))
}

// lasso is the forward pass as a node. Its derivative is a node with the gradient in A, and two that hand out those in y and λ.
type lasso struct {
	op
	x       []float64 // (n), the solution, from which the next begins
	limit   *diff.Limit
	refusal error // why there is no limit
}

func (o *lasso) DiffWRT(inputs int) []bool { return []bool{true, true, true} }

func (o *lasso) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	m, n := o.inputs[0][0], o.inputs[0][1]
	dA, dY, dLambda := make([]float64, m*n), make([]float64, m), make([]float64, 1)
	back := newOp("LassoGrad", o.inputs[0], o.inputs[0], o.inputs[1], o.inputs[2], o.output, o.output)
	value := vector(o.inputs[0], dA)
	back.compute = func(in [][]float64) (tensor.Tensor, error) {
		if o.limit == nil {
			return nil, o.refusal
		}
		w := in[4]
		o.limit.GradientA(dA, o.limit.Adjoint(w))
		g := o.limit.Gradient(w, nil)
		copy(dY, g.Y)
		dLambda[0] = g.Lambda
		return value, nil
	}
	first, err := gorgonia.ApplyOp(&back, append(append(gorgonia.Nodes{}, inputs...), output, grad)...)
	if err != nil {
		return nil, err
	}
	second, err := handOut(first, vector(o.inputs[1], dY))
	if err != nil {
		return nil, err
	}
	third, err := handOut(first, vector(o.inputs[2], dLambda))
	return gorgonia.Nodes{first, second, third}, err
}

// handOut is a node whose value is a tensor that the node before it filled.
func handOut(after *gorgonia.Node, value *tensor.Dense) (*gorgonia.Node, error) {
	o := newOp("GradOf", value.Shape(), after.Shape())
	o.compute = func([][]float64) (tensor.Tensor, error) { return value, nil }
	return gorgonia.ApplyOp(&o, after)
}
