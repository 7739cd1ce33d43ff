package eval

import (
	"slices"
	"testing"

	"unroll/data"
	"unroll/l2o/linop"
)

// Two columns at right angles explain y = (3, 4, 0) wholly; the third, which fits it best alone, is not among them.
func TestBestSupportByHand(t *testing.T) {
	a := &linop.Dense{M: 3, N: 3, Data: []float64{
		1, 0, 0.6,
		0, 1, 0.7,
		0, 0, 0.3,
	}}
	if got := bestSupport(a, []float64{3, 4, 0}, 2); !slices.Equal(got, []float64{3, 4, 0}) {
		t.Errorf("fit on the best pair is %v", got)
	}
	if got := bestSupport(a, []float64{3, 4, 0}, 1); got[2] == 0 || got[0] != 0 || got[1] != 0 {
		t.Errorf("fit on the best column is %v", got)
	}
}

func TestSupportsAreAllOfThem(t *testing.T) {
	seen := map[[3]int]bool{}
	for s := range supports(20, 3) {
		if !(0 <= s[0] && s[0] < s[1] && s[1] < s[2] && s[2] < 20) || seen[[3]int(s)] {
			t.Fatalf("%v is no new support", s)
		}
		seen[[3]int(s)] = true
	}
	if len(seen) != 1140 {
		t.Errorf("%d supports of 3 in 20, want 1140", len(seen))
	}
}

// Without noise the signal comes back, whatever the prompt, as soon as N > S.
func TestExactLimitIsTheSignal(t *testing.T) {
	d := data.SparseRecovery{D: 20, S: 3, N: 5, Values: data.Gaussian, Design: data.Gaussian}
	if e := slices.Max(exactErrors(d.Draw(1, data.Test, 0, 200), 3, 2).Data); e > 1e-16 {
		t.Errorf("the enumerated limit is off by %g", e)
	}
}
