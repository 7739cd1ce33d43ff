package eval

import (
	"math"
	"reflect"
	"testing"
)

// X = [1 1 0], y = 2: the solutions are (t, 2−t, ·), the smallest (1, 1, 0). With two rows more it is the only one.
func TestLeastNormByHand(t *testing.T) {
	for _, c := range []struct {
		n    int
		x, y []float64
		want []float64
	}{
		{1, []float64{1, 1, 0}, []float64{2}, []float64{1, 1, 0}},
		{4, []float64{1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 4}, []float64{3, 4, 6, 2}, []float64{3, 2, 1}}, // the last two rows disagree
	} {
		got, err := leastNorm(c.n, 3, c.x, c.y)
		if err != nil || math.Sqrt(distance2(got, c.want)) > 1e-14 {
			t.Errorf("least squares %v (%v), want %v", got, err, c.want)
		}
	}
}

// Without noise least squares predicts exactly from N = d pairs, the Lasso nearly; with fewer they are worse, and nothing depends on the workers.
func TestPredictionStudy(t *testing.T) {
	all := flagships(t)
	p := NewPrediction(all[0].Subject)
	p.Prompts, p.Workers = 60, 1
	r, err := p.Run(all)
	if err != nil {
		t.Fatal(err)
	}
	if want := 4 + 1 + len(gargAlphas); len(r.Methods) != want || len(r.Cells) != want || len(r.Cells[0]) != len(p.Lengths) {
		t.Fatalf("methods %v with %d rows", r.Methods, len(r.Cells))
	}
	last := len(p.Lengths) - 1
	for m, method := range r.Methods {
		short, long := r.Cells[m][0], r.Cells[m][last]
		switch {
		case !(short.CI.Lo <= short.Mean && short.Mean <= short.CI.Hi):
			t.Errorf("%s: %g outside %v", method, short.Mean, short.CI)
		case !(long.Mean < short.Mean) && method != "Lasso, λ = 1·N": // whose bias no length takes away
			t.Errorf("%s: %g at N = %d, %g at N = %d", method, short.Mean, p.Lengths[0], long.Mean, p.Lengths[last])
		case method == "least squares" && long.Mean > 1e-20, method == "Lasso, λ = 0.0001·N" && long.Mean > 1e-5:
			t.Errorf("%s: %g at N = %d", method, long.Mean, p.Lengths[last])
		}
	}
	p.Workers = 3
	again, err := p.Run(all)
	if err != nil {
		t.Fatal(err)
	}
	again.Study.Workers = 1
	if !reflect.DeepEqual(again, r) {
		t.Error("one worker and three found different numbers")
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}
