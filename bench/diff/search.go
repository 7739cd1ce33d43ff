package main

import (
	_ "embed"
	"fmt"
	"math"

	"unroll/bench/internal/peer"
	"unroll/eval"
	"unroll/l2o"
	"unroll/l2o/bilevel"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
)

//go:embed cv.py
var cvScript string

const (
	cvPackages = "python3-sklearn"
	folds      = 5
)

// searches races a search for λ by five folds, and the fit at it, with LassoCV's grid of a hundred, on the diabetes data: two thirds of the rows to
// train on, every third row to judge by.
func searches(threads, rounds int, ratios *peer.Ratios) error {
	h, err := diabetes()
	if err != nil {
		return fmt.Errorf("no data: %w; on Debian: apt-get install %s", err, cvPackages)
	}
	var hello struct{ Version string }
	p, err := peer.StartWith(h.arrays(), cvScript, cvPackages, threads, &hello, h.train.M, h.rest.M, h.train.N, folds)
	if err != nil {
		return err
	}
	defer p.Close()
	x, lambda, solves := h.search()
	var theirs [2]float64
	if err := p.Ask(&theirs, "error"); err != nil {
		return err
	}
	times, err := peer.Interleave(rounds, 0.1, peer.Ours(threads, func() { h.search() }), p.Contender("fit"))
	if err != nil {
		return err
	}
	fmt.Printf("Diabetes, %d rows to train on, %d to judge by, %d folds; scikit-learn %s\n", h.train.M, h.rest.M, folds, hello.Version)
	fmt.Printf("%-28s %10s %10s %12s %10s\n", "", "min ms", "median ms", "error", "λ")
	ours := h.criterion().Judge([][]float64{x}, [][]float64{make([]float64, h.train.N)})
	fmt.Printf("%-28s %10.2f %10.2f %12.6g %10.4g   %d solutions\n", "ours, descent in log λ", 1e3*times[0].Min(), 1e3*times[0].Median(), ours, lambda, solves)
	fmt.Printf("%-28s %10.2f %10.2f %12.6g %10.4g   %d solutions\n\n", "LassoCV, a grid of 100", 1e3*times[1].Min(), 1e3*times[1].Median(), theirs[0], theirs[1], 100*folds+1)
	ratios.Add("cross_validation", times[1].Median()/times[0].Median())
	return nil
}

// search returns the fit at the λ that five folds like best, λ, and the number of solutions. A fold has fewer rows than the whole, and a smaller
// weight by as much.
func (h held) search() (x []float64, lambda float64, solves int) {
	cv, err := bilevel.NewCrossValidation(h.train, h.y, folds)
	if err != nil {
		panic(err)
	}
	r, err := bilevel.Search{Criterion: cv, Start: []float64{math.Log(0.05 * l2o.LambdaMax(h.train, h.y))}}.Run()
	if err != nil {
		panic(err)
	}
	lambda = math.Exp(r.Theta[0]) * folds / (folds - 1)
	x, _, _ = diff.Solve(diff.Lasso(h.train.M, h.train.N, h.train.Data, h.y, lambda), nil) // a kink is no obstacle to the fit
	return x, lambda, r.Solves + 1
}

// diabetes splits the data set.
func diabetes() (held, error) {
	p, err := eval.Diabetes()
	if err != nil {
		return held{}, err
	}
	a := p.A.(*linop.Dense)
	h := held{train: &linop.Dense{N: a.N}, rest: &linop.Dense{N: a.N}}
	for i, y := range p.Y {
		part, values := h.train, &h.y
		if i%3 == 2 {
			part, values = h.rest, &h.b
		}
		part.M++
		for _, v := range a.Data[i*a.N : (i+1)*a.N] {
			part.Data = append(part.Data, float64(float32(v)))
		}
		*values = append(*values, float64(float32(y)))
	}
	return h, nil
}
