package bilevel_test

import (
	"math"
	"slices"
	"testing"

	"unroll/l2o"
	"unroll/l2o/bilevel"
	"unroll/l2o/linop"
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

// A steep loss is the squared one that says it were four times as flat as it is: steps of 1/L are four times too long.
type steep struct{ l2o.Squared }

func (steep) Curvature() float64 { return 0.25 }

// An inner iteration that diverges is a status, with the last θ at which it did not. Of A = diag(1, 3) and y = (10, 1) the first unknown is
// 10 − λ, by steps of 4/9, and the second 0 as long as λ ≥ 3; then those steps are four times 1/9. Rows that ask for 10 lead λ there from 5.
func TestInnerDivergence(t *testing.T) {
	a, b := &linop.Dense{M: 2, N: 2, Data: []float64{1, 0, 0, 3}}, &linop.Dense{M: 1, N: 2, Data: []float64{1, 0}}
	c := bilevel.HeldOut{Train: &l2o.Problem{A: a, Y: []float64{10, 1}, Loss: steep{}}, B: b, Y: []float64{10}}
	s := bilevel.Search{Criterion: c, Inner: bilevel.Inner{Iterations: 200}, Start: []float64{math.Log(5)}}
	r, err := s.Run()
	if err != nil || r.Status != l2o.Diverged || r.Steps < 1 || len(r.X) != 1 {
		t.Fatalf("%+v, error %v", r, err)
	}
	if lambda := math.Exp(r.Theta[0]); !(lambda >= 3 && lambda < 4) || !(math.Abs(r.X[0][0]-(10-lambda)) <= 1e-9) || r.X[0][1] != 0 || !(math.Abs(r.Value-lambda*lambda) <= 1e-7) || len(r.Slope) != 1 {
		t.Errorf("λ = %g, %+v", lambda, r)
	}
	s.Start[0] = 0 // λ = 1
	if r, err = s.Run(); err != nil || r.Status != l2o.Diverged || r.Theta[0] != 0 || r.X != nil || r.Slope != nil {
		t.Errorf("from the start: %+v, error %v", r, err)
	}
	if r, err = bilevel.Evaluate(c, s.Inner, s.Start); err != nil || r.Status != l2o.Diverged || r.Theta[0] != 0 || r.X != nil || r.Slope != nil {
		t.Errorf("evaluated: %+v, error %v", r, err)
	}
}
