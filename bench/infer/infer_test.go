package main

import (
	"math"
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

// Estimates that went apart are refused, and too few or too short ones, in one line each.
func TestSame(t *testing.T) {
	ours := []float64{1, 2, 3, 4}
	for want, theirs := range map[string][][]float64{
		"": {{1, 2}, {3, 4.003}},
		"entry 1 of estimate 1 is 4 here and 4.005 in the peer": {{1, 2}, {3, 4.005}},
		"entry 0 of estimate 0 is 1 here and NaN in the peer":   {{math.NaN(), 2}, {3, 4}},
		"2 estimates here and 1 in the peer":                    {{1, 2}},
		"2 estimates here and 3 in the peer":                    {{1, 2}, {3, 4}, {5, 6}},
		"2 estimates here and 0 in the peer":                    nil,
		"estimate 1 has 2 entries here and 1 in the peer":       {{1, 2}, {3}},
	} {
		if err := same(ours, theirs, 2); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%v: error %v, want %q", theirs, err, want)
		}
	}
}
