package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Function adds a value of a shape that forward computes from those of the inputs, differentiable in all of them: backward sets all of grads[i]
// to the gradient in input i, where g is that in the value. Both work in float64, whatever the graph does, on slices that belong to the node:
// forward finds in dst the last value, backward in in what forward was given. An error or panic of theirs is that of the machine.
func Function(name string, shape tensor.Shape, forward func(dst []float64, in [][]float64) error,
	backward func(grads, in [][]float64, g []float64) error, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	base, in, err := newForeign(name, shape, forward, inputs)
	if err != nil {
		return nil, err
	}
	o, g := &gradOp{op: base}, make([]float64, shape.TotalSize())
	var grads [][]float64
	for i, s := range o.inputs {
		o.wrt, o.grads = append(o.wrt, true), append(o.grads, tensor.New(tensor.Of(o.dtype), tensor.WithShape(s...)))
		grads = append(grads, make([]float64, len(in[i])))
	}
	o.back = func(args []*tensor.Dense) {
		widen(g, args[len(args)-1])
		if o.failed = backward(grads, in, g); o.failed != nil {
			o.failed = fmt.Errorf("engine: %s: %w", name, o.failed)
		}
		for i, d := range grads {
			narrow(o.grads[i], d)
		}
	}
	return apply(o, inputs)
}

// newForeign is an op that computes in float64 by a function of the caller, and what that gets of the inputs.
func newForeign(name string, shape tensor.Shape, run func(dst []float64, in [][]float64) error, inputs gorgonia.Nodes) (o op, in [][]float64, err error) {
	if len(inputs) == 0 {
		return o, nil, fmt.Errorf("engine: %s of no inputs", name)
	}
	var shapes []tensor.Shape
	for _, n := range inputs {
		shapes = append(shapes, n.Shape().Clone())
		in = append(in, make([]float64, n.Shape().TotalSize()))
	}
	dt := inputs[0].Dtype()
	o = newOp(name, dt, shape.Clone(), shapes...)
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
	return o, in, nil
}

// apply joins an op of this package to the graph of its inputs.
func apply(o gorgonia.Op, inputs gorgonia.Nodes) (*gorgonia.Node, error) {
	n, err := gorgonia.ApplyOp(o, inputs...)
	if err != nil {
		return nil, fmt.Errorf("engine: %v: %w", o, err)
	}
	return n, nil
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
