package engine

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A gradOp is an op whose derivative is one backward node, which owns the gradients in all inputs, and a node for each gradient but the
// first that hands it out.
type gradOp struct {
	op
	wrt    []bool                   // inputs that the op is differentiable in, at least one of them
	back   func(in []*tensor.Dense) // fills grads from the inputs, the output and its gradient
	failed error                    // of back, where it can fail
	grads  []*tensor.Dense          // of the inputs in wrt
}

func (o *gradOp) DiffWRT(inputs int) []bool { return o.wrt }

func (o *gradOp) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	var back *gorgonia.Node
	grads := make(gorgonia.Nodes, len(inputs))
	for i, wanted := range o.wrt {
		if !wanted {
			continue
		}
		var err error
		if back == nil {
			back, err = o.backward(i, append(append(gorgonia.Nodes{}, inputs...), output, grad))
			grads[i] = back
		} else {
			grads[i], err = handOut(back, o.grads[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return grads, nil
}

// backward is the node that fills all gradients; its own value is that in input i.
func (o *gradOp) backward(i int, inputs gorgonia.Nodes) (*gorgonia.Node, error) {
	b := newOp(o.name+"Grad", o.dtype, o.inputs[i], append(append([]tensor.Shape{}, o.inputs...), o.output, o.output)...)
	b.holds = o.grads[i]
	b.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		o.back(in)
		return o.grads[i], o.failed
	}
	return gorgonia.ApplyOp(&b, inputs...)
}

// handOut is a node whose value is a tensor that the node before it filled.
func handOut(after *gorgonia.Node, value *tensor.Dense) (*gorgonia.Node, error) {
	o := newOp("GradOf", value.Dtype(), value.Shape(), after.Shape())
	o.holds = value
	o.compute = func([]*tensor.Dense) (*tensor.Dense, error) { return value, nil }
	return gorgonia.ApplyOp(&o, after)
}
