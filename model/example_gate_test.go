package model_test

import (
	"fmt"

	"unroll/model"
)

// A gate is calibrated on prompts whose signals are known, here 2,000 of six pairs, and then judges
// estimates of others: one like them, and one of a signal that is not sparse, for which its interval promises nothing and its flag rises.
func ExampleBound_Calibrate() {
	c := model.Config{D: 6, K: 12, Heads: 1, Width: 20, Hidden: 36, Embedding: model.Paired, Attention: model.Linear, Normalise: true,
		Saturate: 6, Start: model.Construction, Tau: 1, Theta: 0.01, Momentum: true, Precision: model.Float64}
	network, err := model.New(c, c.Init(1))
	if err != nil {
		panic(err)
	}
	x, y, beta := prompts(1, 2000, 6) // (B, n, d), (B, n), (B, d)
	gate, err := network.Calibrate(model.GateConfig{S: 2, Coverage: 0.9, Flagged: 0.25}, x, y, beta)
	if err != nil {
		panic(err)
	}
	ws, estimate := network.NewWorkspace(6), make([]float64, 6)
	rows := make([]float64, 6*6) // one pair for each unknown
	for i := range 6 {
		rows[i*6+i] = 1
	}
	for _, labels := range [][]float64{{2, 0, 0, -1, 0, 0}, {2, 3, -2, -3, 2, 3}} {
		network.Estimate(ws, estimate, rows, labels, nil)
		v := gate.Judge(rows, labels, estimate)
		fmt.Printf("error between %.1f and %.1f, use a classical solver: %t\n", v.Low, v.High, v.Classical)
	}
	// Output:
	// error between 0.0 and 0.0, use a classical solver: false
	// error between 4.4 and 10.4, use a classical solver: true
}
