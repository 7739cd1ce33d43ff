//go:build !race

// Under the race detector a sync.Pool, such as the kernels', forgets at random.

package engine

import (
	"math/rand/v2"
	"testing"

	"unroll/engine/kernel"
)

// What a step needs is allocated with the graph.
func TestLayerAllocatesNothing(t *testing.T) {
	const batch, tokens = 3, 40
	s := LayerShape{Batch: batch, Tokens: tokens, Queries: tokens, Width: 6, Fixed: 2, Hidden: 7, Heads: 2, Saturate: 0.5}
	sights := make([]Sight, tokens)
	for j := range sights {
		sights[j] = Sight{j + 1, 1}
	}
	state := newLayerState[float64](s, sights)
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	h, g := random(batch*tokens*6), random(batch*tokens*6)
	state.h, state.k, state.o, state.q, state.v = h, random(2*6*6), random(2*6*4), random(2*6*6), random(2*6*6)
	state.w1, state.w2 = random(6*7), random(7*4)
	if n := testing.AllocsPerRun(5, state.forward); n != 0 {
		t.Errorf("forward allocates %g times", n)
	}
	if n := testing.AllocsPerRun(5, func() { state.backward(state.out, g) }); n != 0 {
		t.Errorf("backward allocates %g times", n)
	}
}

func TestFilterStepAllocatesNothing(t *testing.T) {
	s := newFilterState[float64](2, kernel.Conv{In: 3, Out: 4, Size: 3, H: 6, W: 5})
	x, w, theta := make([]float64, 2*3*30), make([]float64, 4*3*9), make([]float64, 2*4)
	if n := testing.AllocsPerRun(5, func() {
		s.forward(x, w, theta)
		s.backward(x, w, theta, s.out)
	}); n != 0 {
		t.Errorf("a step allocates %g times", n)
	}
}
