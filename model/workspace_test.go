package model_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unroll/model"
)

// Estimate is the last of Estimates, to the bit, for each prompt of a batch, whatever the workspace held before.
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
			ws := bound.NewWorkspace(n)
			for _, batch := range []int{1, 40, 3} { // 40 are several groups, the last one not full
				x, y, query := gaussian(r, batch*n*c.D), gaussian(r, batch*n), gaussian(r, batch*c.D)
				got, want := make([]float64, batch*c.D), make([]float64, batch*c.D)
				for i := range batch {
					bound.Estimates(x[i*n*c.D:(i+1)*n*c.D], y[i*n:(i+1)*n], query[i*c.D:(i+1)*c.D], func(k int, beta []float64) bool {
						copy(want[i*c.D:], beta)
						return true
					})
				}
				bound.Estimate(ws, got, x, y, query)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %v for %d prompts in a workspace, %v one by one", precision, got, batch, want)
				}
			}
		}
	})
}

// A prompt of no pairs has no weight 1/N for its keys; where the weight is another, it is a prompt as any.
func TestNoPairs(t *testing.T) {
	each(t, func(t *testing.T, c model.Config) {
		bound := bind(t, c, c.Init(1))
		refused := c.Embedding == model.Paired && !c.Normalise
		for name, call := range map[string]func(){
			"Estimates": func() {
				bound.Estimates(nil, nil, nil, func(_ int, beta []float64) bool {
					if distance(beta, beta) != 0 {
						t.Errorf("estimate %v", beta)
					}
					return true
				})
			},
			"NewWorkspace": func() { bound.NewWorkspace(0) },
		} {
			if message := panics(call); strings.HasPrefix(message, "model: a prompt of 0 pairs") != refused || strings.Contains(message, "\n") {
				t.Errorf("%s, normalised %t: %s panics with %q", c.Embedding, c.Normalise, name, message)
			}
		}
	})
}

// What does not belong together is a programmer's mistake.
func TestEstimateRefusesLengths(t *testing.T) {
	c := model.Config{D: 3, K: 1, Heads: 1, Width: 9, Hidden: 4, Embedding: model.Paired, Attention: model.Linear, Start: model.Random, Tau: 1,
		Precision: model.Float64}
	bound, err := model.New(c, c.Init(1))
	if err != nil {
		t.Fatal(err)
	}
	ws := bound.NewWorkspace(2)
	for _, sizes := range [][4]int{{7, 12, 4, 6}, {6, 11, 4, 6}, {6, 12, 3, 6}, {6, 12, 4, 3}, {3, 12, 4, 6}} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "model: estimates of") {
					t.Errorf("%v: panic %q", sizes, message)
				}
			}()
			bound.Estimate(ws, make([]float64, sizes[0]), make([]float64, sizes[1]), make([]float64, sizes[2]), make([]float64, sizes[3]))
		}()
	}
}
