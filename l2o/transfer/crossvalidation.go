package transfer

import (
	"fmt"
	"math"

	"unroll/l2o"
)

// CrossValidation chooses knobs and sources by data: the target's rows are cut into folds, every fold is predicted by both stages without
// it. There is no intercept: centre the columns and the responses of every data set.
type CrossValidation struct {
	Folds int    // 0 means 5
	Seed  uint64 // of the cut
}

// chosenStop is loose beside what cross-validation can tell apart: ‖A(x − x̂)‖² is at most twice the gap, 1e-5 of ‖y‖².
var chosenStop = l2o.Stop{Gap: 1e-5}

func (c CrossValidation) check(sets []DataSet) error {
	if err := checkSets(sets); err != nil {
		return err
	}
	if c.Folds < 0 || c.Folds == 1 {
		return &InputError{"cross-validation", "Folds", c.Folds, "at least 2, or 0 for 5"}
	}
	if m := len(sets[0].Y); m < c.folds() {
		return &InputError{"data set 1", "rows", m, fmt.Sprintf("at least %d, one for every fold", c.folds())}
	}
	return nil
}

func (c CrossValidation) folds() int {
	if c.Folds == 0 {
		return 5
	}
	return c.Folds
}

// losses holds the squared errors on held-out rows, (candidates, target rows).
type losses [][]float64

// best returns the candidate with the smallest mean loss, the first of equals.
func (l losses) best() int {
	at, low := 0, math.Inf(1)
	for i, row := range l {
		if v, _ := meanError(row); v < low {
			at, low = i, v
		}
	}
	return at
}

// excess is the mean of what a has above b, row by row, and its standard error.
func excess(a, b []float64) (mean, se float64) {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return meanError(d)
}

// meanError returns the mean and its standard error.
func meanError(v []float64) (mean, se float64) {
	for _, x := range v {
		mean += x
	}
	n := float64(len(v))
	mean /= n
	for _, x := range v {
		se += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(se / (n - 1) / n)
}
