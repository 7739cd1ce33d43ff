package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Detached adds a value of a shape that run computes from those of the inputs, through which no gradient goes: for what is to be read as data
// by the nodes after it. run works in float64, whatever the graph does; it gets slices that are its own for the time of the call. Its error or
// panic is that of the machine.
func Detached(name string, shape tensor.Shape, run func(dst []float64, in [][]float64) error, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	base, _, err := newForeign(name, shape, run, inputs)
	if err != nil {
		return nil, err
	}
	return apply(&detachedOp{base}, inputs)
}

// A detachedOp is an op that is differentiable in none of its inputs.
type detachedOp struct{ op }

func (o *detachedOp) DiffWRT(inputs int) []bool { return make([]bool, inputs) }

func (o *detachedOp) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return nil, fmt.Errorf("engine: %s has no derivative", o.name)
}
