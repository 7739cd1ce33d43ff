package main

import (
	"slices"
	"testing"

	"unroll/data"
	"unroll/model"
	"unroll/train"
)

func smoke(t *testing.T) (train.Recipe, *model.Bound, data.Batch) {
	t.Helper()
	r, err := train.Recipes()[0].Resolve()
	if err != nil {
		t.Fatal(err)
	}
	net, err := model.New(r.Model, r.Model.Init(1))
	if err != nil {
		t.Fatal(err)
	}
	return r, net, r.Data.Draw(1, data.Test, 0, 5)
}

// Every prompt is estimated once, on any number of threads.
func TestEstimates(t *testing.T) {
	_, net, b := smoke(t)
	want := make([]float64, b.Size*b.D)
	for i := range b.Size {
		estimate(net, b, net.NewWorkspace(b.N), i, i+1, want[i*b.D:(i+1)*b.D])
	}
	for threads := 1; threads <= 7; threads++ {
		got := make([]float64, len(want))
		if estimates(net, b, workspaces(net, b.N, threads), got); !slices.Equal(got, want) {
			t.Errorf("%d threads: %v, want %v", threads, got, want)
		}
	}
}

// By hand for two layers, one head, N = 1, d = 1 paired with W = 2: T = 2, D = 5, F = 3; two tokens in the first layer, one in the second.
func TestOperationsByHand(t *testing.T) {
	c := model.Config{D: 1, K: 2, Heads: 1, Width: 5, Hidden: 3, Embedding: model.Paired}
	if got, want := operations(c, 1), 2.0*(2+1)*(5*5+2*2*5+5*2+5*3+3*2); got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
}
