package bilevel_test

import (
	"math"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/bilevel"
)

// Fold k holds out the rows i with i mod K = k and trains on the others.
func TestFolds(t *testing.T) {
	s := draw(1, 7, 1, 1, 5)
	cv, err := bilevel.NewCrossValidation(s.train, s.y, 3)
	if err != nil {
		t.Fatal(err)
	}
	for k, p := range cv.Problems() {
		var want []float64
		for i, v := range s.y {
			if i%3 != k {
				want = append(want, v)
			}
		}
		if m, _ := p.A.Dims(); m != len(want) || !slices.Equal(p.Y, want) {
			t.Errorf("fold %d trains on %d rows and y = %v, want %v", k, m, p.Y, want)
		}
	}
}

// A tied search ends where the criterion's slope and the tie's cancel, both by differences of certified values; a stronger tie stays nearer.
func TestTie(t *testing.T) {
	s := draw(2, 40, 30, 1, 30)
	start := math.Log(0.3 * s.lambdaMax())
	last := math.Inf(1)
	for _, tie := range []float64{0, 0.01, 0.1, 1} {
		r, err := bilevel.Search{Criterion: s.heldOut(), Start: []float64{start}, Tie: tie, Steps: 200, Tol: 1e-13}.Run()
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != l2o.Converged {
			t.Errorf("tie %g: %v after %d steps", tie, r.Status, r.Steps)
		}
		const h = 1e-4
		total := func(theta float64) float64 {
			v, _, _ := evaluate(t, s.heldOut(), []float64{theta})
			return v + 0.5*tie*(theta-start)*(theta-start)
		}
		slope := (total(r.Theta[0]+h) - total(r.Theta[0]-h)) / (2 * h)
		if far := math.Abs(r.Theta[0] - start); !(math.Abs(slope-r.Slope[0]) <= 1e-5) || !(far < last) {
			t.Errorf("tie %g: θ %g from the start, slope %g, by differences %g", tie, far, r.Slope[0], slope)
		} else {
			last = far
		}
	}
}
