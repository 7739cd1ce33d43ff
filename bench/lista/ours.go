package main

import (
	"fmt"
	"math"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine"
	"unroll/engine/kernel"
	"unroll/l2o/lista/graph"
)

// A trainer takes Adam steps on a task's batch, which its workers share evenly.
//
//	loss = Σ_k Σ_b ‖x_k,b − x*_b‖² / (K·B)
type trainer struct {
	workers       []*engine.Machine
	weights, m, v [][]float32
	steps         int
}

func newTrainer(t task, workers int) (*trainer, error) {
	if t.batch%workers != 0 {
		return nil, fmt.Errorf("-threads %d does not divide the batch of %d", workers, t.batch)
	}
	tr := &trainer{}
	for _, p := range t.params {
		tr.weights = append(tr.weights, append([]float32{}, p.F32...))
		tr.m, tr.v = append(tr.m, make([]float32, p.Len())), append(tr.v, make([]float32, p.Len()))
	}
	for i := range workers {
		machine, err := t.machine(tr.weights, i, t.batch/workers)
		if err != nil {
			return nil, err
		}
		tr.workers = append(tr.workers, machine)
	}
	return tr, nil
}

// machine compiles the loss and its gradients for the i-th part of the batch, of so many signals.
func (t task) machine(weights [][]float32, i, size int) (*engine.Machine, error) {
	g := gorgonia.NewGraph()
	node := func(name string, values []float32, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
	}
	var w gorgonia.Nodes
	for j, p := range t.params {
		w = append(w, node(p.Name, weights[j], p.Shape...))
	}
	y, a := node("y", t.y[i*size*t.M:(i+1)*size*t.M], size, t.M), node("a", t.a, t.M, t.N)
	layers, err := graph.Layers(t.Config, w, y, a)
	if err != nil {
		return nil, err
	}
	errors, err := engine.SquaredErrors(node("star", t.star[i*size*t.N:(i+1)*size*t.N], size, t.N), layers...) // (K)
	if err != nil {
		return nil, err
	}
	sum, err := gorgonia.Sum(errors) // ()
	if err != nil {
		return nil, err
	}
	loss, err := gorgonia.Mul(sum, gorgonia.NewConstant(float32(1/float64(t.K*t.batch))))
	if err != nil {
		return nil, err
	}
	grads, err := gorgonia.Grad(loss, w...)
	if err != nil {
		return nil, err
	}
	return engine.NewMachine(g, append(grads, loss)...)
}

const rate = 1e-4 // Adam's; larger steps turn the rounding of small gradients into differences of the losses

// step returns the loss before it. A graph that compiled and then fails is a fault of the program, not of its user.
func (tr *trainer) step() (loss float64) {
	tr.each(func(worker int) {
		if err := tr.workers[worker].Run(); err != nil {
			panic(err)
		}
	})
	tr.steps++
	c1, c2 := 1-math.Pow(0.9, float64(tr.steps)), math.Sqrt(1-math.Pow(0.999, float64(tr.steps)))
	adam := kernel.AdamStep[float32]{Beta1: 0.9, Beta2: 0.999, Rate: float32(rate * c2 / c1), Eps: float32(1e-8 * c2)}
	tr.each(func(worker int) {
		for i := worker; i < len(tr.weights); i += len(tr.workers) {
			grad := tr.workers[0].Value(i).Data().([]float32)
			for _, w := range tr.workers[1:] { // in the order of the workers
				kernel.Add(grad, grad, w.Value(i).Data().([]float32))
			}
			kernel.Adam(tr.weights[i], tr.m[i], tr.v[i], grad, adam)
		}
	})
	for _, w := range tr.workers {
		loss += float64(w.Value(len(tr.weights)).Data().(float32))
	}
	return loss
}

func (tr *trainer) each(do func(worker int)) {
	var wg sync.WaitGroup
	for worker := range tr.workers {
		wg.Go(func() { do(worker) })
	}
	wg.Wait()
}

func (tr *trainer) close() {
	for _, w := range tr.workers {
		w.Close()
	}
}
