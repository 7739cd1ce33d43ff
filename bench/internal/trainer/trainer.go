// Package trainer takes our side's training steps: Adam on one batch, shared evenly by workers that each have a graph of their own.
package trainer

import (
	"fmt"
	"math"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/bench/internal/peer"
	"unroll/checkpoints"
	"unroll/engine"
	"unroll/engine/kernel"
)

// A Trainer takes Adam steps on a batch, float32.
type Trainer struct {
	workers       []*engine.Machine
	weights, m, v [][]float32
	steps         int
}

// A Part adds the loss of signals from … to−1 of the batch to a graph, its share of the whole batch's.
type Part func(g *gorgonia.ExprGraph, w gorgonia.Nodes, from, to int) (loss *gorgonia.Node, err error)

// New compiles the loss of a batch and its gradients for so many workers. The parameters are copied.
func New(params []checkpoints.Param, batch, workers int, part Part) (*Trainer, error) {
	if batch%workers != 0 {
		return nil, fmt.Errorf("-threads %d does not divide the batch of %d", workers, batch)
	}
	t := &Trainer{}
	for _, p := range params {
		t.weights = append(t.weights, append([]float32{}, p.F32...))
		t.m, t.v = append(t.m, make([]float32, p.Len())), append(t.v, make([]float32, p.Len()))
	}
	for i, size := 0, batch/workers; i < batch; i += size {
		machine, err := t.machine(params, part, i, i+size)
		if err != nil {
			return nil, err
		}
		t.workers = append(t.workers, machine)
	}
	return t, nil
}

// machine compiles one part and its gradients.
func (t *Trainer) machine(params []checkpoints.Param, part Part, from, to int) (*engine.Machine, error) {
	g := gorgonia.NewGraph()
	var w gorgonia.Nodes
	for j, p := range params {
		w = append(w, Node(g, p.Name, t.weights[j], p.Shape...))
	}
	loss, err := part(g, w, from, to)
	if err != nil {
		return nil, err
	}
	grads, err := gorgonia.Grad(loss, w...)
	if err != nil {
		return nil, err
	}
	return engine.NewMachine(g, append(grads, loss)...)
}

// Node is an input that holds values, which stay the caller's.
func Node(g *gorgonia.ExprGraph, name string, values []float32, shape ...int) *gorgonia.Node {
	return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
}

// Loss is that of estimates of all layers, Σ_k Σ_b ‖x_k,b − x*_b‖² / (K·B) with the B of the whole batch.
func Loss(layers gorgonia.Nodes, star *gorgonia.Node, batch int) (*gorgonia.Node, error) {
	errors, err := engine.SquaredErrors(star, layers...) // (K)
	if err != nil {
		return nil, err
	}
	sum, err := gorgonia.Sum(errors) // ()
	if err != nil {
		return nil, err
	}
	return gorgonia.Mul(sum, gorgonia.NewConstant(float32(1/float64(len(layers)*batch))))
}

// Rate is Adam's. At 1e-3 it turns the rounding of vanishing gradients into steps, and losses of the same weights differ by 1e-3.
const Rate = 1e-4

// Step returns the loss before it. A graph that compiled and then fails is a fault of the program, not of its user.
func (t *Trainer) Step() (loss float64) {
	t.each(func(worker int) {
		if err := t.workers[worker].Run(); err != nil {
			panic(err)
		}
	})
	t.steps++
	c1, c2 := 1-math.Pow(0.9, float64(t.steps)), math.Sqrt(1-math.Pow(0.999, float64(t.steps)))
	adam := kernel.AdamStep[float32]{Beta1: 0.9, Beta2: 0.999, Rate: float32(Rate * c2 / c1), Eps: float32(1e-8 * c2)}
	t.each(func(worker int) {
		for i := worker; i < len(t.weights); i += len(t.workers) {
			kernel.Adam(t.weights[i], t.m[i], t.v[i], t.gradient(i), adam)
		}
	})
	for _, w := range t.workers {
		loss += float64(w.Value(len(t.weights)).Data().(float32))
	}
	return loss
}

// gradient is that of the i-th parameter, summed in the order of the workers, in the first one's place.
func (t *Trainer) gradient(i int) []float32 {
	grad := t.workers[0].Value(i).Data().([]float32)
	for _, w := range t.workers[1:] {
		kernel.Add(grad, grad, w.Value(i).Data().([]float32))
	}
	return grad
}

func (t *Trainer) each(do func(worker int)) {
	var wg sync.WaitGroup
	for worker := range t.workers {
		wg.Go(func() { do(worker) })
	}
	wg.Wait()
}

// Contender steps on, timed for so many threads.
func (t *Trainer) Contender(threads int) peer.Contender {
	return peer.Ours(threads, func() { t.Step() })
}

// Close ends the workers.
func (t *Trainer) Close() {
	for _, w := range t.workers {
		w.Close()
	}
}
