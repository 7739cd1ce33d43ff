package dln_test

import (
	"math"
	"math/rand/v2"

	"unroll/l2o/linop"
)

// An instance is data with its name in a test's message.
type instance struct {
	name string
	x    *linop.Dense
	y    []float64
}

// gaussian draws an n×d matrix whose columns i and j have correlation rho^|i−j|.
func gaussian(rng *rand.Rand, n, d int, rho float64) *linop.Dense {
	x := &linop.Dense{M: n, N: d, Data: make([]float64, n*d)}
	for i := range n {
		row := x.Data[i*d : (i+1)*d]
		for j := range row {
			row[j] = rng.NormFloat64()
			if j > 0 {
				row[j] = rho*row[j-1] + math.Sqrt(1-rho*rho)*row[j]
			}
		}
	}
	return x
}

func normals(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

// twoLarge is the law of the paper's first figure: y = Xβ* with β* = (10, 20, 0, …).
func twoLarge(rng *rand.Rand, n, d int) instance {
	x := gaussian(rng, n, d, 0)
	star := make([]float64, d)
	star[0], star[1] = 10, 20
	y := make([]float64, n)
	x.Apply(y, star)
	return instance{"two large", x, y}
}
