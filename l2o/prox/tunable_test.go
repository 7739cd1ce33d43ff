package prox_test

import (
	"math"
	"testing"

	"unroll/l2o/l2otest"
	"unroll/l2o/prox"
)

// factor returns e^(θ_k), 1 where there is no θ.
func factor(theta []float64, k int) float64 {
	if theta == nil {
		return 1
	}
	return math.Exp(theta[k])
}

func times(weights, theta []float64) []float64 {
	all := make([]float64, len(weights))
	for k, w := range weights {
		all[k] = w * factor(theta, k)
	}
	return all
}

// tunables is the table of the conformance test: a new penalty with weights to learn is one more row.
var tunables = map[string]struct {
	with    func(theta []float64) prox.Tunable
	options l2otest.TunableOptions
}{
	"ℓ1": {func(theta []float64) prox.Tunable { return prox.L1{Lambda: 0.4 * factor(theta, 0)} }, l2otest.TunableOptions{}},
	"weighted ℓ1": {func(theta []float64) prox.Tunable {
		return prox.WeightedL1{Lambda: 0.5, Weights: times([]float64{1, 0, 2, math.Inf(1), 0.1, 0.3, 30}, theta)}
	}, l2otest.TunableOptions{N: []int{7}}},
	"groups that do not lie together": {func(theta []float64) prox.Tunable {
		return prox.Group{Lambda: 0.5, Groups: [][]int{{6, 3, 0}, {1, 5}, {4}, {2}}, Weights: times([]float64{1, 0.4, 3, 0}, theta)}
	}, l2otest.TunableOptions{N: []int{7}}},
}

func TestTunableConformance(t *testing.T) {
	for name, c := range tunables {
		t.Run(name, func(t *testing.T) { l2otest.Tunable(t, c.with, c.options) })
	}
	// Without weights those of a group are √size, and its parameters are their logarithms all the same.
	nilWeights := prox.Group{Lambda: 0.5, Groups: [][]int{{6, 3, 0}, {1, 5}, {4, 2}}}
	l2otest.Tunable(t, func(theta []float64) prox.Tunable {
		if theta == nil {
			return nilWeights
		}
		g := nilWeights
		g.Weights = times([]float64{math.Sqrt(3), math.Sqrt2, math.Sqrt2}, theta)
		return g
	}, l2otest.TunableOptions{N: []int{7}})
}
