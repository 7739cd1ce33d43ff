package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/l2o"
)

// A choice is the λ that cross-validation found for one problem.
type choice struct {
	lambda   float64
	mse      float64 // of predictions for the rows left out
	deviance float64 // standard error of that over the folds
	loose    int     // fits of all folds whose gap is above foldTol
}

const (
	foldTol = 1e-9 // relative gap in the folds: predictions move by its root, far less than by the choice of rows
	cvSeed  = 1    // of the folds
)

// crossValidate fits the path of λ without each fold in turn and predicts it; the λ with the least mean squared error is chosen, the
// largest of several. Rows go to folds by a permutation that depends on their number alone. A fit to m′ of m rows has m′/m of the λ.
func (t *task) crossValidate(w *watch) ([]*choice, error) {
	m, problems := t.a.rows, t.y.cols
	w.expect(problems * t.folds * cvSteps)
	order := rand.New(rand.NewPCG(cvSeed, uint64(m))).Perm(m)
	folds := make([][]float64, problems*t.folds) // squared errors, one a λ
	loose, failures := make([]int, len(folds)), make([]error, len(folds))
	paths := make([][]float64, problems)
	for c := range paths {
		y, _ := t.design.centred(t.column(c, nil))
		top, err := lambdaMax(&l2o.Problem{A: t.design.ColMajor, Y: y, G: t.penalty})
		if err != nil {
			return nil, err
		}
		paths[c] = geometric(top, cvSteps)
	}
	parallel(t.workers, len(folds), func(k int) {
		folds[k], loose[k], failures[k] = t.fold(k/t.folds, paths[k/t.folds], order, k%t.folds, w)
	})
	choices := make([]*choice, problems)
	for k, err := range failures {
		if err != nil {
			return nil, err
		}
		c := k / t.folds
		if choices[c] == nil {
			choices[c] = choose(paths[c], folds[c*t.folds:(c+1)*t.folds], foldSizes(m, t.folds))
		}
		choices[c].loose += loose[k]
	}
	return choices, nil
}

// fold returns the sum of squared errors in one fold for every λ, and how many fits were loose.
func (t *task) fold(problem int, lambdas []float64, order []int, fold int, w *watch) (squares []float64, loose int, err error) {
	var train, test []int
	for k, i := range order {
		if k%t.folds == fold {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	d := newDesign(t.a, train, t.intercept, t.standardize)
	y, mean := d.centred(t.column(problem, train))
	p := &l2o.Problem{A: d.ColMajor, Y: y, G: t.penalty}
	share := float64(len(train)) / float64(len(order))
	scaled := make([]float64, len(lambdas))
	for k, lambda := range lambdas {
		scaled[k] = lambda * share
	}
	solutions, err := t.solutions(p, scaled, foldTol)
	if err != nil {
		return nil, 0, err
	}
	w.done(len(lambdas))
	for _, solution := range solutions {
		if solution.Status != l2o.Converged {
			loose++
		}
		x, intercept := d.original(solution.X, mean)
		squares = append(squares, t.squaredError(problem, test, x, intercept))
	}
	return squares, loose, nil
}

func (t *task) squaredError(problem int, rows []int, x []float64, intercept float64) float64 {
	sum := 0.0
	for _, i := range rows {
		e := t.y.data[i*t.y.cols+problem] - intercept
		for j, v := range t.a.data[i*t.a.cols : (i+1)*t.a.cols] {
			e -= v * x[j]
		}
		sum += e * e
	}
	return sum
}

func foldSizes(m, folds int) []float64 {
	sizes := make([]float64, folds)
	for k := range m {
		sizes[k%folds]++
	}
	return sizes
}

// choose returns the λ with the least mean of squares over all rows. The standard error is that of the folds' means.
func choose(lambdas []float64, squares [][]float64, sizes []float64) *choice {
	rows := 0.0
	for _, n := range sizes {
		rows += n
	}
	errors := make([]float64, len(lambdas))
	for k := range lambdas {
		for f := range squares {
			errors[k] += squares[f][k] / rows
		}
	}
	best := slices.Index(errors, slices.Min(errors))
	spread := 0.0
	for f, n := range sizes {
		d := squares[f][best]/n - errors[best]
		spread += d * d
	}
	folds := float64(len(sizes))
	return &choice{lambda: lambdas[best], mse: errors[best], deviance: math.Sqrt(spread / (folds - 1) / folds)}
}
