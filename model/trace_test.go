package model

import (
	"slices"
	"testing"
)

// Trace in the trained order is what Iterates yields; a layer left out, or run twice, is another network.
func TestTrace(t *testing.T) {
	for _, precision := range []string{Float32, Float64} {
		c := Config{D: 4, K: 3, Heads: 1, Width: 16, Hidden: 24, Embedding: Paired, Attention: Linear, Normalise: true, Saturate: 4,
			Start: Random, Tau: 1, Theta: 0.1, Precision: precision}
		b, err := New(c, c.Init(2))
		if err != nil {
			t.Fatal(err)
		}
		x, y := []float64{1, 2, 0, -1, 3, 1, 1, 0, 0, 1, -2, 1}, []float64{1, -2, 3}
		var want [][]float64
		b.Estimates(x, y, nil, func(_ int, beta []float64) bool {
			want = append(want, slices.Clone(beta))
			return true
		})
		last := func(order ...int) (estimates [][]float64) {
			b.Trace(order, x, y, func(k int, tokens []float64) bool {
				if len(tokens) != c.Tokens(3)*c.Width || k != len(estimates) {
					t.Fatalf("%d numbers after layer %d", len(tokens), k)
				}
				estimates = append(estimates, slices.Clone(tokens[3*c.Width+c.Fixed():][:c.D]))
				return true
			})
			return estimates
		}
		for k, beta := range last(0, 1, 2) {
			if !slices.Equal(beta, want[k]) {
				t.Errorf("%s: estimate %d is %v, want %v", precision, k, beta, want[k])
			}
		}
		if twice := last(0, 0, 1, 2); len(twice) != 5 || !slices.Equal(twice[1], want[1]) || slices.Equal(twice[2], want[2]) || slices.Equal(twice[4], want[3]) {
			t.Errorf("%s: a layer run twice gives %v", precision, twice)
		}
	}
}
