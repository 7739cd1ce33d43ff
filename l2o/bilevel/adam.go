package bilevel

import (
	"math"
	"slices"
)

// adam is the state of the descent.
type adam struct {
	theta, m, s []float64
	steps       int
}

func newAdam(start []float64) *adam {
	return &adam{theta: slices.Clone(start), m: make([]float64, len(start)), s: make([]float64, len(start))}
}

func (a *adam) step(slope []float64, rate float64) {
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	a.steps++
	c1, c2 := 1-math.Pow(beta1, float64(a.steps)), 1-math.Pow(beta2, float64(a.steps))
	for j, g := range slope {
		a.m[j] += (1 - beta1) * (g - a.m[j])
		a.s[j] += (1 - beta2) * (g*g - a.s[j])
		a.theta[j] -= rate * a.m[j] / c1 / (math.Sqrt(a.s[j]/c2) + epsilon)
	}
}
