package eval

import (
	"math"
	"testing"
)

func TestQuantileByHand(t *testing.T) {
	v := []float64{1, 2, 4, 8, 16}
	for _, c := range []struct{ p, want float64 }{
		{0, 1}, {1, 16}, {0.5, 4}, {0.25, 2},
		{0.99, 8 + 0.96*8}, // 0.99·4 = 3.96: between the fourth and the fifth
		{0.1, 1.4},
	} {
		if got := quantile(v, c.p); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("the %g-quantile of %v is %v, want %v", c.p, v, got, c.want)
		}
	}
	if got := quantile([]float64{3}, 0.99); got != 3 {
		t.Errorf("the 0.99-quantile of one value 3 is %v", got)
	}
}

// Nineteen errors of 1 and one of 81: the mean is 5, ten times the mean is 50, and one prompt lies above it. With ‖x*‖² = 50 the NMSE is
// 10·log₁₀(5/50) = −10 dB. The 99 % quantile sits at 0.99·19 = 18.81 between 1 and 81.
func TestSummaryByHand(t *testing.T) {
	squared := make([]float64, 20)
	for i := range squared {
		squared[i] = 1
	}
	squared[7] = 81
	s := summarise(squared, 50)
	if s.Mean != 5 || s.Median != 1 || s.Outliers != 1 || math.Abs(s.NMSE+10) > 1e-12 || math.Abs(s.Q99-(1+0.81*80)) > 1e-9 {
		t.Errorf("summary %+v", s)
	}
	if squared[7] != 81 || squared[19] != 1 {
		t.Error("the argument was reordered")
	}
	squared[7], squared[8] = 51, 31 // again of mean 5: one above 50, one below
	if s := summarise(squared, 50); s.Mean != 5 || s.Outliers != 1 {
		t.Errorf("of 18 × 1, 31 and 51: %+v", s)
	}
	squared[7], squared[8] = 1, 1
	if s := summarise(squared, 1); s.Outliers != 0 || s.NMSE != 0 {
		t.Errorf("of equal errors: %+v", s)
	}
}

// The deviations of 2, 4, 6 from 4 are −2, 0, 2: sd = √(8/2) = 2 and the standard error 2/√3.
func TestStandardErrorByHand(t *testing.T) {
	if got := standardError([]float64{2, 4, 6}); math.Abs(got-2/math.Sqrt(3)) > 1e-15 {
		t.Errorf("standard error %v, want 2/√3", got)
	}
}
