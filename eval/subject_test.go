package eval

import (
	"encoding/json"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/model"
)

// What training began at is the untrained network, unless that was another checkpoint, which this one does not hold.
func TestUntrained(t *testing.T) {
	c := model.Config{D: 6, K: 2, Heads: 1, Width: 20, Hidden: 24, Embedding: model.Paired, Attention: model.Linear, Normalise: true,
		Saturate: 4, Start: model.Random, Tau: 1, Theta: 0.02, Precision: model.Float64}
	for init, names := range map[string]int{model.Construction: 2, model.Random: 2, "icl-linear": 1} {
		config, err := json.Marshal(map[string]any{
			"recipe": "test", "model": c, "plan": map[string]any{"seed": 5, "init": init},
			"data": data.SparseRecovery{D: 6, S: 2, N: 5, Values: data.Gaussian, Design: data.Gaussian},
		})
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSubject(&checkpoints.File{Config: config, Params: c.Init(5)})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Learned(); len(got) != names || (s.Untrained != nil) != (names == 2) || len(s.Sections) != names {
			t.Errorf("init=%s: %d contestants and %d sections, want %d of each", init, len(got), len(s.Sections), names)
		}
	}
}
