package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A gradient in tokens that are data has no memory: it would be as large as all of them.
func TestDataTakesNoGradient(t *testing.T) {
	s := LayerShape{Batch: 3, Tokens: 4, Queries: 2, Width: 5, Fixed: 2, Hidden: 6, Heads: 1}
	for _, data := range []bool{false, true} {
		s.Data = data
		if size := len(newLayerState[float32](s, make([]Sight, s.Tokens)).dH); (size == 0) != data || !data && size != 3*4*5 {
			t.Errorf("data %t: a gradient of %d numbers", data, size)
		}
	}
}

// What another layer left in the memory that layers share is never read: NaN there changes no bit, whatever the attention.
func TestScratchHoldsAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64() / 3
		}
		return v
	}
	causal := func(j int) Sight { return Sight{j + 1, 1 / float64(j+1)} }
	same := func(int) Sight { return Sight{35, 1.0 / 35} }
	apart := func(j int) Sight { return Sight{35, 1 / float64(j+1)} }
	for _, c := range []struct {
		name    string
		relu    bool
		queries int
		sight   func(j int) Sight
		folds   bool
	}{
		{"linear", false, 40, causal, false}, {"linear, one query", false, 1, causal, false}, {"linear, the same keys", false, 40, same, true},
		{"linear, the same keys, one query", false, 1, same, false}, {"linear, the same keys, other weights", false, 40, apart, false},
		{"ReLU", true, 40, causal, false}, {"ReLU, the same keys", true, 40, same, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := LayerShape{Batch: 3, Tokens: 40, Queries: c.queries, Width: 7, Fixed: 2, Hidden: 6, Heads: 2, ReLU: c.relu, Saturate: 0.5}
			sights := make([]Sight, s.Tokens)
			for j := range sights {
				sights[j] = c.sight(j)
			}
			state := newLayerState[float64](s, sights)
			if state.folds != c.folds {
				t.Fatalf("attention folds: %t", state.folds)
			}
			state.h, state.k, state.o, state.q, state.v = random(3*40*7), random(2*7*7), random(2*7*5), random(2*7*7), random(2*7*7)
			state.w1, state.w2 = random(7*6), random(6*5)
			g := random(3 * c.queries * 7)
			leave := func(fill float64) {
				a := state.borrow()
				defer a.giveBack()
				for i := range a.numbers {
					a.numbers[i] = fill
				}
			}
			run := func(fill float64) []float64 {
				leave(fill)
				state.forward()
				leave(fill)
				state.backward(state.out, g)
				return slices.Concat(state.out, state.dH, state.dK, state.dO, state.dQ, state.dV, state.dW1, state.dW2)
			}
			if clean, dirty := run(0), run(math.NaN()); !slices.Equal(clean, dirty) {
				t.Error("values depend on what the scratch memory held")
			}
		})
	}
}
