// Package engine makes Gorgonia's graph fast, exact and safe for this project: fused differentiable ops that own their buffers and run on
// unroll/engine/kernel, and a machine that turns panics into errors and reads values only where they cannot have been overwritten.
//
// An op of this package joins a graph like a stock one; gorgonia.Grad differentiates through it. It is stateful: an op belongs to one
// graph, and a graph to one goroutine at a time.
package engine

import (
	"fmt"
	"hash"
	"hash/fnv"
	"sync/atomic"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// An op is a gorgonia.Op with n inputs and an output of fixed type and shape. Every instance hashes to itself, so that Gorgonia never
// merges two nodes that own different buffers.
type op struct {
	name    string
	id      uint64
	inputs  []tensor.Shape
	output  tensor.Shape
	dtype   tensor.Dtype
	compute func(inputs []*tensor.Dense) (*tensor.Dense, error)
	args    []*tensor.Dense // of compute, reused
	holds   *tensor.Dense   // what compute returns every time, where nobody but this package reads it; nil: not known
}

var lastID atomic.Uint64

func newOp(name string, dt tensor.Dtype, output tensor.Shape, inputs ...tensor.Shape) op {
	return op{name: name, id: lastID.Add(1), inputs: inputs, output: output, dtype: dt, args: make([]*tensor.Dense, len(inputs))}
}

func (o *op) Arity() int            { return len(o.inputs) }
func (o *op) ReturnsPtr() bool      { return true }
func (o *op) CallsExtern() bool     { return false }
func (o *op) OverwritesInput() int  { return -1 }
func (o *op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "unroll/engine %d", o.id) }
func (o *op) String() string        { return fmt.Sprintf("%s%v", o.name, o.output) }

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.inputs)+1)
	for _, s := range append(append([]tensor.Shape{}, o.inputs...), o.output) {
		types = append(types, gorgonia.TensorType{Dims: s.Dims(), Of: o.dtype})
	}
	return hm.NewFnType(types...)
}

// InferShape refuses inputs of another shape than the op was made for.
func (o *op) InferShape(sizes ...gorgonia.DimSizer) (tensor.Shape, error) {
	shapes, err := gorgonia.DimSizersToShapes(sizes)
	if err != nil {
		return nil, err
	}
	for i, s := range shapes {
		if !s.Eq(o.inputs[i]) {
			return nil, fmt.Errorf("engine: input %d of %s has shape %v, want %v", i, o.name, s, o.inputs[i])
		}
	}
	return o.output, nil
}

// Do runs the op. Gorgonia calls it on a goroutine of its own, where a panic would end the process: it becomes an error with the shapes.
func (o *op) Do(values ...gorgonia.Value) (result gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine: %s on %v: %v", o.name, o.inputs, r)
		}
	}()
	for i, v := range values {
		t, ok := v.(*tensor.Dense)
		if !ok || !t.Shape().Eq(o.inputs[i]) || t.Dtype() != o.dtype || !t.DataOrder().IsContiguous() {
			return nil, fmt.Errorf("engine: input %d of %s is %T of shape %v, want a contiguous %v of %v", i, o.name, v, v.Shape(), o.inputs[i], o.dtype)
		}
		o.args[i] = t
	}
	return o.compute(o.args)
}
