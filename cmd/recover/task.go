package main

import (
	"errors"
	"fmt"
	"math"
	"time"

	"unroll/cmd/internal/cli"
	"unroll/l2o"
	"unroll/l2o/prox"
)

// A task is what was read: one matrix, one or more columns of data, a penalty.
type task struct {
	*settings
	a, y    *array
	design  *design
	penalty prox.Func
}

// An answer is one solution, in terms of the columns of A as they were.
type answer struct {
	problem   int     // column of y
	lambda    float64 // NaN for a penalty without
	top       float64 // λ_max; NaN for a penalty without
	x         []float64
	intercept float64
	elsewhere elsewhere
	choice    *choice // of λ by cross-validation; nil where it was not
	seconds   float64 // an equal share of those that its path took
	l2o.Solution
}

const (
	pathEnd = 1e-3 // last λ of a path, of λ_max
	cvSteps = 100  // λ on the path of cross-validation
)

// load reads all files and makes the problem.
func load(s *settings) (*task, error) {
	t := &task{settings: s}
	var err error
	if t.a, err = readArray(s.matrix, "A"); err != nil {
		return nil, err
	}
	if t.y, err = readArray(s.data, "y"); err != nil {
		return nil, err
	}
	if t.y.rows == 1 && t.a.rows == t.y.cols { // one problem, written in a row
		t.y.rows, t.y.cols, t.y.names = t.y.cols, 1, nil
	}
	if err := errors.Join(t.a.finite(), t.y.finite()); err != nil {
		return nil, err
	}
	switch {
	case t.y.rows != t.a.rows:
		return nil, fmt.Errorf("%s: %d rows, want %d as in %s", s.data, t.y.rows, t.a.rows, s.matrix)
	case s.choice == "path" && t.y.cols > 1:
		return nil, cli.Usagef("-path %d: %s has %d columns, and one is allowed for a path", s.path, s.data, t.y.cols)
	case s.choice == "cv" && s.folds > t.a.rows:
		return nil, cli.Usagef("-cv %d: at most the number of rows is allowed, %d", s.folds, t.a.rows)
	}
	if t.penalty, err = s.newPenalty(t.a.cols); err != nil {
		return nil, err
	}
	t.design = newDesign(t.a, nil, s.intercept, s.standardize)
	return t, nil
}

// column returns the data of one problem, of the given rows or of all for nil.
func (t *task) column(problem int, rows []int) []float64 {
	var y []float64
	if rows == nil {
		for i := range t.y.rows {
			y = append(y, t.y.data[i*t.y.cols+problem])
		}
	}
	for _, i := range rows {
		y = append(y, t.y.data[i*t.y.cols+problem])
	}
	return y
}

// solve finds every answer, problems side by side.
func (t *task) solve(w *watch) (*report, error) {
	start := time.Now()
	choices := make([]*choice, t.y.cols)
	if t.choice == "cv" {
		var err error
		if choices, err = t.crossValidate(w); err != nil {
			return nil, err
		}
	}
	w.expect(t.y.cols * max(t.path, 1))
	answers, failures := make([][]answer, t.y.cols), make([]error, t.y.cols)
	parallel(t.workers, t.y.cols, func(c int) { answers[c], failures[c] = t.one(c, choices[c], w) })
	r := &report{task: t}
	for c, err := range failures {
		if err != nil {
			return nil, err
		}
		r.answers = append(r.answers, answers[c]...)
	}
	r.seconds = time.Since(start).Seconds()
	return r, nil
}

// one solves the problem of one column of y.
func (t *task) one(problem int, chosen *choice, w *watch) ([]answer, error) {
	y, mean := t.design.centred(t.column(problem, nil))
	p := &l2o.Problem{A: t.design.ColMajor, Y: y, G: t.penalty}
	top, err := lambdaMax(p)
	if err != nil {
		return nil, err
	}
	lambdas := []float64{t.lambda}
	switch t.choice {
	case "lambda-ratio":
		lambdas[0] = t.ratio * top
	case "path":
		lambdas = geometric(top, t.path)
	case "cv":
		lambdas[0] = chosen.lambda
	}
	if t.settings.penalty == "box" {
		lambdas[0] = math.NaN()
	}
	_, sd := moments(y)
	if !t.intercept {
		sd = math.Sqrt(sumSquares(y) / float64(len(y)))
	}
	started := time.Now()
	solutions, err := t.solutions(p, lambdas, t.tol)
	if err != nil {
		return nil, err
	}
	w.done(len(lambdas))
	seconds := time.Since(started).Seconds() / float64(len(lambdas))
	answers := make([]answer, len(lambdas))
	for k, lambda := range lambdas {
		a := answer{problem: problem, lambda: lambda, top: top, choice: chosen, Solution: solutions[k],
			elsewhere: t.elsewhere(t.penalty, lambda, len(y), sd), seconds: seconds}
		a.x, a.intercept = t.design.original(solutions[k].X, mean)
		answers[k] = a
	}
	return answers, nil
}

// solutions solves p at every λ, each from the solution before where the solver can.
func (t *task) solutions(p *l2o.Problem, lambdas []float64, tol float64) ([]l2o.Solution, error) {
	solver, stop := solvers[t.solver], l2o.Stop{Gap: tol}
	g, family := p.G.(prox.Sparse)
	if warm, ok := solver.(l2o.Warm); ok && family {
		return l2o.Path(warm, p, lambdas, stop)
	}
	all := make([]l2o.Solution, len(lambdas))
	for k, lambda := range lambdas {
		q := *p
		if family {
			q.G = g.WithLambda(lambda)
		}
		var err error
		if all[k], err = l2o.Solve(solver, &q, stop); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// lambdaMax returns the smallest λ for which every unknown with a penalty is 0; NaN where there is none.
func lambdaMax(p *l2o.Problem) (float64, error) {
	if _, ok := p.G.(prox.Sparse); !ok {
		return math.NaN(), nil
	}
	return p.LambdaMax()
}

func sumSquares(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x * x
	}
	return s
}

// geometric returns so many λ in equal ratios from top down.
func geometric(top float64, steps int) []float64 {
	lambdas := make([]float64, steps)
	for k := range lambdas {
		lambdas[k] = top * math.Pow(pathEnd, float64(k)/float64(steps-1))
	}
	return lambdas
}
