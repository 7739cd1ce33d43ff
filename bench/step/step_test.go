package main

import (
	"math"
	"strings"
	"testing"

	"unroll/model"
	"unroll/model/graph"
)

// The operations of a step, by hand for T = 3 interleaved (N = 1), d = 20: D = 43, W = 20, F = 172, 4 heads, 6 of 9 scores shown.
// One layer, one prompt:
//
//	Q Kᵀ and V O         4·(43·43·43 + 43·43·20)                                      = 465,948
//	attention            4·(3·43·43 + 2·6·43 + 3·43·20)                               =  34,572
//	MLP                  3·43·172 + 3·172·20                                          =  32,508
//	thrice all, without the gradient in tokens 4·(3·43·43 + 2·6·43) = 24,252, at two operations each
func TestFlopsByHand(t *testing.T) {
	one := newTask(cell{model.Interleaved, 1, 1, 1})
	if got, want := one.needed(), 2.0*(3*(465948+34572+32508)-24252); got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
	// Whole score matrices: 4 heads · 2 products · 3 more scores · 43, three times less the once in the tokens.
	if got, want := one.direct()-one.needed(), 2.0*(3-1)*4*2*3*43; got != want {
		t.Errorf("%g operations on masked scores, want %g", got, want)
	}
}

// The trainer's losses are those of the graph of stock ops, and of any number of workers.
func TestTwins(t *testing.T) {
	for _, embedding := range []string{model.Interleaved, model.Paired} {
		task := newTask(cell{embedding, 4, 3, 2})
		var losses [3][]float64
		for i, tr := range []struct {
			workers int
			build   build
		}{{1, graph.Transformer.Graph}, {2, graph.Transformer.Graph}, {1, graph.Transformer.Plain}} {
			trainer, err := newTrainer(task, tr.workers, tr.build)
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				losses[i] = append(losses[i], trainer.step())
			}
			trainer.close()
		}
		for i := 1; i < len(losses); i++ {
			if err := task.sameLosses(losses[0], losses[i]); err != nil {
				t.Error(err)
			}
		}
		if first, last := losses[0][0], losses[0][4]; !(last < first) || math.IsNaN(last) {
			t.Errorf("the loss went from %g to %g", first, last)
		}
	}
}

// Losses that went apart and impossible divisions of a batch are refused.
func TestRefusals(t *testing.T) {
	task := newTask(cell{model.Paired, 4, 3, 2})
	if err := task.sameLosses([]float64{1, 2}, []float64{1 + 0.9e-4, 2}); err != nil {
		t.Error(err)
	}
	for _, theirs := range [][]float64{{1, 2 + 3e-4}, {1}, {1, math.NaN()}} {
		if err := task.sameLosses([]float64{1, 2}, theirs); err == nil {
			t.Errorf("losses %v were accepted", theirs)
		}
	}
	if _, err := newTrainer(task, 3, graph.Transformer.Graph); err == nil || !strings.Contains(err.Error(), "-threads 3") {
		t.Errorf("a batch of 4 for 3 workers: %v", err)
	}
}

// The headline's step alone, for a profile.
func BenchmarkStep(b *testing.B) {
	tr, err := newTrainer(newTask(headline), 1, graph.Transformer.Graph)
	if err != nil {
		b.Fatal(err)
	}
	defer tr.close()
	b.ReportAllocs()
	for b.Loop() {
		tr.step()
	}
}
