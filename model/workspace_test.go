package model_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"unroll/model"
)

// Estimate is the last of Estimates, to the bit, whatever prompt the workspace held before.
func TestEstimateInAWorkspace(t *testing.T) {
	const n = 5
	each(t, func(t *testing.T, c model.Config) {
		for _, precision := range []string{model.Float32, model.Float64} {
			c.Precision = precision
			bound, err := model.New(c, c.Init(1))
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			ws, got, want := bound.NewWorkspace(n), make([]float64, c.D), make([]float64, c.D)
			for range 3 {
				x, y, query := gaussian(r, n*c.D), gaussian(r, n), gaussian(r, c.D)
				bound.Estimates(x, y, query, func(k int, beta []float64) bool {
					copy(want, beta)
					return true
				})
				bound.Estimate(ws, got, x, y, query)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %v in a workspace, %v without", precision, got, want)
				}
			}
		}
	})
}
