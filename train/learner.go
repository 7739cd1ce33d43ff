// Package train trains learned solvers on Gorgonia's computation graph: a Learner builds its layers on a graph, and this package adds
// the loss over layers, cuts each batch into slices for its workers, and steps Adam along a schedule. A run is its recipe: the same
// recipe gives the same bits, whatever the number of workers and however often it was interrupted.
package train

import (
	"gorgonia.org/gorgonia"

	"unroll/checkpoints"
)

// A Learner is a family of learned solvers: parameters in, a sequence of estimates of β out.
type Learner interface {
	// Init returns the weights that training with this seed starts from, in the order of their names.
	Init(seed uint64) []checkpoints.Param
	// InputSize is the number of values that one prompt of n pairs takes as input.
	InputSize(n int) int
	// Input writes one prompt, x (n, d), y (n), query (d), into dst (InputSize).
	Input(dst, x, y, query []float64)
	// Graph adds the layers for the input in (B, InputSize(n)) to the graph of the weights w, which are in Init's order. It returns
	// the estimates (B, d) after layers 1, 2, …
	Graph(w gorgonia.Nodes, in *gorgonia.Node, n int) (layers gorgonia.Nodes, err error)
}
