package main

import (
	"gorgonia.org/gorgonia"

	"unroll/bench/internal/trainer"
	"unroll/l2o/lista/graph"
)

// newTrainer takes steps on the task's batch.
func newTrainer(t task, workers int) (*trainer.Trainer, error) {
	return trainer.New(t.params, t.batch, workers, func(g *gorgonia.ExprGraph, w gorgonia.Nodes, from, to int) (*gorgonia.Node, error) {
		y, a := trainer.Node(g, "y", t.y[from*t.M:to*t.M], to-from, t.M), trainer.Node(g, "a", t.a, t.M, t.N)
		layers, err := graph.Layers(t.Config, w, y, a)
		if err != nil {
			return nil, err
		}
		return trainer.Loss(layers, trainer.Node(g, "star", t.star[from*t.N:to*t.N], to-from, t.N), t.batch)
	})
}
