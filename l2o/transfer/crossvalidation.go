package transfer

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/l2o"
	"unroll/l2o/linop"
)

// CrossValidation chooses knobs and sources by data: the target's rows are cut into folds, every fold is predicted by both stages without
// it, and λ's shrink with the rows that are left. There is no intercept: centre the columns and the responses of every data set.
type CrossValidation struct {
	Folds int    // 0 means 5
	Seed  uint64 // of the cut
}

// chosenStop is loose beside what cross-validation can tell apart.
var chosenStop = l2o.Stop{Gap: 1e-6}

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

// losses predicts every row of the target by every knob of the list, fitted without the row's fold.
func (c CrossValidation) losses(sets []DataSet, list []TwoStage) (losses, error) {
	m := len(sets[0].Y)
	all := 0
	for _, d := range sets {
		all += len(d.Y)
	}
	order := rand.New(rand.NewPCG(c.Seed, 0)).Perm(m)
	out := make(losses, len(list))
	for i := range out {
		out[i] = make([]float64, m)
	}
	for f := range c.folds() {
		lo, hi := f*m/c.folds(), (f+1)*m/c.folds()
		held := order[lo:hi]
		kept := append(append([]int(nil), order[:lo]...), order[hi:]...)
		train := append([]DataSet{rowsOf(sets[0], kept)}, sets[1:]...)
		test := rowsOf(sets[0], held)
		shareFirst, shareLast := float64(all-len(held))/float64(all), float64(len(kept))/float64(m)
		scaled := make([]TwoStage, len(list))
		for i, s := range list {
			scaled[i] = TwoStage{s.Lambda1 * shareFirst, s.Lambda2 * shareLast, s.Kappa, s.DeltaLambda * shareLast}
		}
		z := make([]float64, len(held))
		err := newTasks(train, chosenStop).each(scaled, func(i int, fit Fit) {
			test.A.Apply(z, fit.W)
			for r, row := range held {
				d := test.Y[r] - z[r]
				out[i][row] = d * d
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rowsOf copies some rows of a data set.
func rowsOf(d DataSet, rows []int) DataSet {
	m, n := d.A.Dims()
	a := &linop.ColMajor{M: len(rows), N: n, Data: make([]float64, len(rows)*n)}
	column, y := make([]float64, m), make([]float64, len(rows))
	for j := range n {
		d.A.Column(column, j)
		for r, i := range rows {
			a.Data[j*len(rows)+r] = column[i]
		}
	}
	for r, i := range rows {
		y[r] = d.Y[i]
	}
	return DataSet{a, y}
}

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
