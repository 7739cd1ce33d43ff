//go:build !race

// Under the race detector a sync.Pool, such as the kernels', forgets at random.

package model_test

import (
	"math/rand/v2"
	"testing"

	"unroll/model"
)

func TestEstimateAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, c model.Config) {
		for _, precision := range []string{model.Float32, model.Float64} {
			c.Precision = precision
			bound, err := model.New(c, c.Init(1))
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			for _, batch := range []int{1, 30} {
				ws, dst, x, y := bound.NewWorkspace(5), make([]float64, batch*c.D), gaussian(r, batch*5*c.D), gaussian(r, batch*5)
				if allocs := testing.AllocsPerRun(10, func() { bound.Estimate(ws, dst, x, y, nil) }); allocs != 0 {
					t.Errorf("%s: %v allocations for %d prompts", precision, allocs, batch)
				}
			}
		}
	})
}
