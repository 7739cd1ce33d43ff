package main

import (
	"math"
	"strings"
	"testing"

	"unroll/data"
)

func small() task {
	return taskOf(data.Dictionary{M: 6, N: 9, Density: 0.3, Values: data.Gaussian, Design: data.Gaussian}, 3, 4)
}

// The operations by hand: two products forward and three backward in each layer but the first, which has one and one; 2·B·m·n each.
func TestOperationsByHand(t *testing.T) {
	if got, want := small().operations(), 2.0*4*6*9*(1+1+2*5); got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
}

// Any number of workers has the losses of one, and they fall.
func TestWorkers(t *testing.T) {
	var losses [2][]float64
	for i, workers := range []int{1, 2} {
		tr, err := newTrainer(small(), workers)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		for range 5 {
			losses[i] = append(losses[i], tr.Step())
		}
	}
	if err := same(losses[0], losses[1]); err != nil || !(losses[0][4] < losses[0][0]) {
		t.Errorf("%v, %v", losses, err)
	}
	if _, err := newTrainer(small(), 3); err == nil || !strings.Contains(err.Error(), "-threads 3") {
		t.Errorf("a batch of 4 for 3 workers: %v", err)
	}
}

// Losses that went apart are refused.
func TestSame(t *testing.T) {
	if err := same([]float64{1, 2}, []float64{1 + 0.9e-4, 2}); err != nil {
		t.Error(err)
	}
	for _, theirs := range [][]float64{{1, 2 + 3e-4}, {1}, {1, math.NaN()}} {
		if err := same([]float64{1, 2}, theirs); err == nil {
			t.Errorf("losses %v were accepted", theirs)
		}
	}
}

// The peer takes the same steps; from other weights its losses are refused.
func TestPeer(t *testing.T) {
	task := small()
	for _, other := range []bool{false, true} {
		ours, err := newTrainer(task, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer ours.Close()
		if other {
			task.params[0].F32[0] += 0.5
		}
		p, _, err := task.start(1)
		if err != nil && strings.HasPrefix(err.Error(), "no peer") {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := task.agree(ours, p); (err != nil) != other {
			t.Errorf("from other weights: %t, error %v", other, err)
		}
	}
}

// The step alone, for a profile.
func BenchmarkStep(b *testing.B) {
	tr, err := newTrainer(newTask(128), 1)
	if err != nil {
		b.Fatal(err)
	}
	defer tr.Close()
	b.ReportAllocs()
	for b.Loop() {
		tr.Step()
	}
}
