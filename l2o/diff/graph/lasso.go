// Package graph makes the solution of a Lasso a differentiable node of Gorgonia's graph.
package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
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
	if !y.Shape().Eq(tensor.Shape{m}) || !lambda.Shape().Eq(tensor.Shape{1}) {
		return nil, fmt.Errorf("graph: Lasso of A, y and λ of shapes %v, %v and %v, want (m, n), (m) and (1)", a.Shape(), y.Shape(), lambda.Shape())
	}
	var limit *diff.Limit
	var refusal error // why there is no limit
	return engine.Function("Lasso", tensor.Shape{n}, func(x []float64, in [][]float64) error {
		solution, l, err := diff.Solve(diff.Lasso(m, n, slices.Clone(in[0]), slices.Clone(in[1]), in[2][0]), x) // from the last x
		if solution == nil {
			return err
		}
		limit, refusal = l, err
		copy(x, solution)
		return nil
	}, func(grads, _ [][]float64, g []float64) error {
		if limit == nil {
			return refusal
		}
		limit.GradientA(grads[0], limit.Adjoint(g))
		gradient := limit.Gradient(g, nil)
		copy(grads[1], gradient.Y)
		grads[2][0] = gradient.Lambda
		return nil
	}, a, y, lambda)
}
