package main

import (
	"math"
	"strings"
	"testing"

	"unroll/model"
	"unroll/model/graph"
)

// The operations of a step, by hand for T = 3 interleaved (N = 1), d = 20: D = 43, W = 20, F = 172, 4 heads, 1, 2 and 3 keys seen. One
// prompt; the first of two layers computes three tokens, the last one:
//
//	Q Kᵀ and V O, thrice               3·4·(43·43·43 + 43·43·20)                       = 1,397,844 in each
//	H (Q Kᵀ), mixed (V O), MLP, twice  2·(4·(43·43 + 43·20) + 43·172 + 172·20)          =    43,344 for each token
//	gradients before V O, W₂ and W₁    4·43·20 + 2·172·20                               =    10,320 for each token
//	scores and weights H, twice        2·4·2·43 = 688 for each key seen
//	gradients in the last layer's tokens alone 4·43·20 = 3,440 for its query and 4·2·20 = 160 for each key it sees
func TestFlopsByHand(t *testing.T) {
	two := newTask(cell{model.Interleaved, 1, 1, 2, 20})
	first, last := 1397844+3*(43344+10320)+688*(1+2+3), 1397844+43344+10320+688*3+3440+160*3
	if got, want := two.needed(), 2.0*float64(first+last); got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
	// What a peer does of one layer: all nine scores, and the gradients in the tokens but for those of the scores.
	one := newTask(cell{model.Interleaved, 1, 1, 1, 20})
	attention, mlp := 4*(3*43*43+2*9*43+3*43*20), 3*43*172+3*172*20
	if got, want := one.direct(), 2.0*float64(1397844+3*(attention+mlp)-4*(3*43*43+2*9*43)); got != want {
		t.Errorf("%g operations of the peer, want %g", got, want)
	}
}

// Where all queries see the same 50 keys the first layer's attention is one matrix: X V O, Xᵀ of it, N and H N, and their gradients but for those in
// the tokens. The last layer's one query meets the keys by their moments and takes their gradients one by one.
func TestFlopsOfAFoldByHand(t *testing.T) {
	values, matrix, read := 50*42*20, 42*42*20, 51*42*20
	attention := 2*values + matrix + read + 2*values + 2*matrix + read
	last := 2*(42*42+42*20) + 42*20 + 2*2*42*42 + 42*20 + 2*50*20
	mlp := 2*(42*168+168*20) + 2*168*20
	want := 2.0 * float64(2*3*(42*42*42+42*42*20)+52*mlp+attention+last)
	if got := newTask(cell{model.Paired, 1, 50, 2, 20}).needed(); got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
}

// Long prompts are cheaper by the keys' moments: the operations then grow as N, and not as N².
func TestFlopsOfLongPrompts(t *testing.T) {
	at := func(n int) float64 { return newTask(cell{model.Interleaved, 1, n, 2, 20}).needed() }
	if slope := (at(400) - at(200)) / (at(200) - at(100)); slope < 1.99 || slope > 2.01 {
		t.Errorf("twice the prompt is %g times the operations", slope)
	}
}

// The slope of a power is its exponent.
func TestSlope(t *testing.T) {
	if got := slope([]float64{2, 4, 8, 16}, []float64{12, 48, 192, 768}); math.Abs(got-2) > 1e-12 {
		t.Errorf("3x² has the slope %g", got)
	}
}

// The trainer's losses are those of the graph of stock ops, and of any number of workers.
func TestTwins(t *testing.T) {
	for _, embedding := range []string{model.Interleaved, model.Paired} {
		task := newTask(cell{embedding, 4, 3, 2, 20})
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
				losses[i] = append(losses[i], trainer.Step())
			}
			trainer.Close()
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
	task := newTask(cell{model.Paired, 4, 3, 2, 20})
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

// Memory that grows is refused, and memory that the system does not tell.
func TestSteady(t *testing.T) {
	for want, bytes := range map[string][2]float64{
		"":                                      {100e6, 104e6},
		"memory grows: 100.0 MB, then 106.0 MB": {100e6, 106e6},
		"this system does not tell":             {},
	} {
		if err := steady(bytes[0], bytes[1]); (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", bytes, err, want)
		}
	}
}

// The headline's step alone, for a profile.
func BenchmarkStep(b *testing.B) {
	tr, err := newTrainer(newTask(headline), 1, graph.Transformer.Graph)
	if err != nil {
		b.Fatal(err)
	}
	defer tr.Close()
	b.ReportAllocs()
	for b.Loop() {
		tr.Step()
	}
}
