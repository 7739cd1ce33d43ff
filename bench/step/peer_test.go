package main

import (
	"strings"
	"testing"

	"unroll/model"
	"unroll/model/graph"
)

// The peer starts from the same task and takes the same steps; from other weights its losses are refused.
func TestPeer(t *testing.T) {
	task := newTask(cell{model.Interleaved, 8, 3, 2, 20})
	tr, err := newTrainer(task, 1, graph.Transformer.Graph)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var losses []float64
	for range compared {
		losses = append(losses, tr.Step())
	}
	if err := task.sameLosses(losses, theirs(t, task)); err != nil {
		t.Error(err)
	}
	task.params[5].F32[0] += 0.5 // from the first ReLU unit to β_1
	if err := task.sameLosses(losses, theirs(t, task)); err == nil {
		t.Error("losses from other weights were accepted")
	}
}

func theirs(t *testing.T, task task) (losses []float64) {
	t.Helper()
	p, _, err := task.start(1)
	if err != nil && strings.HasPrefix(err.Error(), "no peer") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Ask(&losses, "losses", compared); err != nil {
		t.Fatal(err)
	}
	return losses
}
