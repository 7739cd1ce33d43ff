package graph_test

import (
	"testing"

	"unroll/model"
	"unroll/model/graph"
)

// One step, forward and backward, of batch 64 at d=20, N=10, K=12 in float32: fused against stock ops.
func BenchmarkStep(b *testing.B) {
	c := model.Config{D: 20, K: 12, Heads: 2, Hidden: 160, Embedding: model.Paired, Attention: model.Linear, Normalise: true,
		Saturate: 5, Start: model.Construction, Tau: 1, Theta: 0.05, Momentum: true, Precision: model.Float32}
	c.Width = c.Fixed() + 2*c.D + 2
	for name, f := range map[string]build{"fused": graph.Transformer.Graph, "plain": graph.Transformer.Plain} {
		b.Run(name, func(b *testing.B) {
			m := compile[float32](b, c, c.Init(1), draw(1, 64, 10, c.D), f)
			b.ReportAllocs()
			for b.Loop() {
				if err := m.machine.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
