package main

import (
	"runtime"

	"gorgonia.org/gorgonia"

	"unroll/bench/internal/trainer"
	"unroll/model/graph"
)

// A build adds the network to a graph, fused or from stock ops.
type build func(t graph.Transformer, w gorgonia.Nodes, in *gorgonia.Node, n int) (gorgonia.Nodes, error)

// newTrainer takes steps on the task's batch.
func newTrainer(t task, workers int, b build) (*trainer.Trainer, error) {
	row := len(t.tokens) / t.batch
	return trainer.New(t.params, t.batch, workers, func(g *gorgonia.ExprGraph, w gorgonia.Nodes, from, to int) (*gorgonia.Node, error) {
		layers, err := b(graph.Transformer{Config: t.Config}, w, trainer.Node(g, "tokens", t.tokens[from*row:to*row], to-from, row), t.n)
		if err != nil {
			return nil, err
		}
		return trainer.Loss(layers, trainer.Node(g, "target", t.target[from*t.D:to*t.D], to-from, t.D), t.batch)
	})
}

// allocated is the number of allocations of one step and their kilobytes, after what the first steps allocate once.
func allocated(tr *trainer.Trainer) (count, kB float64) {
	const steps = 5
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range steps {
		tr.Step()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / steps, float64(after.TotalAlloc-before.TotalAlloc) / steps / 1e3
}
