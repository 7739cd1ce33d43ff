package engine

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Machine runs one graph. It copies the nodes it was made with as soon as they are computed, because Gorgonia's memory plan may lend
// their registers to later nodes; a gradient that an op of this package owns, and that no stock op is given, is read where it lies. One
// goroutine at a time may use it.
type Machine struct {
	vm     gorgonia.VM
	values []gorgonia.Value
}

// NewMachine compiles a graph whose gradients are already in it. Values reports the given nodes after each Run.
func NewMachine(g *gorgonia.ExprGraph, read ...*gorgonia.Node) (m *Machine, err error) {
	defer explain("compile the graph", &err)
	m = &Machine{values: make([]gorgonia.Value, len(read))}
	for i, n := range read {
		if held := settled(g, n); held != nil {
			m.values[i] = held
			continue
		}
		gorgonia.Read(n, &m.values[i])
	}
	m.vm = gorgonia.NewTapeMachine(g)
	return m, nil
}

// settled is the tensor that holds a node's value from its computation to the end of a run, nil where a later node might write to it.
func settled(g *gorgonia.ExprGraph, n *gorgonia.Node) *tensor.Dense {
	o, ours := n.Op().(*op)
	if !ours {
		return nil
	}
	for readers := g.To(n.ID()); readers.Next(); {
		if _, ours := readers.Node().(*gorgonia.Node).Op().(*op); !ours {
			return nil
		}
	}
	return o.holds
}

// Run computes the whole graph once from the values that its input nodes hold now.
func (m *Machine) Run() (err error) {
	defer explain("run the graph", &err)
	defer m.vm.Reset()
	return m.vm.RunAll()
}

// Value is what the i-th read node held in the last Run; the next Run overwrites it.
func (m *Machine) Value(i int) gorgonia.Value { return m.values[i] }

// Close frees what Gorgonia holds.
func (m *Machine) Close() error { return m.vm.Close() }

// explain turns a panic of Gorgonia into an error.
func explain(what string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("engine: %s: %v", what, r)
	} else if *err != nil {
		*err = fmt.Errorf("engine: %s: %w", what, *err)
	}
}
