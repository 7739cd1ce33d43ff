package kernel

import (
	"math"
	"testing"
)

// By hand for c = 2, and a NaN stays one.
func TestSaturate(t *testing.T) {
	testSaturate[float32](t, 1e-6)
	testSaturate[float64](t, 1e-15)
}

func testSaturate[F Float](t *testing.T, tolerance float64) {
	v := []F{0, 1.5, -2, 2, 3, -4, F(math.Inf(1)), F(math.Inf(-1)), F(math.NaN())}
	want := []float64{0, 1.5, -2, 2, 2 + math.Tanh(1), -2 - math.Tanh(2), 3, -3, math.NaN()}
	Saturate(v, 2)
	for i, x := range v {
		if got := float64(x); !(math.Abs(got-want[i]) <= tolerance*math.Abs(want[i])) && !(math.IsNaN(got) && math.IsNaN(want[i])) {
			t.Errorf("%T, number %d: %v, want %v", x, i, got, want[i])
		}
	}
}
