package main

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/bench/internal/peer"
	"unroll/engine"
	"unroll/engine/kernel"
	"unroll/model/graph"
)

// A trainer takes Adam steps on a task's batch, which its workers share evenly.
//
//	loss = Σ_k Σ_b ‖β_k,b − β*_b‖² / (K·B)
type trainer struct {
	workers       []*engine.Machine
	weights, m, v [][]float32
	total         [][]float32 // the gradient over all workers
	steps         int
}

// A build adds the network to a graph, fused or from stock ops.
type build func(t graph.Transformer, w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error)

func newTrainer(t task, workers int, b build) (*trainer, error) {
	if t.batch%workers != 0 {
		return nil, fmt.Errorf("-threads %d does not divide the batch of %d", workers, t.batch)
	}
	tr := &trainer{}
	for _, p := range t.params {
		tr.weights = append(tr.weights, append([]float32{}, p.F32...))
		tr.m, tr.v = append(tr.m, make([]float32, p.Len())), append(tr.v, make([]float32, p.Len()))
		tr.total = append(tr.total, make([]float32, p.Len()))
	}
	for i := range workers {
		machine, err := t.machine(tr.weights, i, workers, b)
		if err != nil {
			return nil, err
		}
		tr.workers = append(tr.workers, machine)
	}
	return tr, nil
}

// machine compiles the loss and its gradients for the i-th part of the batch.
func (t task) machine(weights [][]float32, i, parts int, b build) (*engine.Machine, error) {
	g, size := gorgonia.NewGraph(), t.batch/parts
	node := func(name string, values []float32, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
	}
	var w gorgonia.Nodes
	for j, p := range t.params {
		w = append(w, node(p.Name, weights[j], p.Shape...))
	}
	row := len(t.tokens) / t.batch
	layers, err := b(graph.Transformer{Config: t.Config}, w, node("tokens", t.tokens[i*size*row:(i+1)*size*row], size, row), t.n)
	if err != nil {
		return nil, err
	}
	loss, err := t.loss(layers, node("target", t.target[i*size*t.D:(i+1)*size*t.D], size, t.D))
	if err != nil {
		return nil, err
	}
	grads, err := gorgonia.Grad(loss, w...)
	if err != nil {
		return nil, err
	}
	return engine.NewMachine(g, append(grads, loss)...)
}

// loss is this part's share of the whole batch's.
func (t task) loss(layers gorgonia.Nodes, target *gorgonia.Node) (*gorgonia.Node, error) {
	errors, err := engine.SquaredErrors(target, layers...) // (K)
	if err != nil {
		return nil, err
	}
	sum, err := gorgonia.Sum(errors) // ()
	if err != nil {
		return nil, err
	}
	return gorgonia.Mul(sum, gorgonia.NewConstant(float32(1/float64(t.layers*t.batch))))
}

const rate = 1e-4 // at 1e-3 Adam turns the rounding of vanishing gradients into steps, and losses of the same weights differ by 1e-3

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
		for i := worker; i < len(tr.total); i += len(tr.workers) {
			grad := tr.gradient(i)
			kernel.Adam(tr.weights[i], tr.m[i], tr.v[i], grad, adam)
		}
	})
	for _, w := range tr.workers {
		loss += float64(w.Value(len(tr.total)).Data().(float32))
	}
	return loss
}

// gradient is that of the i-th parameter, summed in the order of the workers.
func (tr *trainer) gradient(i int) []float32 {
	grad := tr.workers[0].Value(i).Data().([]float32)
	for _, w := range tr.workers[1:] {
		kernel.Add(tr.total[i], grad, w.Value(i).Data().([]float32))
		grad = tr.total[i]
	}
	return grad
}

func (tr *trainer) each(do func(worker int)) {
	var wg sync.WaitGroup
	for worker := range tr.workers {
		wg.Go(func() { do(worker) })
	}
	wg.Wait()
}

// contender steps on, timed for so many threads.
func (tr *trainer) contender(threads int) peer.Contender {
	return peer.Ours(threads, func() { tr.step() })
}

func (tr *trainer) close() {
	for _, w := range tr.workers {
		w.Close()
	}
}

// allocated is the number of allocations of one step and their kilobytes, after what the first steps allocate once.
func (tr *trainer) allocated() (count, kB float64) {
	const steps = 5
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range steps {
		tr.step()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / steps, float64(after.TotalAlloc-before.TotalAlloc) / steps / 1e3
}
