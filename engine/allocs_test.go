//go:build !race

// Under the race detector a sync.Pool, such as the kernels', forgets at random.

package engine

import (
	"math/rand/v2"
	"testing"
)

// What a step needs is allocated with the graph.
func TestLayerAllocatesNothing(t *testing.T) {
	s := LayerShape{Batch: 3, Tokens: 5, Width: 6, Fixed: 2, Hidden: 7, Heads: 2, ReLU: true, Saturate: 0.5}
	state := newLayerState[float64](s, make([]float64, 25))
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	h, g := random(3*5*6), random(3*5*6)
	k, o, q, v, w1, w2 := random(2*6*6), random(2*6*4), random(2*6*6), random(2*6*6), random(6*7), random(7*4)
	if n := testing.AllocsPerRun(5, func() { state.forward(h, k, o, q, v, w1, w2) }); n != 0 {
		t.Errorf("forward allocates %g times", n)
	}
	if n := testing.AllocsPerRun(5, func() { state.backward(h, k, o, q, v, w1, w2, state.out, g) }); n != 0 {
		t.Errorf("backward allocates %g times", n)
	}
}
