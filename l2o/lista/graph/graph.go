// Package graph holds the learned solvers of package lista on Gorgonia's computation graph, to train them. A layer is one fused op of package
// engine on weights formed before it; package lista has the recurrences and their sources.
package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/l2o/lista"
)

// Layers adds the K layers of a solver to the graph of its weights w, which are named and ordered as in its Init, for measurements y (B, m)
// of the dictionary a (m, n), both data. It returns the estimates (B, n) after layers 1 … K.
func Layers(c lista.Config, w gorgonia.Nodes, y, a *gorgonia.Node) (layers gorgonia.Nodes, err error) {
	defer func() { // must panics with the error of an op
		if r := recover(); r != nil {
			err = fmt.Errorf("graph: %s: %v", c.Method, r)
		}
	}()
	build, ok := builders[c.Method]
	if !ok {
		return nil, fmt.Errorf("graph: %s is not trained on a graph", c.Method)
	}
	s := &solver{Config: c, weights: map[string]*gorgonia.Node{}, y: y, a: a}
	for _, n := range w {
		s.weights[n.Name()] = n
	}
	next := build(s)
	var x *gorgonia.Node // nil is the zero that the first layer starts from
	for k := range c.K {
		x = next(k, x)
		layers = append(layers, x)
	}
	return layers, nil
}

// Trains reports whether a method has a graph. HyperLISTA has none: the number of entries that its third parameter lets through is a step
// function, so that three numbers are searched for instead.
func Trains(method string) bool { return builders[method] != nil }

// builders are the rows that a new method adds: what a graph needs once, and layer k from 0 of x (B, n).
var builders = map[string]func(s *solver) func(k int, x *gorgonia.Node) *gorgonia.Node{
	lista.LISTA:     (*solver).free,
	lista.LISTACP:   (*solver).coupled,
	lista.LISTACPSS: (*solver).coupled,
	lista.TISTA:     (*solver).tista,
	lista.TiLISTA:   (*solver).tied,
	lista.ALISTA:    (*solver).tied,
	lista.AdaLISTA:  (*solver).ada,
	lista.LISTAVM:   (*solver).vm,
}

// A solver is one network under construction.
type solver struct {
	lista.Config
	weights map[string]*gorgonia.Node
	y, a    *gorgonia.Node
}

// shared returns the weight of a name that all layers have, and at that of layer k, which may be the shared one.
func (s *solver) shared(name string) *gorgonia.Node {
	n := s.weights[name]
	if n == nil {
		panic(fmt.Sprintf("the weight %q is missing", name))
	}
	return n
}

func (s *solver) at(k int, name string) *gorgonia.Node {
	if own := fmt.Sprintf("layer%03d/%s", k, name); s.weights[own] != nil || s.weights[name] == nil {
		return s.shared(own)
	}
	return s.shared(name)
}

// theta is the threshold of layer k.
func (s *solver) theta(k int) *gorgonia.Node { return must(gorgonia.Exp(s.at(k, "logtheta"))) }

// gamma is the step of layer k (1, 1).
func (s *solver) gamma(k int) *gorgonia.Node {
	return reshape(must(gorgonia.Exp(s.at(k, "loggamma"))), 1, 1)
}

func (s *solver) unrolled(k int) engine.Unrolled {
	return engine.Unrolled{Pass: lista.PassFraction(s.Config, k)}
}

// times returns γ·w for γ (1, 1).
func times(gamma, w *gorgonia.Node) *gorgonia.Node {
	shape := w.Shape().Clone()
	return reshape(mul(gamma, reshape(w, 1, shape.TotalSize())), shape...)
}

// data adds constants as a named input in the precision of y.
func (s *solver) data(name string, values []float64, shape ...int) *gorgonia.Node {
	var backing any = values
	if s.y.Dtype() == tensor.Float32 {
		narrow := make([]float32, len(values))
		for i, v := range values {
			narrow[i] = float32(v)
		}
		backing = narrow
	}
	return gorgonia.NewTensor(s.y.Graph(), s.y.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))))
}

func mul(a, b *gorgonia.Node) *gorgonia.Node { return must(gorgonia.Mul(a, b)) }

func reshape(n *gorgonia.Node, shape ...int) *gorgonia.Node { return must(engine.Reshape(n, shape...)) }

func must(n *gorgonia.Node, err error) *gorgonia.Node { return gorgonia.Must(n, err) }
