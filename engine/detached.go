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
	if len(inputs) == 0 {
		return nil, fmt.Errorf("engine: %s of no inputs", name)
	}
	dt := inputs[0].Dtype()
	var shapes []tensor.Shape
	var in [][]float64
	for _, n := range inputs {
		shapes = append(shapes, n.Shape().Clone())
		in = append(in, make([]float64, n.Shape().TotalSize()))
	}
	o := &detachedOp{newOp(name, dt, shape.Clone(), shapes...)}
	dst, value := make([]float64, shape.TotalSize()), tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	o.compute = func(args []*tensor.Dense) (*tensor.Dense, error) {
		for i, a := range args {
			widen(in[i], a)
		}
		if err := run(dst, in); err != nil {
			return nil, fmt.Errorf("engine: %s: %w", name, err)
		}
		narrow(value, dst)
		return value, nil
	}
	n, err := gorgonia.ApplyOp(o, inputs...)
	if err != nil {
		return nil, fmt.Errorf("engine: %s: %w", name, err)
	}
	return n, nil
}

// A detachedOp is an op that is differentiable in none of its inputs.
type detachedOp struct{ op }

func (o *detachedOp) DiffWRT(inputs int) []bool { return make([]bool, inputs) }

func (o *detachedOp) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return nil, fmt.Errorf("engine: %s has no derivative", o.name)
}

// widen sets dst to the numbers of t.
func widen(dst []float64, t *tensor.Dense) {
	if t.Dtype() == tensor.Float64 {
		copy(dst, t.Float64s())
		return
	}
	for i, v := range t.Float32s() {
		dst[i] = float64(v)
	}
}

// narrow sets the numbers of t to v.
func narrow(t *tensor.Dense, v []float64) {
	if t.Dtype() == tensor.Float64 {
		copy(t.Float64s(), v)
		return
	}
	into := t.Float32s()
	for i, x := range v {
		into[i] = float32(x)
	}
}
