package engine

import (
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"
)

// One LISTA-CP layer forward and backward at the published size, 250×500 with a batch of 128 and selection of 7 %, in float32.
func BenchmarkUnrolledLayer(b *testing.B) {
	const batch, m, n = 128, 250, 500
	r := rand.New(rand.NewPCG(1, 2))
	random := func(size int, sd float64) []float32 {
		v := make([]float32, size)
		for i := range v {
			v[i] = float32(sd * r.NormFloat64())
		}
		return v
	}
	t, err := newThreshold[float32](batch, n, tensor.Shape{1}, 0.07)
	if err != nil {
		b.Fatal(err)
	}
	s := newUnrolledState(t, true, false, batch, m, n)
	s.y, s.w, s.theta, s.x, s.second = random(batch*m, 1), random(m*n, 0.06), []float32{1.5}, random(batch*n, 0.3), random(m*n, 0.06)
	g := random(batch*n, 1)
	for b.Loop() {
		s.forward()
		s.backward(g, false)
	}
}
